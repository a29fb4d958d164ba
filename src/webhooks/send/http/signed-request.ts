import { configuredOrigin } from '../../../kit/http/origin'
import { toHex, utf8 } from '../../../kit/lib/bytes'
import { hmacSha256 } from '../../../kit/lib/hmac'
import { hostOf } from '../../../kit/lib/url'
import { type SigningMaterial, signingMaterial } from '../../endpoints/secrets'
import type { EndpointRow } from '../../endpoints/store'
import { payloadFor } from '../../program'
import { HOPS_HEADER } from '../../rules/delivering/hops'
import type { Digest } from '../../rules/events/digest'
import { type Format, formatOf, targetOf } from '../../rules/events/formats'
import { renderPayload } from '../../rules/events/render'
import { signContent } from '../../rules/signing/standard-webhooks'
import type { messages } from '../../tables/outgoing'

export const USER_AGENT = 'Guesthook/0.1 (Standard Webhooks)'

/** The endpoint columns that a request depends on. `secrets` is sealed. */
export type SignedEndpoint = Pick<
  EndpointRow,
  'id' | 'url' | 'secrets' | 'format' | 'legacy_signature' | 'digest_hour' | 'moderation_links'
> & {
  /** The template of the owner's own text for the event, or null. */
  text: string | null
}

/** The message columns that a request depends on. */
export type SentMessage = Pick<typeof messages.$inferSelect, 'id' | 'type' | 'payload' | 'hops'> & {
  /** What a daily digest reports. */
  digest?: Digest
}

export interface WrittenRequest {
  method: 'POST' | 'PUT'
  /** Where to send it. It has the origin of the endpoint's URL. */
  url: string
  /** Headers that the owner added. None of them has the same name as one of `headers`. */
  customHeaders: Record<string, string>
  headers: Record<string, string>
  body: string
}

/** @param now epoch milliseconds. @throws Error if the endpoint's secrets cannot be unsealed */
export async function writeRequest(env: Env, endpoint: SignedEndpoint, message: SentMessage, now: number) {
  const material = await signingMaterial(env, endpoint, now)
  return signRequest(env, material, endpoint, message, now)
}

/** The timestamp is that of the attempt, the id that of the message, also in a replay. @param now epoch milliseconds */
export async function signRequest(
  env: Env,
  { keys, secret, headers: customHeaders }: SigningMaterial,
  endpoint: SignedEndpoint,
  message: SentMessage,
  now: number
): Promise<WrittenRequest> {
  const { format, legacy_signature, text } = endpoint
  const { digest } = message
  // A digest of one event is the event itself.
  const isDigest = digest && (digest.count !== 1 || message.payload === '')
  const options = { text, endpoint, origin: configuredOrigin(env), from: env.EMAIL_FROM, ...(isDigest && { digest }) }
  const payload = await payloadFor(env, message, endpoint.moderation_links === 1)
  const { contentType, body } = renderPayload(format, payload || bareEvent(message), options)
  const content = { id: message.id, timestamp: Math.floor(now / 1_000), body }
  const headers = {
    'Content-Type': contentType,
    'User-Agent': USER_AGENT,
    [HOPS_HEADER]: String(message.hops),
    ...originHeader(env, format),
    ...(await signContent(keys.secrets, content, keys.privateKeys)),
    ...(legacy_signature === 'hub' && (await hubSignature(secret, body))),
  }
  const target = targetOf(format, endpoint.url, { message_id: message.id, endpoint_id: endpoint.id })
  return { ...target, customHeaders, headers, body }
}

/** A build hook is called, and a digest is sent, even if the message has been erased. Their bodies need only this. */
const bareEvent = ({ id, type }: SentMessage): string => JSON.stringify({ id, type })

/**
 * A receiver that allowed an origin in the CloudEvents handshake expects that origin with each event.
 * https://github.com/cloudevents/spec/blob/main/cloudevents/http-webhook.md#411-webhook-request-origin
 */
function originHeader(env: Env, format: Format): Record<string, string> {
  if (!formatOf(format).asksPermission || !env.PUBLIC_URL) return {}
  return { Origin: hostOf(env.PUBLIC_URL) }
}

/**
 * Signs as GitHub does. The key is the entire secret string, including `whsec_`.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
async function hubSignature(secret: string, body: string) {
  const mac = await hmacSha256(utf8(secret), utf8(body))
  return { 'X-Hub-Signature-256': `sha256=${toHex(mac)}` }
}
