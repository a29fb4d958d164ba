import { freshId } from '../../../kit/db/ids'
import type { Batch } from '../../../kit/db/shared-batch'
import { batch as runBatch } from '../../../kit/db/statements'
import { decodeUtf8 } from '../../../kit/lib/bytes'
import { log } from '../../../log'
import { FIRST_WAKE_MS } from '../../rules/delivering/retry-schedule'
import { hasSecretBody, withoutSecretValues } from '../../rules/verifying/credentials'
import { type Content, firstTextAt, type InboundRequest } from '../../rules/verifying/request'
import type { Source } from '../../sources/cache'
import { useQuota } from '../../sources/quota'
import { tokenMark } from '../../sources/secrets'
import { beginningOf, MAX_TEXT_BYTES, toChunks } from '../messages/bodies'
import { logEntry } from '../messages/log'
import { dedupeKeyOf, fingerprintOf, hashesOf } from '../messages/repeats'
import { type NewInbound, STORE_CHUNK, STORE_OR_COUNT } from '../messages/store'
import { cutText, storeHeaders, storeQuery, withoutSecrets } from '../messages/stored-request'

/* Accepts an inbound message: stores the raw request in one batch, before acknowledging it. */

/** The outcome of a request that is handled completely on arrival instead of being processed later. */
export interface HandledOnArrival {
  status: 'processed' | 'failed'
  reason: string | null
  event_type: string | null
  verified: boolean
  /** The text for the message's log. */
  note: string
}

/** A request to a source. */
export interface Received {
  source: Source
  /** The origin of this guestbook, as it appears in the URL that the sender used. */
  origin: string
  request: InboundRequest
  /** The parsed body. This is also null if the body is not needed on arrival. */
  content: Content
  /** Epoch milliseconds. */
  now: number
}

interface AcceptOptions {
  settled?: HandledOnArrival
  /** A handshake is never deduplicated. */
  isHandshake?: boolean
  /** The sealed key of a sample, or empty if the sample is signed with the source's secret. */
  sample_key?: string
  /** The id of the message, if it is already known. */
  id?: string
  /** Runs the statements. By default, they run in their own batch. */
  batch?: Batch
}

/**
 * Stores the whole request or nothing, in one round trip. A repeat is not stored, but counted with its original. If the
 * request is settled on arrival, only the beginning of its body is stored.
 * @returns the id of the message, or of its original. `isDue`: it is new, or it reopened a failed original
 */
export async function acceptInbound(env: Env, received: Received, options: AcceptOptions = {}) {
  const { source, request, now } = received
  const { batch = (statements) => runBatch(env, statements) } = options
  const row = await toRow(env, received, options)
  const kept = options.settled ? beginningOf(request.body) : request.body
  const log_entry = logEntry(now, 'replayed', 'Received again. It will be processed again.')
  const isUnverified = options.settled?.verified === false
  const quota = useQuota(env, source.row, { id: row.id, size: kept.length, isUnverified }, now)
  const [stored] = await batch([
    STORE_OR_COUNT(env, { ...row, log_entry }),
    ...toChunks(kept).map((chunk) => STORE_CHUNK(env, { message_id: row.id, ...chunk })),
    ...quota.statements,
  ])
  const { id, is_due } = stored.results[0] ?? { id: row.id, is_due: 0 }
  const accepted = { id, repeat: id !== row.id }
  quota.count(!accepted.repeat)
  log('inbound.received', { ...accepted, source_id: source.row.id, size: request.body.length })
  return { ...accepted, isDue: is_due === 1 }
}

async function toRow(
  env: Env,
  { source, origin, request, content, now }: Received,
  { settled, isHandshake = false, sample_key, id = freshId('in', now) }: AcceptOptions
): Promise<NewInbound> {
  const { row, provider } = source
  const { idScope = [], sameContentMs } = provider
  const shown = withoutSecrets(request, source)
  const hashes = await hashesOf(shown, provider)
  const deliveryId = firstTextAt(request, content, provider.deliveryId)
  const scope = deliveryId && firstTextAt(request, content, idScope)
  const external_id =
    deliveryId && firstTextAt(shown, withoutSecretValues(content, provider.schemes), provider.deliveryId)
  const identity = {
    deliveryId: scope ? `${scope}\n${deliveryId}` : deliveryId,
    isSecret: external_id !== deliveryId,
    content: hashes.content + (sameContentMs ? `.${Math.floor(now / sameContentMs)}` : ''),
  }
  return {
    id,
    source_id: row.id,
    external_id: cutText(external_id),
    dedupe_key: isHandshake ? null : await dedupeKeyOf(env, identity),
    fingerprint: await fingerprintOf(env, hashes, provider, request, content),
    method: request.method,
    size: request.body.length,
    received_at: now,
    sample_key: sample_key ?? null,
    origin,
    token_mark: tokenMark(row.token_hash),
    query: await storeQuery(env, id, request.query, provider),
    headers: await storeHeaders(env, id, request.headers, provider),
    body_prefix: hasSecretBody(provider.schemes) ? null : prefixOf(request),
    ...stateOf(settled, now),
  }
}

function stateOf(settled: HandledOnArrival | undefined, now: number) {
  if (!settled) {
    const next_attempt_at = now + FIRST_WAKE_MS
    const unknown = { reason: null, verified: null, event_type: null, processed_at: null }
    return { status: 'new' as const, ...unknown, next_attempt_at, log: '[]' }
  }
  const { status, reason, event_type, note } = settled
  const verified = Number(settled.verified)
  const done = { processed_at: now, next_attempt_at: null }
  return { status, reason, verified, event_type, ...done, log: `[${logEntry(now, status, note)}]` }
}

/** How many bytes of a body can be searched. */
const SEARCHABLE_BYTES = 500

/**
 * D1 text cannot contain NUL. D1's API sends all values as one string, which one character beyond ASCII makes slower,
 * even twice as large. For a long body, this takes more time than everything else, so spaces replace such characters.
 */
function prefixOf({ body }: InboundRequest): string | null {
  const bytes = body.subarray(0, SEARCHABLE_BYTES)
  const text = decodeUtf8(bytes) ?? new TextDecoder().decode(bytes)
  const sent = body.length > MAX_TEXT_BYTES ? text.replace(/[^ -~]/g, ' ') : text
  return sent.replaceAll('\0', ' ').trim() || null
}
