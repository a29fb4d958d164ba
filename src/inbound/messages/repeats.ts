import { toHex, utf8 } from '../../core/lib/bytes'
import { hmacSha256, sha256Hex } from '../../core/lib/hmac'
import { type Content, type InboundRequest, textsAt } from '../../core/verifying/request'
import type { Provider } from '../../core/verifying/scheme'
import { proofPlaces } from '../../core/verifying/verify'
import { deriveKey } from '../../db/derived-keys'
import type { Source } from '../sources/cache'
import { hasSecretQuery } from './stored-request'

/*
 * What makes two requests one delivery: the id that the provider gives it, else that they say the same within a day.
 */

/** Without an id of the provider's, the same bytes within this are the same message. */
export const SAME_BODY_MS = 24 * 60 * 60 * 1_000

/** Others under the same key that have become a message or an entry. For a hash of bytes, only within a day. @param ?1 the id of a message */
export const TWINS = `from inbound_messages m cross join inbound_messages t indexed by inbound_repeats
    on t.source_id = m.source_id and t.dedupe_key = m.dedupe_key and t.dedupe_key is not null
  where m.id = ?1 and t.id <> m.id and coalesce(t.message_id, t.comment_id) is not null
    and (m.dedupe_key like 'id:%' or abs(t.received_at - m.received_at) < ${SAME_BODY_MS}) limit 1`

const MAX_ID = 255

/**
 * Of the raw bytes, and of the query and the method where they say something: some senders put the event there, and always the same body.
 * @returns SHA-256 in hex
 */
export async function contentHash(
  { method, query, body }: InboundRequest,
  provider: Provider
): Promise<string> {
  const hash = await sha256Hex(body)
  // Where the secret is sent in the query, nobody is to guess it from a hash.
  const said = hasSecretQuery(provider) ? '' : query
  return method === 'POST' && said === '' ? hash : sha256Hex(utf8(`${method} ?${said}\n${hash}`))
}

/** Of the bytes and of what vouches for them: under a key of ours where that is the secret itself, which nobody is to guess from it. */
export async function fingerprintOf(
  env: Env,
  hash: string,
  { provider }: Source,
  request: InboundRequest,
  content: Content
): Promise<string> {
  const places = provider.schemes.flatMap(proofPlaces)
  const proof = places.flatMap((place) => textsAt(request, content, place)).join('\n')
  if (proof === '') return hash
  const text = utf8(`${hash}\n${proof}`)
  const isSecret = provider.schemes.some(({ kind }) => kind === 'shared-secret')
  if (!isSecret) return sha256Hex(text)
  return toHex(await hmacSha256(await deriveKey(env, 'fingerprint'), text))
}

/** Whole, so that no two ids are one; of an id that is longer than any provider's, its hash. */
export async function keyOf(deliveryId: string): Promise<string> {
  const isPlain = deliveryId.length <= MAX_ID && !deliveryId.includes('\0')
  return isPlain ? `id:${deliveryId}` : `id:sha256:${await sha256Hex(utf8(deliveryId))}`
}
