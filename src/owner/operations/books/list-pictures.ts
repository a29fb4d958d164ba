import { requireOwner } from '../../../access/owner-auth'
import { listPictures as list } from '../../../guestbook/pictures/manage'
import { pictureOut, toPicture } from '../../../guestbook/pictures/schemas'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

const listPicturesOut = documented(null, () => z.object({ data: z.array(pictureOut) }))

export const listPictures = action({
  call: 'GET /api/books/{slug}/pictures',
  guard: requireOwner,
  ...doc({ summary: 'List the pictures of a book', noTool: 'setup' }),
  gives: { 200: json(listPicturesOut, doc('All pictures.')) },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (pictures, { params, linkOrigin }) => ({
    data: pictures.map((one) => toPicture(params.slug, one, linkOrigin())),
  }),
})
