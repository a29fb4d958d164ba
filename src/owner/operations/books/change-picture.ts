import { settingsPath } from '../../../guestbook/books/form'
import { changePicture as change } from '../../../guestbook/pictures/manage'
import { pictureChange, pictureOut, toPicture } from '../../../guestbook/pictures/schemas'
import { isChanged } from '../../../kit/lib/changed'
import { action, json } from '../../../kit/operation'

export const changePicture = action({
  call: 'PATCH /api/books/{slug}/pictures/{id}',
  may: 'write',
  act: 'picture.updated',
  summary: 'Change a picture',
  noTool: 'setup',
  takes: pictureChange,
  gives: { 200: json(pictureOut, 'The picture.') },
  run: ({ env, now, params }, input) => change(env, params, input, now),
  changes: ({ before, picture }) => isChanged(before, picture),
  show: ({ picture }, { params, linkOrigin }) => toPicture(params.slug, picture, linkOrigin()),
  form: {
    at: '/books/:slug/pictures/:id',
    read: (form) => ({ use: form.get('use'), alt: form.get('alt') }),
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/pictures?done=changed`,
  },
})
