import { settingsPath } from '../../../guestbook/books/form'
import { removePicture as remove } from '../../../guestbook/pictures/manage'
import { action } from '../../../kit/operation'

export const removePicture = action({
  call: 'DELETE /api/books/{slug}/pictures/{id}',
  may: 'write',
  act: 'picture.removed',
  summary: 'Remove a picture',
  noTool: 'setup',
  gives: { 204: { description: 'Removed.' } },
  run: ({ env, now, params }) => remove(env, params, now),
  form: {
    at: '/books/:slug/pictures/:id/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/pictures?done=removed`,
  },
})
