import { requireOwner } from '../../../access/owner-auth'
import { banOut, listBans as list, toBan } from '../../../guestbook/moderation/bans'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

export const listBans = action({
  call: 'GET /api/books/{slug}/bans',
  guard: requireOwner,
  ...doc({ tag: 'Bans', summary: 'List the bans of a book', refusals: [401, 404], noTool: 'rare' }),
  gives: {
    200: json(
      documented(null, () => z.object({ data: z.array(banOut) })),
      doc('All bans that have not ended.')
    ),
  },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (bans) => ({ data: bans.map(toBan) }),
})
