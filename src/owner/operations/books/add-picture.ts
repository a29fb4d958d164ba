import { settingsPath } from '../../../guestbook/books/form'
import { planPicture } from '../../../guestbook/pictures/manage'
import { showPictures } from '../../../guestbook/pictures/pages'
import { pictureIn, pictureOut, toPicture } from '../../../guestbook/pictures/schemas'
import { MIB } from '../../../kit/lib/amounts'
import { creation, json } from '../../../kit/operation'

export const addPicture = creation({
  call: 'POST /api/books/{slug}/pictures',
  may: 'write',
  act: 'picture.added',
  summary: 'Add a picture',
  description: 'The file is checked, then stored unchanged. SVG files are refused.',
  refusals: [409, 410],
  noTool: 'setup',
  takes: pictureIn,
  gives: { 201: json(pictureOut, 'The picture.') },
  once: 'pictures',
  plan: ({ env, now, params }, input) => planPicture(env, params.slug, input, now),
  show: (picture, { params, linkOrigin }) => toPicture(params.slug, picture, linkOrigin()),
  form: {
    at: '/books/:slug/pictures',
    // Far more than is accepted, so that the form says what is wrong with a photo.
    maxBytes: 16 * MIB,
    hasFile: true,
    read: (form) => Object.fromEntries(['content', 'use', 'alt'].map((name) => [name, form.get(name) ?? ''])),
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/pictures?done=uploaded`,
    refused: showPictures,
  },
})
