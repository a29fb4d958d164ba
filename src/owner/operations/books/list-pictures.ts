import { listPictures as list } from '../../../guestbook/pictures/manage'
import { pictureOut, toPicture } from '../../../guestbook/pictures/schemas'
import { action, json, listOf } from '../../../kit/operation'

export const listPictures = action({
  call: 'GET /api/books/{slug}/pictures',
  may: ['read', 'moderate'],
  summary: 'List the pictures of a book',
  noTool: 'setup',
  gives: { 200: json(listOf(pictureOut), 'All pictures.') },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (pictures, { params, linkOrigin }) => ({
    data: pictures.map((one) => toPicture(params.slug, one, linkOrigin())),
  }),
})
