import * as z from 'zod'
import { noToken, recognizeOwner } from '../../../access/owner-auth'
import { bookOut, bookSettingsOut, toBookOut, toBookSettings } from '../../../guestbook/books/schemas'
import { LIST_BOOKS, LIST_DELETED } from '../../../guestbook/books/store'
import { all } from '../../../kit/db/statements'
import { OWNER } from '../../../kit/http/openapi'
import { action, json, listQuery, pageOf } from '../../../kit/operation'

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
  noTool: 'rare',
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
