import { recognizeOwner, requireOwner } from '../../../access/owner-auth'
import { readBook } from '../../../guestbook/books/cache'
import { readChanges, savedPath, settingsPath } from '../../../guestbook/books/form'
import {
  changeBook as change,
  describeChange,
  planBook,
  refuseIfTaken,
  deleteBook as remove,
  restoreBook as restore,
} from '../../../guestbook/books/manage'
import { readNewBook, showBook, showBooks } from '../../../guestbook/books/pages'
import {
  bookChange,
  bookIn,
  bookOut,
  bookSettingsOut,
  toBookOut,
  toBookSettings,
} from '../../../guestbook/books/schemas'
import { LIST_BOOKS, LIST_DELETED, RESTORABLE_MS } from '../../../guestbook/books/store'
import { all } from '../../../kit/db/statements'
import { aSpanOf } from '../../../kit/lib/time'
import { action, creation, described, doc, documented, json, listQuery, pageOf } from '../../../kit/operation'
import * as z from '../../../zod'

const query = listQuery.extend({
  cursor: z.string().max(100).optional(),
  deleted: z.enum(['true']).optional().openapi(described('Only books that can be restored. Only for the owner.')),
})

/** Anyone can read them, from any site. The owner sees all settings. */
const listBooksOut = documented(null, () => pageOf(bookSettingsOut.or(bookOut), 'BookPage'))

export const listBooks = action({
  call: 'GET /api/books',
  guard: recognizeOwner,
  security: [],
  ...doc({ summary: 'List books, by slug', refusals: [422], noTool: 'rare' }),
  query,
  gives: { 200: json(listBooksOut, doc('A page of books.')) },
  run: ({ env, actor, query: { limit, cursor: after = '', deleted } }) => {
    const list = deleted && actor ? LIST_DELETED : LIST_BOOKS
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

export const createBook = creation({
  call: 'POST /api/books',
  act: 'book.created',
  guard: requireOwner,
  ...doc({ summary: 'Create a book', refusals: [409], noTool: 'setup' }),
  takes: bookIn,
  gives: { 201: json(bookSettingsOut, doc('The book.')) },
  once: 'books',
  plan: async ({ env, now }, input) => {
    const { row, statement } = planBook(env, input, now)
    return { result: row, statements: [statement], write: (batch) => refuseIfTaken(row.slug, batch) }
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

const getBookOut = documented(null, () => bookSettingsOut.or(bookOut))

export const getBook = action({
  call: 'GET /api/books/{slug}',
  guard: recognizeOwner,
  security: [],
  ...doc({ summary: 'Get a book', noTool: 'rare' }),
  gives: { 200: json(getBookOut, doc('The book.')) },
  run: ({ env, now, params }) => readBook(env, params.slug, now),
  show: (row, { env, actor, linkOrigin }) => (actor ? toBookSettings : toBookOut)(env, row, linkOrigin()),
})

export const changeBook = action({
  call: 'PATCH /api/books/{slug}',
  act: 'book.updated',
  guard: requireOwner,
  ...doc({ summary: 'Change a book', noTool: 'setup' }),
  takes: bookChange,
  gives: { 200: json(bookSettingsOut, doc('The book.')) },
  run: ({ env, now, params }, input) => change(env, params.slug, input, now),
  details: describeChange,
  show: ({ row }, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  form: [
    {
      at: '/books/:slug',
      read: async (form, { env, now, params }) => readChanges(form, await readBook(env, params.slug, now)),
      next: ({ before }, { body }) => savedPath(before, Object.keys(body)),
      refused: showBook,
    },
    // From a preview, or to undo a choice. The button that was pressed stands after the hidden field.
    {
      at: '/books/:slug/theme',
      read: (form) => ({ theme: form.getAll('theme').at(-1) }),
      next: ({ before }) => savedPath(before, ['theme']),
    },
  ],
})

export const deleteBook = action({
  call: 'DELETE /api/books/{slug}',
  act: 'book.deleted',
  guard: requireOwner,
  ...doc(() => ({
    summary: 'Delete a book and its entries',
    description: `The book disappears at once, and can be restored for ${aSpanOf(RESTORABLE_MS)}. The main book cannot be deleted.`,
    refusals: [409],
    noTool: 'setup',
  })),
  query: z.object({
    confirm: z.string().max(100).optional().openapi(described('The slug. Required if the book has entries.')),
  }),
  gives: { 204: { description: doc('Deleted.') } },
  run: ({ env, now, params, query: { confirm }, linkOrigin }) =>
    remove(env, params.slug, { confirm, origin: linkOrigin() }, now),
  form: {
    at: '/books/:slug/delete',
    readQuery: (form) => ({ confirm: form.get('confirm')?.trim() }),
    next: () => '/admin/books?done=deleted',
    refused: (c, refusal) => showBook(c, refusal),
  },
})

export const restoreBook = action({
  call: 'POST /api/books/{slug}/restore',
  act: 'book.restored',
  guard: requireOwner,
  ...doc({
    summary: 'Restore a deleted book',
    description: 'A day after the deletion, its entries are removed. From then on, the response is 410.',
    refusals: [410],
    noTool: 'setup',
  }),
  gives: { 200: json(bookSettingsOut, doc('The book.')) },
  run: ({ env, now, params }) => restore(env, params.slug, now),
  show: (row, { env, linkOrigin }) => toBookSettings(env, row, linkOrigin()),
  form: { at: '/books/:slug/restore', next: () => '/admin/books?done=restored' },
})
