import type { Context } from 'hono'
import type { HonoEnv } from '../../../env'
import { laterIn } from '../../../kit/context'
import { first } from '../../../kit/db/statements'
import { Refusal } from '../../../kit/http/problem'
import { equalBytes, utf8 } from '../../../kit/lib/bytes'
import { logFault } from '../../../log'
import { answerHandshake } from '../../rules/verifying/handshake'
import { firstTextAt, type ValuePlace } from '../../rules/verifying/request'
import type { Handshake } from '../../rules/verifying/scheme'
import { forgetSources } from '../../sources/cache'
import { liveSecrets, openSource, sealSource } from '../../sources/secrets'
import { findSource, updatingSource } from '../../sources/store'
import { explainRequestReason } from '../messages/explain-reason'
import { acceptInbound, type HandledOnArrival, type Received } from './accept'
import { refusedBecause, requireVerified, whyRefused } from './require-verified'

/**
 * Answers the request with which a provider checks a URL. @throws Refusal 401 for a wrong signature; 403 for a wrong
 * verify token, or without a secret to sign with; 409 if the provider offers another secret than the source has
 */
export async function respondToHandshake(
  c: Context<HonoEnv>,
  received: Received,
  handshake: Handshake
): Promise<Response> {
  const { source, request, content, now } = received
  await requireGenuine(c, received, handshake)
  const logged = withoutSecret(received, handshake)
  const refuse = async (status: 403 | 409, reason: string) => {
    laterIn(c)(store(c.env, logged, refusedBecause(reason, received)))
    return new Refusal(status, reason, await explainRequestReason(c.env, reason))
  }
  const { secret: place } = handshake
  if (place && !(await takeSecret(c.env, received, place))) throw await refuse(409, 'has_secret')
  const [secret] = liveSecrets(await openSource(c.env, source.row), now)
  const options = { secret, verifyToken: source.options.verify_token }
  const answer = await answerHandshake(handshake, request, content, options)
  if (!answer.ok) throw await refuse(403, answer.error)
  laterIn(c)(store(c.env, logged, answered(handshake)))
  const { status, body, headers } = answer.value
  return status === 204 ? c.body(null, 204, headers) : c.body(body, 200, headers)
}

/** Rejects a wrong signature, and a missing one if the provider signs its handshakes. @throws Refusal 401 */
async function requireGenuine(c: Context<HonoEnv>, received: Received, handshake: Handshake): Promise<void> {
  if (handshake.verified || (await whyRefused(c.env, received)) === 'signature_mismatch')
    await requireVerified(c.env, received, c.req.param('token') ?? '')
}

/** In characters. Secrets from providers are only a few dozen characters long. */
const MAX_SECRET_LENGTH = 512

/** Stores a provider's secret. @returns false if there is another: knowing the URL must not be enough to replace it */
async function takeSecret(env: Env, received: Received, place: ValuePlace): Promise<boolean> {
  const { source, request, content, now } = received
  const given = firstTextAt(request, content, [place])
  const before = await findSource(env, source.row.id)
  if (!before || given === null || given.length > MAX_SECRET_LENGTH) return false
  const secrets = await openSource(env, before)
  if (secrets.current !== undefined) return equalBytes(utf8(secrets.current), utf8(given))
  const sealed = await sealSource(env, before.id, { ...secrets, current: given })
  const after = await first(updatingSource(env, before.id, { secrets: sealed, updated_at: now }, before.secrets))
  forgetSources(env)
  return after !== null
}

/** Removes a secret from a message's body: the source keeps it, sealed. One in a header is sealed with the headers. */
function withoutSecret(received: Received, { secret }: Handshake): Received {
  if (!secret?.startsWith('body:')) return received
  return { ...received, request: { ...received.request, body: utf8('(a secret)') } }
}

function answered({ name, verified }: Handshake): HandledOnArrival {
  const event_type = `handshake: ${name}`
  const note = 'Answered the handshake.'
  return { status: 'processed', reason: null, event_type, verified: verified ?? false, note }
}

/** A handshake is answered without waiting for it to be stored, and even if it cannot be stored. */
async function store(env: Env, received: Received, settled: HandledOnArrival): Promise<void> {
  try {
    await acceptInbound(env, received, { settled, isHandshake: true })
  } catch (cause) {
    logFault('inbound.handshake_unlogged', cause, { source_id: received.source.row.id })
  }
}
