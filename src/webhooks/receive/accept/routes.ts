import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../../env'
import { batchTogether } from '../../../kit/db/shared-batch'
import { publicOrigin } from '../../../kit/http/origin'
import { orNotFound, Refusal, requireStorage } from '../../../kit/http/problem'
import { log } from '../../../log'
import { HOPS_HEADER, MAX_HOPS, readHops } from '../../rules/delivering/hops'
import { consentTo, findHandshake } from '../../rules/verifying/handshake'
import { readContent } from '../../rules/verifying/request'
import { findByAddress, type Source } from '../../sources/cache'
import { wakeInbound, wakeInboundSoon } from '../../work/send-orders'
import { readInbound } from '../messages/stored-request'
import { acceptInbound, type Received } from './accept'
import { respondToHandshake } from './handshake'
import { requireVerified } from './require-verified'

/** `/in/{token}`: stores a request, and processes it later. A handshake or a strict source needs the result at once. */
export const receiving = new Hono<HonoEnv>()

receiving.all('/:token', async (c) => {
  const found = await findByAddress(c.env, c.req.param('token'), c.get('now'))
  const source = orNotFound(found, 'webhook URL. It may have been deleted')
  if (c.req.method === 'HEAD') return c.body(null, 200)
  if (c.req.method === 'OPTIONS') return answerOptions(c)
  refuseLoop(c, source)
  requireStorage(c.env, FULL)
  const request = await readInbound(c, source)
  const content = needsContent(source) ? readContent(request) : null
  const received = { source, origin: publicOrigin(c), request, content, now: c.get('now') }
  const handshake = findHandshake(source.provider.handshakes ?? [], request, content)
  if (handshake) return respondToHandshake(c, received, handshake)
  if (source.row.strict) await requireVerified(c.env, received, c.req.param('token'))
  return accept(c, received)
})

const FULL = 'The guestbook is full at the moment. Send the webhook again later.'

/** Ends a loop of guestbooks that forward each other's webhooks. @throws Refusal 508 */
function refuseLoop(c: Context<HonoEnv>, { row }: Source): void {
  const hops = readHops(c.req.header(HOPS_HEADER) ?? null)
  if (hops < MAX_HOPS) return
  log('inbound.loop_refused', { source_id: row.id, hops })
  const detail = `This event has passed through ${hops} guestbooks. Check whether this one sends webhooks back to the one that sent it.`
  throw new Refusal(508, 'too_many_hops', detail)
}

/** CloudEvents senders use OPTIONS to ask for permission. Other clients use it to ask which methods are allowed. */
function answerOptions(c: Context<HonoEnv>): Response {
  const consent = consentTo({ headers: [...c.req.raw.headers] })
  return c.body(null, consent ? 200 : 204, { Allow: 'POST', ...consent })
}

/** Parsing a body takes time, so it is done here only if the response or the deduplication needs the content. */
function needsContent({ provider, row }: Source): boolean {
  const isProofInBody = row.strict === 1 && JSON.stringify(provider.schemes).includes('body:')
  const isIdInBody = provider.deliveryId.some((place) => place.startsWith('body:'))
  return isProofInBody || isIdInBody || (provider.handshakes ?? []).length > 0
}

/** Larger bodies share no batch and no order, because many of them would exceed the CPU time of one invocation. */
const MAX_SHARED_BODY_BYTES = 8 * 1_024

async function accept(c: Context<HonoEnv>, received: Received): Promise<Response> {
  const isSmall = received.request.body.length <= MAX_SHARED_BODY_BYTES
  const { id, repeat, isDue } = await acceptInbound(c.env, received, isSmall ? { batch: batchTogether(c) } : {})
  if (isDue) c.executionCtx.waitUntil(isSmall ? wakeInboundSoon(c.env, id, c.get('clock')()) : wakeInbound(c.env, [id]))
  return repeat ? c.json({ id, repeat }, 200) : c.json({ id }, 202)
}
