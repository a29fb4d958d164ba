import { createRoute, z } from '@hono/zod-openapi'
import { described, doc } from '#doc'
import { noteSubject } from '../access/audit/record'
import { isOwner, requireOwner } from '../access/owner-auth'
import { all } from '../db/statements'
import { acceptOnce, firstAnswerOr } from '../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { publicOrigin } from '../http/origin'
import { listQuery, pageOf } from '../http/pagination'
import { changeBook, deleteBook, planBook, readBook, refuseIfTaken, restoreBook } from './manage'
import { bookChange, bookIn, bookOut, bookSettingsOut, toBookOut, toBookSettings } from './schemas'
import { LIST_BOOKS, LIST_DELETED } from './store'

const params = z.object({ slug: z.string().max(100) })
const tags = ['Books']
const forOwner = { tags, security: OWNER, middleware: requireOwner }
const deletedQuery = listQuery.extend({
  cursor: z.string().max(100).optional(),
  deleted: z.enum(['true']).optional().openapi(described('Only books that can be restored. Only for the owner.')),
})
const settings = json(bookSettingsOut, doc('The book.'))

/** `/api/books`: anyone can read them, from any site. Only the owner can change them, and sees all settings. */
export const booksApi = apiRouter()

booksApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    tags,
    summary: doc('List books, by slug'),
    request: { query: deletedQuery },
    responses: {
      200: json(pageOf(bookSettingsOut.or(bookOut), 'BookPage'), doc('A page of books.')),
      ...problems(401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor: after = '', deleted } = c.req.valid('query')
    const isForOwner = await isOwner(c)
    const list = deleted && isForOwner ? LIST_DELETED : LIST_BOOKS
    const rows = await all(list(c.env, { after, limit: limit + 1 }))
    const show = isForOwner ? toBookSettings : toBookOut
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? (page.at(-1)?.slug ?? null) : null
    return c.json({ data: page.map((row) => show(row, publicOrigin(c))), next }, 200)
  }
)

booksApi.openapi(
  createRoute({
    ...forOwner,
    method: 'post',
    path: '/',
    summary: doc('Create a book'),
    request: { headers: idempotencyKey, body: jsonRequest(bookIn) },
    responses: { 201: settings, ...problems(400, 401, 409, 422) },
  }),
  async (c) => {
    const now = Date.now()
    return firstAnswerOr(c, 'books', async () => {
      const { row, statement } = planBook(c.env, c.req.valid('json'), now)
      const acceptance = { status: 201 as const, body: toBookSettings(row, publicOrigin(c)), statements: [statement] }
      noteSubject(c, row.slug)
      return (await refuseIfTaken(row.slug, () => acceptOnce(c, 'books', acceptance, now))).response
    })
  }
)

booksApi.openapi(
  createRoute({
    method: 'get',
    path: '/{slug}',
    tags,
    summary: doc('Get a book'),
    request: { params },
    responses: { 200: json(bookSettingsOut.or(bookOut), doc('The book.')), ...problems(401, 404) },
  }),
  async (c) => {
    const row = await readBook(c.env, c.req.valid('param').slug, Date.now())
    const show = (await isOwner(c)) ? toBookSettings : toBookOut
    return c.json(show(row, publicOrigin(c)), 200)
  }
)

booksApi.openapi(
  createRoute({
    ...forOwner,
    method: 'patch',
    path: '/{slug}',
    summary: doc('Change a book'),
    request: { params, body: jsonRequest(bookChange) },
    responses: { 200: settings, ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const row = await changeBook(c.env, c.req.valid('param').slug, c.req.valid('json'), Date.now())
    return c.json(toBookSettings(row, publicOrigin(c)), 200)
  }
)

booksApi.openapi(
  createRoute({
    ...forOwner,
    method: 'delete',
    path: '/{slug}',
    summary: doc('Delete a book and its entries'),
    description: doc('The book disappears at once, and can be restored for a day. The main book cannot be deleted.'),
    request: {
      params,
      query: z.object({
        confirm: z.string().max(100).optional().openapi(described('The slug. Required if the book has entries.')),
      }),
    },
    responses: { 204: { description: doc('Deleted.') }, ...problems(401, 404, 409) },
  }),
  async (c) => {
    const request = { confirm: c.req.valid('query').confirm, origin: publicOrigin(c) }
    await deleteBook(c.env, c.req.valid('param').slug, request, Date.now())
    return c.body(null, 204)
  }
)

booksApi.openapi(
  createRoute({
    ...forOwner,
    method: 'post',
    path: '/{slug}/restore',
    summary: doc('Restore a deleted book'),
    description: doc('A day after the deletion, its entries are removed. From then on, the response is 410.'),
    request: { params },
    responses: { 200: settings, ...problems(401, 404, 410) },
  }),
  async (c) => {
    const row = await restoreBook(c.env, c.req.valid('param').slug, Date.now())
    return c.json(toBookSettings(row, publicOrigin(c)), 200)
  }
)
