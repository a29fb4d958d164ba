import type { Context } from 'hono'
import { Hono } from 'hono'
import { utf8 } from '../../core/lib/bytes'
import { answerHandshake, consentTo, findHandshake } from '../../core/verifying/handshake'
import {
  type Content,
  firstTextAt,
  type InboundRequest,
  readContent,
} from '../../core/verifying/request'
import type { Handshake, Scheme } from '../../core/verifying/scheme'
import { schemesFor, verify } from '../../core/verifying/verify'
import { batchTogether } from '../../db/batch'
import type { HonoEnv } from '../../env'
import { publicOrigin } from '../../http/origin'
import { notFound, Refusal } from '../../http/problem'
import { logFault } from '../../log'
import { wakeInboundSoon } from '../../queue/send'
import { explainReason } from '../messages/explain-reason'
import { cutText, readInbound } from '../messages/stored-request'
import { findByAddress, type Source } from '../sources/cache'
import { liveSecrets, openSource } from '../sources/secrets'
import { takeSecret } from '../sources/take-secret'
import { acceptInbound, type Settled } from './accept'

/**
 * `/in/{token}`: accept, store, acknowledge; all else comes later. Only what a provider needs in the same response is worked out here.
 */
export const receiving = new Hono<HonoEnv>()

receiving.all('/:token', async (c) => {
  const now = Date.now()
  const source = await findByAddress(c.env, c.req.param('token'), now)
  if (!source) throw notFound('address. It may have been deleted')
  if (c.req.method === 'HEAD') return c.body(null, 200)
  if (c.req.method === 'OPTIONS') return answerOptions(c)
  const request = await readInbound(c, source)
  const content = needsContent(source) ? readContent(request) : null
  const handshake = findHandshake(source.provider.handshakes ?? [], request, content)
  if (handshake) return shakeHands(c, { source, request, content, handshake, now })
  if (source.row.strict) await requireVerified(c, { source, request, content, now })
  return accept(c, source, request, content, now)
})

interface Arrived {
  source: Source
  request: InboundRequest
  content: Content
  now: number
}

/** Larger bodies are written by themselves: who carries twenty of them has 10 ms. */
const WITH_OTHERS = 8 * 1_024

async function accept(
  c: Context<HonoEnv>,
  source: Source,
  request: InboundRequest,
  content: Content,
  now: number
): Promise<Response> {
  const arrival = { source, request, content, origin: publicOrigin(c) }
  const batch = request.body.length <= WITH_OTHERS ? batchTogether(c, 'write') : undefined
  const { id, repeat, isDue } = await acceptInbound(c.env, arrival, now, batch)
  if (isDue) c.executionCtx.waitUntil(wakeInboundSoon(c.env, id))
  return repeat ? c.json({ id, repeat }, 200) : c.json({ id }, 202)
}

/** Reading a body for its parts takes a while: at the door it is done only where something in it is asked for. */
function needsContent({ provider, row }: Source): boolean {
  const proof = row.strict === 1 && provider.schemes.some(readsBody)
  const id = provider.deliveryId.some((place) => place.startsWith('body:'))
  return proof || id || (provider.handshakes ?? []).length > 0
}

/** Whether a scheme needs the parts of a body, and not its bytes alone. */
function readsBody(scheme: Scheme): boolean {
  return JSON.stringify(scheme).includes('body:')
}

/** CloudEvents asks for permission by it; others only ask what there is. */
function answerOptions(c: Context<HonoEnv>): Response {
  const consent = consentTo({ headers: [...c.req.raw.headers] })
  return c.body(null, consent ? 200 : 204, { Allow: 'POST', ...consent })
}

async function shakeHands(
  c: Context<HonoEnv>,
  { handshake, ...arrived }: Arrived & { handshake: Handshake }
): Promise<Response> {
  const { source, request, content, now } = arrived
  if (handshake.verified || (await isForged(c.env, arrived))) await requireVerified(c, arrived)
  if (!(await takeSecretFrom(c.env, handshake, arrived)))
    throw await hasSecret(c, handshake, arrived)
  const [secret] = liveSecrets(await openSource(c.env, source.row), now)
  const options = { secret, verifyToken: source.options.verify_token }
  const answer = await answerHandshake(handshake, request, content, options)
  const settled = answer.ok ? shaken(handshake) : refused(answer.error, arrived)
  c.executionCtx.waitUntil(remember(c, withoutSecret(handshake, arrived), settled))
  if (!answer.ok) throw new Refusal(403, answer.error, explainReason(answer.error))
  const { status, body, headers } = answer.value
  return status === 204 ? c.body(null, 204, headers) : c.body(body, 200, headers)
}

function shaken({ name, verified }: Handshake): Settled {
  const eventType = `handshake: ${name}`
  const note = 'A handshake, answered at once.'
  return {
    status: 'processed',
    reason: null,
    event_type: eventType,
    verified: verified ?? false,
    note,
  }
}

function refused(reason: string, { source, request, content }: Arrived): Settled {
  const eventType = cutText(firstTextAt(request, content, source.provider.eventType))
  const note = `Refused at once: ${reason.replaceAll('_', ' ')}.`
  return { status: 'failed', reason, event_type: eventType, verified: false, note }
}

/** @returns false when there is a secret already: whoever knows the address could put another in its place */
async function takeSecretFrom(
  env: Env,
  { secret: place }: Handshake,
  { source, request, content, now }: Arrived
): Promise<boolean> {
  return !place || takeSecret(env, source, { place, request, content }, now)
}

/** Its owner is to see that somebody tried. */
async function hasSecret(c: Context<HonoEnv>, handshake: Handshake, arrived: Arrived) {
  const settled = refused('has_secret', arrived)
  c.executionCtx.waitUntil(remember(c, withoutSecret(handshake, arrived), settled))
  return new Refusal(409, 'has_secret', explainReason('has_secret'))
}

/** A secret that came in a body is kept sealed, with the source, and nowhere else. (One in a header is sealed with the headers.) */
function withoutSecret({ secret }: Handshake, arrived: Arrived): Arrived {
  if (!secret?.startsWith('body:')) return arrived
  return { ...arrived, request: { ...arrived.request, body: utf8('(a secret)') } }
}

/** A handshake is no event: its answer does not wait for the log, nor fail with it. */
async function remember(c: Context<HonoEnv>, arrived: Arrived, settled: Settled): Promise<void> {
  try {
    const arrival = { ...arrived, origin: publicOrigin(c), settled, isHandshake: true }
    await acceptInbound(c.env, arrival, arrived.now)
  } catch (cause) {
    logFault('inbound.handshake_unlogged', cause, { source_id: arrived.source.row.id })
  }
}

/**
 * For a source that is strict, the signature comes first. What is refused is kept all the same, so that its owner can see why. A secret that is kept in the
 * isolate may be a minute old: before anything is refused, the source is read again.
 * @throws Refusal 401
 */
async function requireVerified(c: Context<HonoEnv>, arrived: Arrived): Promise<void> {
  const token = c.req.param('token') ?? ''
  const reason = await judge(c.env, arrived)
  if (reason === null) return
  const fresh = await findByAddress(c.env, token, arrived.now, { fresh: true })
  const again = fresh && { ...arrived, source: fresh }
  const verdict = again ? await judge(c.env, again) : reason
  if (verdict === null) return
  const arrival = { ...arrived, origin: publicOrigin(c), settled: refused(verdict, arrived) }
  await acceptInbound(c.env, arrival, arrived.now)
  throw new Refusal(401, verdict, explainReason(verdict))
}

/** A signature is there, and another one. (Without any, an echo gives nothing away, and is answered.) */
async function isForged(env: Env, arrived: Arrived): Promise<boolean> {
  return (await judge(env, arrived)) === 'signature_mismatch'
}

async function judge(env: Env, { source, request, content, now }: Arrived) {
  const secrets = liveSecrets(await openSource(env, source.row), now)
  const schemes = schemesFor(source.provider, secrets)
  return (await verify(schemes, secrets, request, content, now)).reason
}
