import { wholeNumber } from '../../kit/http/form'
import { notFound } from '../../kit/http/problem'
import { action, creation, json, listOf } from '../../kit/operation'
import { settingsPath } from '../books/form'
import { showBanAgain } from './ban-pages'
import { banIn, banOut, listBans as list, planBan, refuseWideBan, removeBan as remove, toBan } from './bans'

/* The operations on bans. */

export const listBans = action({
  call: 'GET /api/books/{slug}/bans',
  may: ['read', 'moderate'],
  summary: 'List the bans of a book',
  gives: { 200: json(listOf(banOut), 'All current bans.') },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (bans) => ({ data: bans.map(toBan) }),
})

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

export const removeBan = action({
  call: 'DELETE /api/books/{slug}/bans/{id}',
  may: 'moderate',
  act: 'ban.removed',
  summary: 'Remove a ban',
  gives: { 204: { description: 'Removed.' } },
  run: async ({ env, now, params }) => {
    if (!(await remove(env, params.slug, params.id, now))) throw notFound('ban')
  },
  form: {
    at: '/books/:slug/bans/:id/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/bans?done=ban_removed`,
  },
})
