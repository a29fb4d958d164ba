import { Refusal } from '../../../kit/http/problem'
import { firstTextAt } from '../../rules/verifying/request'
import { schemesFor, verify } from '../../rules/verifying/verify'
import { findByAddress, type Source } from '../../sources/cache'
import { liveSecrets, openSource } from '../../sources/secrets'
import { KEPT_BEGINNING, KEPT_BYTES } from '../messages/bodies'
import { explainRequestReason, nameReason } from '../messages/explain-reason'
import { cutText, withoutSecrets } from '../messages/stored-request'
import { acceptInbound, type HandledOnArrival, type Received } from './accept'

/**
 * A refused request is stored, too, so that the owner can see why. The cached secret may be a minute old, so the source
 * is read again before a request is refused. @throws Refusal 401
 */
export async function requireVerified(env: Env, received: Received, token: string): Promise<void> {
  const before = await whyRefused(env, received)
  if (before === null) return
  const source = (await findByAddress(env, token, received.now, { fresh: true })) ?? received.source
  const isSame = verifiesAlike(source, received.source)
  const reason = isSame ? before : await whyRefused(env, { ...received, source })
  if (reason === null) return
  await acceptInbound(env, received, { settled: refusedBecause(reason, received) })
  throw new Refusal(401, reason, await explainRequestReason(env, reason, source.provider))
}

/** Verifying a long body takes time, so it is verified again only if the source has changed. */
function verifiesAlike({ row: one }: Source, { row: other }: Source): boolean {
  return one.secrets === other.secrets && one.options === other.options && one.provider === other.provider
}

/** @returns the reason for refusing a request, or null if it is verified or its source does not use signatures */
export async function whyRefused(env: Env, { source, request, content, now }: Received): Promise<string | null> {
  const secrets = liveSecrets(await openSource(env, source.row), now)
  const schemes = schemesFor(source.provider, secrets)
  return (await verify(schemes, secrets, request, content, now)).reason
}

/** @returns the outcome of a request that is refused on arrival */
export function refusedBecause(reason: string, { source, request, content }: Received): HandledOnArrival {
  const event_type = cutText(firstTextAt(withoutSecrets(request, source), content, source.provider.eventType))
  const note = `Refused on arrival: ${nameReason(reason, source.provider)}.`
  const rest = request.body.length > KEPT_BYTES ? ` ${KEPT_BEGINNING}.` : ''
  return { status: 'failed', reason, event_type, verified: false, note: note + rest }
}
