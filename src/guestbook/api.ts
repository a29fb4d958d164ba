import { createRoute, z } from '@hono/zod-openapi'
import { batchTogether } from '../db/batch'
import { acceptOnce } from '../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { publicOrigin } from '../http/origin'
import { isOwner, requireOwner } from '../http/owner-auth'
import { DEFAULT_LIMIT, listQuery, pageOf, readCursor, toPage } from '../http/pagination'
import { invalid, notFound, tooMany } from '../http/problem'
import { withinLimit } from '../http/rate-limit'
import { identifyVisitor } from '../http/visitor'
import { log } from '../log'
import { needsDispatch } from '../outbound/publish/publish'
import { wakeDispatch } from '../queue/send'
import { commentChange, commentIn, commentOut, toComment } from './comment'
import { changeComment, deleteComment } from './moderate'
import { planComment } from './sign-book'
import { findComment, listPublished } from './store'

const params = z.object({ id: z.string().max(100) })
const tags = ['Comments']

/** `/api/comments`: anyone reads and signs, from any site; the owner moderates. */
export const commentsApi = apiRouter()

commentsApi.openapi(
  createRoute({
    method: 'post',
    path: '/',
    tags,
    summary: 'Sign the guestbook',
    request: { headers: idempotencyKey, body: jsonRequest(commentIn) },
    responses: {
      201: json(
        commentOut,
        'Signed; `status` says whether it is on the page or waits for the owner.'
      ),
      ...problems(400, 401, 409, 422, 429),
    },
  }),
  async (c) => {
    const now = Date.now()
    const owner = isOwner(c)
    const visitor = owner ? null : await identifyVisitor(c, now)
    if (visitor && !(await withinLimit(c.env.SIGN_LIMIT, visitor.key))) {
      throw tooMany('That is a lot of entries for one minute. Wait a little, then send it again.')
    }
    const input = c.req.valid('json')
    const origin = publicOrigin(c)
    const entry = await planComment(c.env, { input, visitor, suspicious: false, origin, now })
    if (!entry.ok) throw invalid(entry.error)
    const { comment, message, statements } = entry.value
    const acceptance = { status: 201 as const, body: comment, statements }
    const { results, response } = await acceptOnce(
      c,
      visitor ? `comments of ${visitor.key}` : 'comments',
      acceptance,
      now,
      batchTogether(c, 'write')
    )
    if (message && needsDispatch(results)) c.executionCtx.waitUntil(wakeDispatch(c.env, [message]))
    if (results.length > 0)
      log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
    return response
  }
)

commentsApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    tags,
    summary: 'List published comments, newest first',
    request: { query: listQuery },
    responses: { 200: json(pageOf(commentOut, 'CommentPage'), 'A page.'), ...problems(400, 422) },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const batch = limit <= DEFAULT_LIMIT ? batchTogether(c, 'read') : undefined
    const rows = await listPublished(c.env, readCursor('cmt', cursor), limit + 1, batch)
    const { data, next } = toPage(rows, limit, (row) => row.id)
    const origin = publicOrigin(c)
    return c.json({ data: data.map((row) => toComment(row, origin)), next }, 200)
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
    const visible = row && (row.status === 'published' || isOwner(c))
    if (!visible) throw notFound('comment')
    return c.json(toComment(row, publicOrigin(c)), 200)
  }
)

commentsApi.openapi(
  createRoute({
    method: 'patch',
    path: '/{id}',
    tags,
    security: OWNER,
    middleware: requireOwner,
    summary: 'Moderate a comment',
    request: { params, body: jsonRequest(commentChange) },
    responses: { 200: json(commentOut, 'As it is now.'), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const change = c.req.valid('json')
    return c.json(await changeComment(c.env, id, change, publicOrigin(c), Date.now()), 200)
  }
)

commentsApi.openapi(
  createRoute({
    method: 'delete',
    path: '/{id}',
    tags,
    security: OWNER,
    middleware: requireOwner,
    summary: 'Delete a comment for good',
    request: { params },
    responses: { 204: { description: 'Deleted.' }, ...problems(401, 404) },
  }),
  async (c) => {
    await deleteComment(c.env, c.req.valid('param').id, publicOrigin(c), Date.now())
    return c.body(null, 204)
  }
)
