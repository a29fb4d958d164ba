import { requireOwner } from '../../../access/owner-auth'
import { listPictures as list } from '../../../guestbook/pictures/manage'
import { pictureOut, toPicture } from '../../../guestbook/pictures/schemas'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

export const listPictures = action({
  call: 'GET /api/books/{slug}/pictures',
  guard: requireOwner,
  ...doc({ tag: 'Books', summary: 'List the pictures of a book', refusals: [401, 404], noTool: 'setup' }),
  gives: {
    200: json(
      documented(null, () => z.object({ data: z.array(pictureOut) })),
      doc('All pictures.')
    ),
  },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (pictures, { params, linkOrigin }) => ({
    data: pictures.map((one) => toPicture(params.slug, one, linkOrigin())),
  }),
})
