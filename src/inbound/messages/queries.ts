import { firstIdAt } from '../../core/lib/ids'

/** What a list shows of a message: nothing that is long. */
export interface ListedInbound {
  id: string
  source_id: string
  status: 'new' | 'processed' | 'failed'
  reason: string | null
  verified: number | null
  event_type: string | null
  external_id: string | null
  repeats: number
  method: string
  size: number
  received_at: number
  processed_at: number | null
  message_id: string | null
  comment_id: string | null
  is_sample: number
  is_handshake: number
  fields: string
  provider: string
  source_name: string
}

export interface InboundFilter {
  source?: string | undefined
  status?: 'new' | 'processed' | 'failed' | undefined
  type?: string | undefined
  /** Epoch milliseconds, included. */
  since?: number | undefined
  until?: number | undefined
  /** In the search fields, the type, the delivery id, and how the body begins. */
  q?: string | undefined
}

export interface InboundPage {
  data: ListedInbound[]
  /** The id to go on before; also when a page came out empty, since only so many are looked at. */
  next: string | null
}

/** Messages that one call looks at, where few of them are wanted. */
const SCAN_LIMIT = 500

const LISTED = `m.id, m.source_id, m.status, m.reason, m.verified, m.event_type, m.external_id,
  m.repeats, m.method, m.size, m.received_at, m.processed_at, m.message_id,
  m.comment_id, m.sample_key is not null as is_sample, m.dedupe_key is null as is_handshake, m.fields`

/** What is looked at, newest first: all, those of a source, or the failures of either, each by an index of its own. */
function scanned({ source, status }: InboundFilter, columns: string): string {
  const range = 'm.id < ?2 and m.id >= ?3'
  if (source !== undefined && status === 'failed') {
    return `select ${columns} from inbound_messages m indexed by inbound_failed
      where m.source_id = ?1 and m.status = 'failed' and ${range} order by m.id desc limit ${SCAN_LIMIT}`
  }
  if (source !== undefined) {
    return `select ${columns} from inbound_messages m indexed by inbound_of_source
      where m.source_id = ?1 and ${range} order by m.id desc limit ${SCAN_LIMIT}`
  }
  if (status === 'failed') {
    return `select ${columns} from inbound_messages m indexed by inbound_all_failed
      where ?1 is null and m.status = 'failed' and ${range} order by m.id desc limit ${SCAN_LIMIT}`
  }
  return `select ${columns} from inbound_messages m where ?1 is null and ${range} order by m.id desc limit ${SCAN_LIMIT}`
}

const WANTED = `(?4 is null or status = ?4) and (?5 is null or event_type = ?5)
  and (?6 is null or instr(lower(haystack), ?6) > 0)`

/**
 * Newest first, an order that the cross join keeps. Where a filter is rare, a page looks at 500 messages and hands back a cursor.
 * @param before an id, exclusive
 */
export async function listInbound(
  env: Env,
  filter: InboundFilter,
  before: string | undefined,
  limit: number
): Promise<InboundPage> {
  const range = rangeOf(filter, before)
  const haystack = `${LISTED}, concat_ws(char(10), m.id, m.event_type, m.external_id, m.fields, m.body_prefix) as haystack`
  const { results } = await env.DB.prepare(
    `select w.*, s.provider, s.name as source_name from (
       select * from (${scanned(filter, haystack)}) where ${WANTED} limit ?7) w
     cross join sources s on s.id = w.source_id`
  )
    .bind(
      ...range,
      filter.status ?? null,
      filter.type ?? null,
      filter.q === undefined ? null : lowerAscii(filter.q),
      limit + 1
    )
    .all<ListedInbound & { haystack: string }>()
  const data = results.slice(0, limit).map(({ haystack: _, ...row }) => row)
  if (results.length > limit) return { data, next: data.at(-1)?.id ?? null }
  return { data, next: isFiltered(filter) ? await lastScanned(env, filter, range) : null }
}

/** As SQLite does it: other letters stay as they are, on both sides. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function isFiltered({ status, type, q }: InboundFilter): boolean {
  return status !== undefined || type !== undefined || q !== undefined
}

function rangeOf({ source, since, until }: InboundFilter, before: string | undefined) {
  const end = until === undefined ? '~' : firstIdAt('in', Math.max(until + 1, 0))
  const start = since === undefined ? '' : firstIdAt('in', Math.max(since, 0))
  return [source ?? null, before !== undefined && before < end ? before : end, start] as const
}

/** Where the look stopped; null when it came to the end. */
async function lastScanned(
  env: Env,
  filter: InboundFilter,
  range: ReturnType<typeof rangeOf>
): Promise<string | null> {
  const row = await env.DB.prepare(
    `select count(*) as looked, min(id) as last from (${scanned(filter, 'm.id')})`
  )
    .bind(...range)
    .first<{ looked: number; last: string | null }>()
  return row !== null && row.looked >= SCAN_LIMIT ? row.last : null
}

/** As far as it is worth adding up, for a page. */
const COUNTED = 500

export interface Kept {
  messages: number
  bytes: number
  /** There are older ones, which are not in it. */
  hasMore: boolean
}

/** What the latest messages of a source take: most have no more than these. */
export async function keptOf(env: Env, sourceId: string): Promise<Kept> {
  const row = await env.DB.prepare(
    `select count(*) as messages, coalesce(sum(size), 0) as bytes from (
       select size from inbound_messages indexed by inbound_of_source where source_id = ?1 order by id desc limit ${COUNTED})`
  )
    .bind(sourceId)
    .first<Omit<Kept, 'hasMore'>>()
  const { messages, bytes } = row ?? { messages: 0, bytes: 0 }
  return { messages, bytes, hasMore: messages === COUNTED }
}

/** Bytes that the whole database takes: the platform says so with any answer. */
export async function storageUsed(env: Env): Promise<number> {
  const { meta } = await env.DB.prepare('select 1').all()
  return meta.size_after
}
