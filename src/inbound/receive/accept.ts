import { FIRST_WAKE_MS } from '../../core/delivering/retry-schedule'
import { decodeUtf8 } from '../../core/lib/bytes'
import { type Content, firstTextAt, type InboundRequest } from '../../core/verifying/request'
import type { Provider } from '../../core/verifying/scheme'
import type { Batch } from '../../db/batch'
import { freshId } from '../../db/ids'
import { log } from '../../log'
import { insertChunks } from '../messages/body-chunks'
import { appendLog, logEntry } from '../messages/log'
import { contentHash, fingerprintOf, keyOf, SAME_BODY_MS } from '../messages/repeats'
import { cutText, storeHeaders, storeQuery } from '../messages/stored-request'
import type { Source } from '../sources/cache'
import { tokenMark } from '../sources/secrets'

/*
 * Step 1 of the incoming journey: everything that came, in one batch, before anybody is told that it came.
 */

/** What was settled at the door, for a request that is not left to the consumer. */
export interface Settled {
  status: 'processed' | 'failed'
  reason: string | null
  event_type: string | null
  verified: boolean
  /** For its log. */
  note: string
}

export interface Arrival {
  source: Source
  origin: string
  request: InboundRequest
  content: Content
  settled?: Settled
  /** It was answered at the door: no delivery, that another could repeat. */
  isHandshake?: boolean
  /** Of a sample of ours, sealed. */
  sample_key?: string | undefined
  /** Of the message, when it is known already. */
  id?: string
}

export interface AcceptedInbound {
  id: string
  /** It was here before: this is the id that it got then. */
  repeat: boolean
  /** It is to be looked at: it is new, or the first one had failed, and what it failed for may be mended since. */
  isDue: boolean
}

const PREFIX_CHARS = 500

/** Sent again after it had failed: whoever mended the secret has the provider send it once more, and it is looked at once more. */
const REOPENS = `(status = 'failed' and excluded.status = 'new')`

/**
 * One statement finds the first one and counts a repeat on it, or stores this one: its id is the first's when there is one, and then it is there already. The
 * first one is out of it when it has been there for a day (where the key is a hash of bytes), or when it was refused and this one is not the same, signature and all: whoever
 * guesses an id, or sends the bytes unsigned, cannot keep out the real one. Nor one that failed and has lost its body: this one brings it again.
 */
const INSERT = `insert into inbound_messages (id, source_id, status, reason, verified, event_type, external_id, dedupe_key, method,
    size, received_at, processed_at, next_attempt_at, fingerprint, sample_key, origin, query, body_prefix, headers, log, token_mark)
  select coalesce((select id from inbound_messages indexed by inbound_repeats
      where source_id = ?2 and dedupe_key = ?8 and dedupe_key is not null and received_at > ?20
        and (verified is not 0 or status = 'processed' or fingerprint = ?14) and (status <> 'failed' or size = 0 or exists (
          select 1 from inbound_chunks c where c.message_id = inbound_messages.id)) limit 1), ?1),
    ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?21, ?23
  where true on conflict (id) do update set repeats = repeats + 1, rev = rev + ${REOPENS}, step = iif(${REOPENS}, 0, step),
    reason = iif(${REOPENS}, null, reason), next_attempt_at = iif(${REOPENS}, ?13, next_attempt_at),
    log = iif(${REOPENS}, ${appendLog('?22')}, log), status = iif(${REOPENS}, 'new', status)
  returning id, next_attempt_at is ?13 and status = 'new' as is_due`

interface Stored {
  id: string
  is_due: number
}

/** One round trip, all or nothing. A repeat is counted on the first one, and stored once. */
export async function acceptInbound(
  env: Env,
  arrival: Arrival,
  now: number,
  batch: Batch = (statements) => env.DB.batch(statements)
): Promise<AcceptedInbound> {
  const { source, request } = arrival
  const id = arrival.id ?? freshId('in', now)
  const insert = await planInsert(env, id, arrival, now)
  const chunks = insertChunks(env, id, request.body)
  const [stored] = await batch([insert, ...chunks])
  const { id: first = id, is_due = 0 } = (stored?.results[0] ?? {}) as Partial<Stored>
  const accepted = { id: first, repeat: first !== id }
  log('inbound.received', { ...accepted, source_id: source.row.id, size: request.body.length })
  return { ...accepted, isDue: is_due === 1 }
}

async function planInsert(
  env: Env,
  id: string,
  { source, origin, request, content, settled, isHandshake, sample_key: sampleKey }: Arrival,
  now: number
): Promise<D1PreparedStatement> {
  const { row, provider } = source
  const hash = await contentHash(request, provider)
  const deliveryId = firstTextAt(request, content, provider.deliveryId)
  const key = deliveryId === null ? `sha256:${hash}` : await keyOf(deliveryId)
  const firstSince = deliveryId === null ? now - SAME_BODY_MS : -1
  return env.DB.prepare(INSERT).bind(
    id,
    row.id,
    settled?.status ?? 'new',
    settled?.reason ?? null,
    settled ? Number(settled.verified) : null,
    settled?.event_type ?? null,
    cutText(deliveryId),
    isHandshake ? null : key,
    request.method,
    request.body.length,
    now,
    settled ? now : null,
    settled ? null : now + FIRST_WAKE_MS,
    await fingerprintOf(env, hash, source, request, content),
    sampleKey ?? null,
    origin,
    await storeQuery(env, id, request.query, provider),
    hasSecretBody(provider) ? null : prefixOf(request),
    await storeHeaders(env, id, request.headers, provider),
    firstSince,
    settled ? `[${logEntry(now, settled.status, settled.note)}]` : '[]',
    logEntry(now, 'replayed', 'It came again: to be processed again.'),
    tokenMark(row.token_hash)
  )
}

/** Where the secret itself is sent in the body, nothing of that is to be found by a search. */
function hasSecretBody({ schemes }: Provider): boolean {
  return schemes.some((scheme) => scheme.kind === 'shared-secret' && scheme.at.startsWith('body:'))
}

/** What a search looks into. A cut character becomes a visible replacement, which is no harm here; NUL is no text for D1. */
function prefixOf({ body }: InboundRequest): string | null {
  const text =
    decodeUtf8(body.subarray(0, PREFIX_CHARS)) ??
    new TextDecoder().decode(body.subarray(0, PREFIX_CHARS))
  return text.replaceAll('\0', ' ').trim() || null
}
