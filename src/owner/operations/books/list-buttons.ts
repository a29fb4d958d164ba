import { requireOwner } from '../../../access/owner-auth'
import { listSites } from '../../../guestbook/wall/manage'
import { buttonOut, toButton } from '../../../guestbook/wall/schemas'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

export const listButtons = action({
  call: 'GET /api/books/{slug}/buttons',
  guard: requireOwner,
  ...doc({ tag: 'Books', summary: 'List the buttons of the wall', refusals: [401, 404], noTool: 'setup' }),
  gives: {
    200: json(
      documented(null, () => z.object({ data: z.array(buttonOut) })),
      doc('The sites of guests, the latest first.')
    ),
  },
  run: ({ env, now, params }) => listSites(env, params.slug, now),
  show: (sites, { params, linkOrigin }) => ({ data: sites.map((one) => toButton(params.slug, one, linkOrigin())) }),
})
