import * as z from 'zod'
import { noToken, recognizeOwner } from '../../access/owner-auth'
import { all } from '../../kit/db/statements'
import { OWNER } from '../../kit/http/openapi'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf } from '../../kit/lib/time'
import { action, creation, json, listQuery, pageOf } from '../../kit/operation'
import { excludeSite } from '../wall/manage'
import { readBook } from './cache'
import { readChanges, savedPath, settingsPath } from './form'
import {
  changeBook as change,
  describeBookChange,
  planBook,
  refuseTakenSlug,
  deleteBook as remove,
  restoreBook as restore,
} from './manage'
import { readNewBook, showBookSettings, showBooks } from './pages'
import { bookChange, bookIn, bookOut, bookSettingsOut, toBookOut, toBookSettings } from './schemas'
import { LIST_BOOKS, LIST_DELETED, RESTORABLE_MS } from './store'

/* The operations on books. */

export const createBook = creation({
  call: 'POST /api/books',
  may: 'write',
  act: 'book.created',
  summary: 'Create a book',
  refusals: [409],
  takes: bookIn,
  gives: { 201: json(bookSettingsOut, 'The book.') },
  once: 'books',
  plan: async ({ env, now }, input) => {
    const { row, statement } = planBook(env, input, now)
    return { result: row, statements: [statement], write: (batch) => refuseTakenSlug(row.slug, batch) }
  },
  show: (row, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  subject: ({ slug }) => slug,
  form: {
    at: '/books',
    read: (form) => readNewBook(form),
    next: ({ slug }) => `${settingsPath(slug)}?done=created`,
    refused: showBooks,
  },
})

const query = listQuery.extend({
  cursor: z.string().max(100).optional(),
  deleted: z
    .enum(['true'])
    .optional()
    .describe('`true` lists the deleted books that can still be restored. Owner only.'),
})

const listBooksOut = pageOf(bookSettingsOut.or(bookOut), 'BookPage')

/** Anyone can read them, from any site. The owner sees all settings. */
export const listBooks = action({
  call: 'GET /api/books',
  may: ['read', 'moderate'],
  guard: recognizeOwner,
  security: [{}, ...OWNER],
  summary: 'List books, sorted by slug',
  refusals: [422],
  query,
  gives: { 200: json(listBooksOut, 'A page of books.') },
  run: ({ env, actor, query: { limit, cursor: after = '', deleted } }) => {
    if (deleted && !actor) throw noToken()
    const list = deleted ? LIST_DELETED : LIST_BOOKS
    return all(list(env, { after, limit: limit + 1 }))
  },
  show: async (rows, { env, actor, query: { limit }, linkOrigin }) => {
    const show = actor ? toBookSettings : toBookOut
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? (page.at(-1)?.slug ?? null) : null
    const data: Awaited<ReturnType<typeof show>>[] = []
    // One after the other, so that the file of a language is read once.
    for (const row of page) data.push(await show(env, row, linkOrigin()))
    return { data, next }
  },
})

const getBookOut = bookSettingsOut.or(bookOut)

export const getBook = action({
  call: 'GET /api/books/{slug}',
  may: ['read', 'moderate'],
  guard: recognizeOwner,
  security: [{}, ...OWNER],
  summary: 'Get a book',
  gives: { 200: json(getBookOut, 'The book.') },
  run: ({ env, now, params }) => readBook(env, params.slug, now),
  show: (row, { env, actor, linkOrigin }) => (actor ? toBookSettings : toBookOut)(env, row, linkOrigin()),
})

export const changeBook = action({
  call: 'PATCH /api/books/{slug}',
  may: 'write',
  act: 'book.updated',
  summary: 'Change a book',
  takes: bookChange,
  gives: { 200: json(bookSettingsOut, 'The book.') },
  run: ({ env, now, params }, input) => change(env, params.slug, input, now),
  details: describeBookChange,
  show: ({ row }, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  form: [
    {
      at: '/books/:slug',
      read: async (form, { env, now, params }) => readChanges(form, await readBook(env, params.slug, now)),
      next: ({ before }, { body }) => savedPath(before, Object.keys(body)),
      refused: showBookSettings,
    },
    // Preview pages send this form.
    {
      at: '/books/:slug/theme',
      read: (form) => ({ theme: form.get('theme') }),
      next: ({ before }) => savedPath(before, ['theme']),
    },
  ],
})

export const deleteBook = action({
  call: 'DELETE /api/books/{slug}',
  may: 'write',
  act: 'book.deleted',
  summary: 'Delete a book and its entries',
  description: `The book disappears immediately. You can restore it within ${aSpanOf(RESTORABLE_MS)}. The main book cannot be deleted.`,
  refusals: [409],
  query: z.object({
    confirm: z
      .string()
      .trim()
      .max(100)
      .optional()
      .describe('The slug again, as confirmation. Required if the book has entries.'),
  }),
  gives: { 204: { description: 'Deleted.' } },
  run: ({ env, now, params, query: { confirm }, linkOrigin }) =>
    remove(env, params.slug, { confirm, origin: linkOrigin() }, now),
  form: {
    at: '/books/:slug/delete',
    next: () => `${DASHBOARD.books}?done=deleted`,
    refused: (c, refusal) => showBookSettings(c, refusal),
  },
})

export const restoreBook = action({
  call: 'POST /api/books/{slug}/restore',
  may: 'write',
  act: 'book.restored',
  summary: 'Restore a deleted book',
  description:
    'A day after the deletion, the entries of the book are removed for good. From then on, this call responds with 410.',
  refusals: [410],
  gives: { 200: json(bookSettingsOut, 'The book.') },
  run: ({ env, now, params }) => restore(env, params.slug, now),
  show: (row, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  form: { at: '/books/:slug/restore', next: () => `${DASHBOARD.books}?done=restored` },
})

export const removeButton = action({
  call: 'DELETE /api/books/{slug}/buttons/{host}',
  may: 'write',
  act: 'button.removed',
  summary: 'Remove a button from the wall',
  description: 'Adds the site to `wall_excluded`, so its button is not fetched again.',
  refusals: [422],
  gives: { 204: { description: 'Removed.' } },
  run: ({ env, now, params }) => excludeSite(env, params.slug, params.host, now),
  changes: (isNew) => isNew,
  form: {
    at: '/books/:slug/wall/:host/remove',
    next: (_, { asked }) => `${settingsPath(asked.params.slug)}/wall?done=button_removed`,
  },
})
