import type { Context } from 'hono'
import * as z from 'zod'
import { noteAct, noteAlso } from '../access/audit/record'
import { bearerToken, requireOwner, requireOwnerUnless } from '../access/owner-auth'
import type { HonoEnv } from '../env'
import { contextOf } from '../kit/context'
import { json, jsonRequest, OWNER, problems } from '../kit/http/openapi'
import { Refusal } from '../kit/http/problem'
import { ApiRouter, createRoute } from '../kit/http/router'
import { identifyVisitor } from '../kit/http/visitor'
import { isChanged } from '../kit/lib/changed'
import { noteNoChange } from '../kit/note-act'
import { changeOwnComment, deleteOwnComment } from './moderation/change-own'
import { changeComment, deleteComment, type Moderation } from './moderation/moderate'
import { commentChange, commentOut, replyIn, toComment } from './schemas'
import { EDITABLE, entriesOf, hasEditToken } from './signing/guest'

const params = z.object({ id: z.string().max(100) })
const tags = ['Entries']
const forOwner = { tags, security: OWNER, middleware: requireOwner }

/** `/api/comments/{id}`: changes, deletions and replies. */
export const changeApi = new ApiRouter()

/** Both the owner and the guest who wrote a comment can change and delete it. */
const forAuthor = { tags, security: [...OWNER, { author: [] }], middleware: requireOwnerUnless(isAuthor) }

async function isAuthor(c: Context<HonoEnv>): Promise<boolean> {
  return hasEditToken(c) && (await entriesOf(c.env, bearerToken(c)))[0] === c.req.param('id')
}

/** Tells the audit log what has changed: a new status, the rest, or both. */
async function changeAsOwner(c: Context<HonoEnv>, id: string, moderation: Moderation) {
  const context = contextOf(c)
  const { before, after } = await changeComment(context, id, moderation)
  const { status } = after
  const hasMoved = status !== before.status
  if (hasMoved) noteAct(c, status)
  if (hasMoved && before.edited_at !== after.edited_at) noteAlso(c, 'comment.updated', id)
  if (!isChanged(before, after)) noteNoChange(c)
  return toComment(after, context.linkOrigin())
}

changeApi.openapi(
  createRoute({
    ...forAuthor,
    method: 'patch',
    path: '/{id}',
    request: { params, body: jsonRequest(commentChange) },
    summary: 'Change or moderate an entry',
    description: `The owner can change everything. With its \`edit_token\`, a guest can change the text of their own entry for ${EDITABLE}. If the change affects the public page, endpoints receive an event.`,
    responses: { 200: json(commentOut, 'The updated entry.'), ...problems([401, 403, 404, 409, 422, 429, 503]) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const { status, ...text } = c.req.valid('json')
    if (!hasEditToken(c)) {
      return c.json(await changeAsOwner(c, id, { ...text, status }), 200)
    }
    if (status !== undefined) throw new Refusal(403, 'owner_only', 'Only the owner can change the status.')
    return c.json(await changeOwnComment(contextOf(c), id, text, await identifyVisitor(c)), 200)
  }
)

changeApi.openapi(
  createRoute({
    ...forAuthor,
    method: 'delete',
    path: '/{id}',
    request: { params },
    summary: 'Delete an entry for good',
    description: `This cannot be undone. With its \`edit_token\`, a guest can delete their own entry for ${EDITABLE}. The payloads of the events about the entry are erased, and these events are never sent again. If a webhook created the entry, the \`Link\` header of the response names the request (\`rel="via"\`), which still contains the text.`,
    responses: { 204: { description: 'Deleted.' }, ...problems([401, 403, 404, 409, 429]) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const context = contextOf(c)
    const inbound_id = hasEditToken(c)
      ? await deleteOwnComment(context, id, await identifyVisitor(c))
      : await deleteComment(context, id)
    if (inbound_id) c.header('Link', `<${context.linkOrigin()}/api/inbound/${inbound_id}>; rel="via"`)
    return c.body(null, 204)
  }
)

const replied = { 200: json(commentOut, 'The updated entry.'), ...problems([401, 404, 409, 422]) }

changeApi.openapi(
  createRoute({
    ...forOwner,
    method: 'put',
    path: '/{id}/reply',
    request: { params, body: jsonRequest(replyIn) },
    summary: 'Reply to an entry',
    description:
      'The reply is shown below the entry. If the entry is on the page, endpoints receive `comment.updated`. A private entry takes no reply.',
    responses: replied,
  }),
  async (c) => {
    const { body } = c.req.valid('json')
    const { id } = c.req.valid('param')
    return c.json(await changeAsOwner(c, id, { reply: body }), 200)
  }
)

changeApi.openapi(
  createRoute({
    ...forOwner,
    method: 'delete',
    path: '/{id}/reply',
    request: { params },
    summary: 'Remove the reply',
    responses: replied,
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await changeAsOwner(c, id, { reply: null }), 200)
  }
)
