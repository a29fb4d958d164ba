import { type Context, Hono } from 'hono'
import { bearerToken } from '../../access/owner-auth'
import type { HonoEnv } from '../../env'
import { contextOf } from '../../kit/context'
import { parseFields } from '../../kit/http/form'
import { publicOrigin } from '../../kit/http/origin'
import { Refusal } from '../../kit/http/problem'
import { identifyVisitor } from '../../kit/http/visitor'
import { linkToRequest } from '../moderation/operations'
import { commentChange } from '../schemas'
import { entriesOfGuest, hasEditToken } from '../signing/guest'
import { changeOwnComment, deleteOwnComment } from './change-own'

/**
 * `/api/comments/{id}`: the guest who wrote an entry changes or deletes it. All other requests go on to the operations of
 * the owner, which have the same calls: see moderation/operations.ts.
 */
export const ownChangesApi = new Hono<HonoEnv>()

async function isAuthor(c: Context<HonoEnv>): Promise<boolean> {
  if (!hasEditToken(c) || (await entriesOfGuest(c.env, bearerToken(c)))[0] !== c.req.param('id')) return false
  c.header('Cache-Control', 'no-store')
  return true
}

ownChangesApi.patch('/:id', async (c, next) => {
  if (!(await isAuthor(c))) return next()
  const { status, ...text } = parseFields(commentChange, c.req.header('Content-Type') ? await c.req.json() : {})
  if (status !== undefined) throw new Refusal(403, 'owner_only', 'Only the owner can change the status.')
  return c.json(await changeOwnComment(contextOf(c), c.req.param('id'), text, await identifyVisitor(c)))
})

ownChangesApi.delete('/:id', async (c, next) => {
  if (!(await isAuthor(c))) return next()
  const inbound_id = await deleteOwnComment(contextOf(c), c.req.param('id'), await identifyVisitor(c))
  if (inbound_id) c.header('Link', linkToRequest(publicOrigin(c), inbound_id))
  return c.body(null, 204)
})
