import { deriveKey } from '../../../kit/db/sealing'
import { toHex, utf8 } from '../../../kit/lib/bytes'
import { hmacSha256, sha256Hex } from '../../../kit/lib/hmac'
import { DAY_MS } from '../../../kit/lib/time'
import { extract } from '../../rules/verifying/places'
import { type Content, firstTextAt, type InboundRequest } from '../../rules/verifying/request'
import type { Provider } from '../../rules/verifying/scheme'
import { proofsIn } from '../../rules/verifying/signature'
import { type inboundMessages, statusOrActed } from '../../tables/incoming'
import { hasAnyBody, hasWholeBody } from './bodies'

/* A delivery id identifies a delivery. Without one, the same content within a day is the same delivery. */

/** Requests that have no delivery id but the same content are the same delivery if they arrive within this time. */
const SAME_CONTENT_MS = DAY_MS

/**
 * SQL: two requests are the same delivery. A handshake has no key, so it never repeats another.
 * @param one the prefix for the columns of one request: an alias (`m.`), or `:` for parameters
 * @param other the prefix for those of the other request, which is found with the index inbound_repeats
 */
function isSameDelivery(one: string, other: string): string {
  return `${other}source_id = ${one}source_id
      and ${other}dedupe_key = ${one}dedupe_key
      and ${other}dedupe_key is not null
      and (
        ${other}dedupe_key like 'id:%'
        or abs(${other}received_at - ${one}received_at) < ${SAME_CONTENT_MS}
      )`
}

/** A handshake is answered on arrival, and is stored without a key. This is the SQL condition for a message `m`. */
export const IS_HANDSHAKE = 'm.dedupe_key is null'

export function isHandshake({ dedupe_key }: Pick<typeof inboundMessages.$inferSelect, 'dedupe_key'>): boolean {
  return dedupe_key === null
}

/** Reads only these states, so that many forged requests with one delivery id do not make the next one more expensive. */
function originals(states: string): string {
  return `select o.id
    from inbound_messages o indexed by inbound_repeats
    where ${isSameDelivery(':', 'o.')}
      and ${statusOrActed('o.')} in (${states})`
}

/**
 * Selects the stored message that a new request repeats. The parameters are the columns of the new request. As long as
 * a message is not processed, because it was refused or is still waiting, it counts only if the new request has the
 * same content and signature. Otherwise, a forged request could take the place of the genuine one. A genuine one that
 * waits could also take the place of another with a new signature, and then fail because its own secret has been
 * replaced. If both turn out to be genuine, `ACTED_DUPLICATE` makes sure that only one of them is acted on.
 *
 * A failed message without its whole body does not count, because it cannot be processed again, but the new request
 * can. If the new request was refused as well, it only has to be counted.
 */
export const ORIGINAL = `
    ${originals(`'processed', 'acted'`)}
      and o.status = 'processed'
    union all
    ${originals(`'new', 'processed', 'failed', 'acted'`)}
      and o.fingerprint = :fingerprint
      and (
        o.status <> 'failed'
        or ${hasWholeBody('o')}
        or (:status = 'failed' and ${hasAnyBody('o')})
      )
    limit 1`

/** Another message for the delivery of `:id` that has already been acted on. There are two if the first was refused. */
export const ACTED_DUPLICATE = `
    select d.id
    from inbound_messages m
    cross join inbound_messages d indexed by inbound_repeats
      on ${isSameDelivery('m.', 'd.')}
    where m.id = :id
      and d.id <> m.id
      and ${statusOrActed('d.')} = 'acted'
    limit 1`

/** The number of messages with the same content and signature that are checked, so that many copies cost no more. */
const MAX_COPIES_CHECKED = 10

/** The first other delivery with the content and signature of `:id`, even if it still waits to be verified. */
export const EARLIER_COPY = `
    select e.id
    from inbound_messages m
    cross join (
      select id, source_id, verified, status, dedupe_key, received_at, sample_key
      from inbound_messages indexed by inbound_fingerprints
      where source_id = (select source_id from inbound_messages where id = :id)
        and fingerprint = (select fingerprint from inbound_messages where id = :id)
        and id < :id
      order by id
      limit ${MAX_COPIES_CHECKED}
    ) e
    where m.id = :id
      and (e.verified = 1 or e.status = 'new')
      and e.dedupe_key is not null
      and m.dedupe_key is not null
      and coalesce(e.sample_key, m.sample_key) is null
      and not (${isSameDelivery('m.', 'e.')})
    limit 1`

const MAX_DELIVERY_ID = 255

/** What a request can be known by: its delivery id with who gave it, and its content. */
interface Identity {
  deliveryId: string | null
  isSecret: boolean
  content: string
}

/** @returns the `dedupe_key`: the delivery id, hashed if it is very long or a secret, or the hash of the content */
export async function dedupeKeyOf(env: Env, { deliveryId, isSecret, content }: Identity): Promise<string> {
  if (deliveryId === null) return `sha256:${content}`
  if (isSecret) return `id:hmac:${await keyedHash(env, deliveryId)}`
  const isStorable = deliveryId.length <= MAX_DELIVERY_ID && !deliveryId.includes('\0')
  return isStorable ? `id:${deliveryId}` : `id:sha256:${await sha256Hex(utf8(deliveryId))}`
}

/** A hash with a key, because a stored hash must not help anyone guess a secret. @returns hex */
async function keyedHash(env: Env, text: string): Promise<string> {
  return toHex(await hmacSha256(await deriveKey(env, 'fingerprint'), utf8(text)))
}

/** In hex. */
interface Hashes {
  body: string
  /** Of the body, and of method, query, type and time where some senders describe the event only there. */
  content: string
}

/** @param request without its secrets, because a hash must not help anyone guess them */
export async function hashesOf(request: InboundRequest, provider: Provider): Promise<Hashes> {
  const body = await sha256Hex(request.body)
  const told = [tellingQuery(request, provider), ...typeAndTime(request, provider)].join('\n')
  if (request.method === 'POST' && told === '') return { body, content: body }
  return { body, content: await sha256Hex(utf8(`${request.method} ?${told}\n${body}`)) }
}

/** A signature that does not cover the query proves nothing about it: anyone could send a copy with another query. */
function tellingQuery({ query, body }: InboundRequest, { schemes, usesQuery }: Provider): string {
  const isUnproven = schemes.every((scheme) => 'signed' in scheme && !/\{ur[il]/.test(scheme.signed))
  return isUnproven && !usesQuery && body.length > 0 ? '' : query
}

/**
 * An event type outside the body counts, signed or not. Otherwise, the deletion of a product is lost after that of an
 * order with the same number. A copy with another type is shown as a copy, as one with another delivery id is.
 */
function typeAndTime(request: InboundRequest, { eventType, schemes, usesTime }: Provider): string[] {
  const type = firstTextAt(
    request,
    null,
    eventType.filter((place) => /^[hq]/.test(place))
  )
  const times = schemes.flatMap((scheme) =>
    usesTime && 'timestamp' in scheme && scheme.timestamp ? extract(request, null, scheme.timestamp).slice(0, 1) : []
  )
  return type === null ? times : [type, ...times]
}

/**
 * Hashes the body with its signature, or the content with its secret, if there is one.
 * @returns the `fingerprint`, in hex
 */
export async function fingerprintOf(
  env: Env,
  hashes: Hashes,
  { schemes }: Provider,
  request: InboundRequest,
  content: Content
): Promise<string> {
  const proof = schemes.flatMap((scheme) => proofsIn(scheme, request, content)).join('\n')
  if (proof === '') return hashes.content
  const isSecret = schemes.some(({ kind }) => kind === 'shared-secret')
  return isSecret ? keyedHash(env, `${hashes.content}\n${proof}`) : sha256Hex(utf8(`${hashes.body}\n${proof}`))
}
