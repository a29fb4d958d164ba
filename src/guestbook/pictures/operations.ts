import { MIB } from '../../kit/lib/amounts'
import { isChanged } from '../../kit/lib/changed'
import { action, creation, json, listOf } from '../../kit/operation'
import { settingsPath } from '../books/form'
import { changePicture as change, listPictures as list, planPicture, removePicture as remove } from './manage'
import { showPictures } from './pages'
import { pictureChange, pictureIn, pictureOut, toPicture } from './schemas'

/* The operations on a book's own pictures. */

export const listPictures = action({
  call: 'GET /api/books/{slug}/pictures',
  may: ['read', 'moderate'],
  summary: 'List the pictures of a book',
  gives: { 200: json(listOf(pictureOut), 'All pictures.') },
  run: ({ env, now, params }) => list(env, params.slug, now),
  show: (pictures, { params, linkOrigin }) => ({
    data: pictures.map((one) => toPicture(params.slug, one, linkOrigin())),
  }),
})

export const addPicture = creation({
  call: 'POST /api/books/{slug}/pictures',
  may: 'write',
  act: 'picture.added',
  summary: 'Add a picture',
  description: 'The file is checked, then stored unchanged. SVG files are refused.',
  refusals: [409, 410],
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

export const changePicture = action({
  call: 'PATCH /api/books/{slug}/pictures/{id}',
  may: 'write',
  act: 'picture.updated',
  summary: 'Change a picture',
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

export const removePicture = action({
  call: 'DELETE /api/books/{slug}/pictures/{id}',
  may: 'write',
  act: 'picture.removed',
  summary: 'Remove a picture',
  gives: { 204: { description: 'Removed.' } },
  run: ({ env, now, params }) => remove(env, params, now),
  form: {
    at: '/books/:slug/pictures/:id/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/pictures?done=removed`,
  },
})
