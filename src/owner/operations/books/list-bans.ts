import { requireOwner } from '../../../access/owner-auth'
import { banOut, listBans as list, toBan } from '../../../guestbook/moderation/bans'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

const listBansOut = documented(null, () => z.object({ data: z.array(banOut) }))

export const listBans = action({
  call: 'GET /api/books/{slug}/bans',
  guard: requireOwner,
  ...doc({ summary: 'List the bans of a book', noTool: 'rare' }),
  gives: { 200: json(listBansOut, doc('All current bans.')) },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (bans) => ({ data: bans.map(toBan) }),
})
