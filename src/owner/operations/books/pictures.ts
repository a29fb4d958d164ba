import { requireOwner } from '../../../access/owner-auth'
import { settingsPath } from '../../../guestbook/books/form'
import {
  changePicture as change,
  listPictures as list,
  planPicture,
  removePicture as remove,
} from '../../../guestbook/pictures/manage'
import { showPictures } from '../../../guestbook/pictures/pages'
import { pictureChange, pictureIn, pictureOut, toPicture } from '../../../guestbook/pictures/schemas'
import { excludeSite } from '../../../guestbook/wall/manage'
import { MIB } from '../../../kit/lib/amounts'
import { action, creation, doc, documented, json } from '../../../kit/operation'
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

export const addPicture = creation({
  call: 'POST /api/books/{slug}/pictures',
  act: 'picture.added',
  guard: requireOwner,
  ...doc({
    summary: 'Add a picture',
    description: 'The file is checked, and stored as it is. SVG is refused.',
    refusals: [409, 413],
    noTool: 'setup',
  }),
  takes: pictureIn,
  gives: { 201: json(pictureOut, doc('The picture.')) },
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

export const changePicture = action({
  call: 'PATCH /api/books/{slug}/pictures/{id}',
  act: 'picture.updated',
  guard: requireOwner,
  ...doc({ summary: 'Change a picture', noTool: 'setup' }),
  takes: pictureChange,
  gives: { 200: json(pictureOut, doc('The picture.')) },
  run: ({ env, now, params }, input) => change(env, params, input, now),
  show: (picture, { params, linkOrigin }) => toPicture(params.slug, picture, linkOrigin()),
  form: {
    at: '/books/:slug/pictures/:id',
    read: (form) => ({ use: form.get('use'), alt: form.get('alt') }),
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/pictures?done=changed`,
  },
})

export const removePicture = action({
  call: 'DELETE /api/books/{slug}/pictures/{id}',
  act: 'picture.removed',
  guard: requireOwner,
  ...doc({ summary: 'Remove a picture', noTool: 'setup' }),
  gives: { 204: { description: doc('Removed.') } },
  run: ({ env, now, params }) => remove(env, params, now),
  form: {
    at: '/books/:slug/pictures/:id/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/pictures?done=removed`,
  },
})

export const removeButton = action({
  call: 'DELETE /api/books/{slug}/buttons/{host}',
  act: 'button.removed',
  guard: requireOwner,
  ...doc({
    summary: 'Remove a button from the wall',
    description: 'Adds the site to `wall_excluded`, so its button is not fetched again.',
    refusals: [422],
    noTool: 'setup',
  }),
  gives: { 204: { description: doc('Removed.') } },
  run: ({ env, now, params }) => excludeSite(env, params.slug, params.host, now),
  form: {
    at: '/books/:slug/wall/:host/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/wall?done=button_removed`,
  },
})
