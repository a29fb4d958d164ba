import { type Format, renderPayload } from '../../core/events/formats'
import { toHex, utf8 } from '../../core/lib/bytes'
import { hmacSha256 } from '../../core/lib/hmac'
import { signContent } from '../../core/signing/standard-webhooks'
import { type SigningMaterial, signingMaterial } from '../../endpoints/secrets'

export const USER_AGENT = 'Guesthook/0.1 (Standard Webhooks)'

/** What a request needs of its endpoint. */
export interface SignedEndpoint {
  id: string
  /** Sealed. */
  secrets: string
  format: Format
  legacy_signature: 'hub' | null
}

export interface WrittenRequest {
  /** Headers that the owner added: none of ours. */
  own: Record<string, string>
  headers: Record<string, string>
  body: string
}

/** @throws Error when the endpoint's secrets do not open */
export async function writeRequest(
  env: Env,
  endpoint: SignedEndpoint,
  message: { id: string; payload: string },
  now: number
): Promise<WrittenRequest> {
  const material = await signingMaterial(env, endpoint, now)
  return writeWith(env, material, endpoint, message, now)
}

/**
 * Writes one request: the payload as the receiver understands it, signed. The timestamp is this attempt's, the id the message's: the same on
 * every attempt and replay.
 * @param now epoch milliseconds
 */
export async function writeWith(
  env: Env,
  { keys, secret, headers: own }: SigningMaterial,
  endpoint: SignedEndpoint,
  message: { id: string; payload: string },
  now: number
): Promise<WrittenRequest> {
  const { contentType, body } = renderPayload(endpoint.format, message.payload)
  const content = { id: message.id, timestamp: Math.floor(now / 1_000), body }
  const signed = await signContent(keys.secrets, content, keys.privateKeys)
  const hub = endpoint.legacy_signature === 'hub' ? await hubSignature(secret, body) : {}
  const headers = {
    'Content-Type': contentType,
    'User-Agent': USER_AGENT,
    ...originHeader(env, endpoint.format),
    ...signed,
    ...hub,
  }
  return { own, headers, body }
}

/** Who was allowed by the handshake says so with each event (section 4.1.1 of its specification). Known when it is configured. */
function originHeader(env: Env, format: Format): Record<string, string> {
  if (format !== 'cloudevents' || !env.PUBLIC_URL) return {}
  return { Origin: new URL(env.PUBLIC_URL).host }
}

/**
 * As GitHub signs, for receivers that were written for it. Their secret is the text itself, `whsec_` and all.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
async function hubSignature(secret: string, body: string) {
  const mac = await hmacSha256(utf8(secret), utf8(body))
  return { 'X-Hub-Signature-256': `sha256=${toHex(mac)}` }
}
