import { showBanAgain } from '../../../guestbook/bans-pages'
import { settingsPath } from '../../../guestbook/books/form'
import { banIn, banOut, planBan, refuseWideBan, toBan } from '../../../guestbook/moderation/bans'
import { wholeNumber } from '../../../kit/http/form'
import { creation, json } from '../../../kit/operation'

function readBan(form: URLSearchParams) {
  const days = form.get('days')?.trim()
  const comment_id = form.get('comment_id')
  return {
    by: form.get('by'),
    ...(comment_id ? { comment_id } : { value: form.get('value') ?? '' }),
    days: days ? wholeNumber(days) : null,
  }
}

export const banGuest = creation({
  call: 'POST /api/books/{slug}/bans',
  may: 'moderate',
  act: 'ban.created',
  summary: 'Ban a guest',
  description: 'New entries of the guest become spam until the ban ends. Earlier entries do not change.',
  refusals: [409, 410],
  noTool: 'rare',
  takes: banIn,
  gives: { 201: json(banOut, 'The ban.') },
  once: 'bans',
  plan: ({ env, now, params }, input) => planBan(env, params.slug, input, now),
  changes: ({ hasChanged }) => hasChanged,
  show: (ban) => toBan(ban),
  form: {
    at: '/books/:slug/bans',
    read: readBan,
    // A ban from an entry needs no check: the owner is looking at the entry.
    async check({ env, now, params }, form) {
      const given = banIn.safeParse(readBan(form))
      if (!given.success || form.has('confirmed') || form.get('comment_id')) return
      await refuseWideBan(env, params.slug ?? '', given.data, now)
    },
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/bans?done=banned`,
    refused: showBanAgain,
  },
})
