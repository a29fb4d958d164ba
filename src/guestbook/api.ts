import { createRoute, z } from '@hono/zod-openapi'
import { batchTogether } from '../db/batch'
import { acceptOnce } from '../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { publicOrigin } from '../http/origin'
import { isOwner, requireOwner } from '../http/owner-auth'
import { listQuery, pageOf, readCursor, toPage } from '../http/pagination'
import { invalid, notFound, tooMany } from '../http/problem'
import { withinLimit } from '../http/rate-limit'
import { requireStorage } from '../http/storage-limit'
import { identifyVisitor } from '../http/visitor'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import { loadBook } from './book'
import { changeComment, deleteComment } from './moderate'
import { withinQuota } from './quota'
import { commentChange, commentIn, commentOut, toComment } from './schemas'
import { planComment } from './sign-book'
import { findComment, listPublished } from './store'

const params = z.object({ id: z.string().max(100) })
const tags = ['Comments']
const forOwner = { tags, security: OWNER, middleware: requireOwner }

/** The maximum size of a request body. The longest comment takes up 50 KB if every character is escaped. */
export const MAX_COMMENT_BYTES = 64 * 1_024

const FULL = 'The guestbook is full at the moment. Keep the text, and send the comment again later.'

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
      ...problems(400, 401, 409, 410, 422, 429, 503),
    },
  }),
  async (c) => {
    const now = Date.now()
    const isGuest = !(await isOwner(c))
    // Read at the same time, because a new isolate has to read both.
    const [visitor] = await Promise.all([isGuest ? identifyVisitor(c, now) : null, loadBook(c.env, now)])
    if (visitor && !(await withinLimit(c.env.SIGN_LIMIT, visitor.key))) {
      throw tooMany('Too many comments in one minute. Wait a minute, then send the comment again.')
    }
    if (visitor) requireStorage(c.env, FULL)
    const signing = { input: c.req.valid('json'), visitor, suspicious: false, origin: publicOrigin(c), now }
    const entry = await planComment(c.env, signing)
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
    request: { query: listQuery },
    responses: { 200: json(pageOf(commentOut, 'CommentPage'), 'A page of comments.'), ...problems(400, 422) },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const rows = await listPublished(c.env, readCursor('cmt', cursor), limit + 1)
    const { data, next } = toPage(rows, limit)
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
    if (!row || (row.status !== 'published' && !(await isOwner(c)))) throw notFound('comment')
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
