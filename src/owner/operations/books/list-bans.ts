import { banOut, listBans as list, toBan } from '../../../guestbook/moderation/bans'
import { action, json, listOf } from '../../../kit/operation'

export const listBans = action({
  call: 'GET /api/books/{slug}/bans',
  may: ['read', 'moderate'],
  summary: 'List the bans of a book',
  noTool: 'rare',
  gives: { 200: json(listOf(banOut), 'All current bans.') },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (bans) => ({ data: bans.map(toBan) }),
})
