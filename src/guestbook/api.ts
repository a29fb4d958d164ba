import { createRoute, z } from '@hono/zod-openapi'
import { MAIN_BOOK } from '../books/book'
import { loadBook, requireBook } from '../books/cache'
import { batchTogether } from '../db/batch'
import { acceptOnce } from '../http/idempotency'
import { apiRouter, idempotencyKey, type JsonText, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { publicOrigin } from '../http/origin'
import { isOwner, requireOwner } from '../http/owner-auth'
import { listQuery, pageOf, readCursor, toPage } from '../http/pagination'
import { invalid, notFound } from '../http/problem'
import { identifyVisitor } from '../http/visitor'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import { changeComment, deleteComment } from './moderate'
import { withinQuota } from './quota'
import { requireSigning } from './require-signing'
import { commentChange, commentIn, commentOut, replyIn, toComment } from './schemas'
import { planComment } from './sign-book'
import { findComment, listPublished } from './store'
import { serveVersioned } from './versioned'

const params = z.object({ id: z.string().max(100) })
const JSON_TYPE = { 'Content-Type': 'application/json' }
const commentsQuery = listQuery.extend({
  book: z.string().max(100).default(MAIN_BOOK).openapi({ description: 'The slug of a book.' }),
})
const tags = ['Comments']
const forOwner = { tags, security: OWNER, middleware: requireOwner }

/** The maximum size of a request body. The longest comment takes up 50 KB if every character is escaped. */
export const MAX_COMMENT_BYTES = 64 * 1_024

/** `/api/comments`: anyone can read and sign, from any site. Only the owner can moderate. */
export const commentsApi = apiRouter()

commentsApi.openapi(
  createRoute({
    method: 'post',
    path: '/',
    tags,
    summary: 'Sign the guestbook',
    request: { headers: idempotencyKey, body: jsonRequest(commentIn) },
    responses: {
      201: json(commentOut, 'The new comment. If its status is `held`, it is waiting for approval.'),
      ...problems(400, 401, 403, 404, 409, 410, 422, 429, 503),
    },
  }),
  async (c) => {
    const now = Date.now()
    const isGuest = !(await isOwner(c))
    const { book: slug = MAIN_BOOK, ...input } = c.req.valid('json')
    // Read at the same time, because a new isolate has to read both.
    const [visitor, book] = await Promise.all([isGuest ? identifyVisitor(c, now) : null, requireBook(c.env, slug, now)])
    if (visitor) await requireSigning(c, book, visitor)
    const entry = planComment(c.env, { input, book, visitor, suspicious: false, origin: publicOrigin(c), now })
    if (!entry.ok) throw invalid(entry.error)
    const { comment, message, statements } = entry.value
    const acceptance = { status: 201 as const, body: comment, subject: comment.id, statements }
    // A guest's address may change between two requests, so it is not part of the scope.
    const scope = visitor ? 'comments of guests' : 'comments'
    const accept = () => acceptOnce(c, scope, acceptance, now, batchTogether(c))
    const { results, response } = await withinQuota(accept, now)
    c.executionCtx.waitUntil(wakeListeners(c.env, message, results))
    if (results.length > 0) log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
    return response
  }
)

commentsApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    tags,
    summary: 'List published comments, newest first',
    description:
      'The response has an `ETag`. Send it in `If-None-Match` to find out cheaply whether anything has changed.',
    request: { query: commentsQuery },
    responses: {
      200: json(pageOf(commentOut, 'CommentPage'), 'A page of comments.'),
      304: { description: 'Nothing has changed.' },
      ...problems(400, 404, 422),
    },
  }),
  async (c) => {
    const { limit, cursor, book } = c.req.valid('query')
    const before = readCursor('cmt', cursor)
    const origin = publicOrigin(c)
    const render = async () => {
      const { row, comments } = await listPublished(c.env, book, before, limit + 1)
      const { data, next } = toPage(comments, limit)
      return row && { row, body: JSON.stringify({ data: data.map((one) => toComment(one, origin)), next }) }
    }
    const name = `list ${origin} ${limit} ${before ?? ''}`
    return (await serveVersioned(c, book, { name }, render, JSON_TYPE)) as JsonText
  }
)

commentsApi.openapi(
  createRoute({
    method: 'get',
    path: '/{id}',
    tags,
    summary: 'Get a published comment',
    request: { params },
    responses: { 200: json(commentOut, 'The comment.'), ...problems(404) },
  }),
  async (c) => {
    const row = await findComment(c.env, c.req.valid('param').id)
    const isShown = row?.status === 'published' && (await loadBook(c.env, row.book, Date.now())) !== null
    if (!row || !(isShown || (await isOwner(c)))) throw notFound('comment')
    return c.json(toComment(row, publicOrigin(c)), 200)
  }
)

commentsApi.openapi(
  createRoute({
    ...forOwner,
    method: 'patch',
    path: '/{id}',
    summary: 'Moderate a comment',
    description: 'Changes the status or the text. If this changes the public page, endpoints receive an event.',
    request: { params, body: jsonRequest(commentChange) },
    responses: { 200: json(commentOut, 'The updated comment.'), ...problems(400, 401, 404, 409, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const comment = await changeComment(c.env, id, c.req.valid('json'), publicOrigin(c), Date.now())
    return c.json(comment, 200)
  }
)

commentsApi.openapi(
  createRoute({
    ...forOwner,
    method: 'delete',
    path: '/{id}',
    summary: 'Delete a comment for good',
    description:
      'This cannot be undone. The payloads of the events about the comment are erased, and these events are never sent again. If a webhook created the comment, the `Link` header of the response names the inbound message (`rel="via"`), which still contains the text.',
    request: { params },
    responses: { 204: { description: 'Deleted.' }, ...problems(401, 404, 409) },
  }),
  async (c) => {
    const origin = publicOrigin(c)
    const inbound_id = await deleteComment(c.env, c.req.valid('param').id, origin, Date.now())
    if (inbound_id) c.header('Link', `<${origin}/api/inbound/${inbound_id}>; rel="via"`)
    return c.body(null, 204)
  }
)

const replied = { 200: json(commentOut, 'The updated comment.'), ...problems(400, 401, 404, 409, 422) }

commentsApi.openapi(
  createRoute({
    ...forOwner,
    method: 'put',
    path: '/{id}/reply',
    summary: 'Reply to a comment',
    description:
      'The reply is shown below the entry. If the entry is on the page, endpoints receive `comment.updated`.',
    request: { params, body: jsonRequest(replyIn) },
    responses: replied,
  }),
  async (c) => {
    const { body } = c.req.valid('json')
    const { id } = c.req.valid('param')
    return c.json(await changeComment(c.env, id, { reply: body }, publicOrigin(c), Date.now()), 200)
  }
)

commentsApi.openapi(
  createRoute({
    ...forOwner,
    method: 'delete',
    path: '/{id}/reply',
    summary: 'Remove the reply',
    request: { params },
    responses: replied,
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeComment(c.env, id, { reply: null }, publicOrigin(c), Date.now()), 200)
  }
)
