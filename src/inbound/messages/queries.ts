import { lowerAscii } from '../../core/lib/ascii'
import { firstIdAt } from '../../core/lib/ids'
import { all, first, statement } from '../../db/statements'
import type { SourceRow } from '../sources/store'
import { IS_HANDSHAKE } from './repeats'
import type { InboundRow } from './store'

/** The columns that a list shows. Long columns are left out. */
const LISTED = [
  'id',
  'source_id',
  'status',
  'reason',
  'verified',
  'event_type',
  'external_id',
  'repeats',
  'method',
  'size',
  'received_at',
  'processed_at',
  'message_id',
  'comment_id',
  'copy_of',
  'fields',
] as const

export type ListedInbound = Pick<InboundRow, (typeof LISTED)[number]> &
  Pick<SourceRow, 'provider'> & { is_sample: number; is_handshake: number; source_name: string }

export interface InboundFilter {
  source?: string | undefined
  status?: InboundRow['status'] | undefined
  type?: string | undefined
  /** Epoch milliseconds, inclusive. */
  since?: number | undefined
  until?: number | undefined
  /** Text to search for in the id, the event type, the delivery id, the search fields and the beginning of the body. */
  q?: string | undefined
}

export interface InboundPage {
  data: ListedInbound[]
  /** The cursor for the next page. Even an empty page can have a cursor: one page reads only `SCAN_LIMIT` messages. */
  next: string | null
}

/** The maximum number of messages that one page reads, however few of them match the filter. */
const SCAN_LIMIT = 500

type Range = { source_id: string | null; before: string; start: string }

const IN_RANGE = 'm.id < :before and m.id >= :start'
const HAYSTACK = 'concat_ws(char(10), m.id, m.event_type, m.external_id, m.fields, m.body_prefix)'

type Wanted = { status: InboundRow['status'] | null; event_type: string | null; text: string | null; limit: number }

function scan(from: string) {
  const latest = `${from}
    order by m.id desc
    limit ${SCAN_LIMIT}`
  return {
    /** Reads up to `SCAN_LIMIT` messages, and returns those that match. The cross join preserves their order. */
    list: statement<Range & Wanted, ListedInbound>(`
  select
    ${LISTED.map((column) => `w.${column}`).join(', ')},
    w.is_sample, w.is_handshake, s.provider, s.name as source_name
  from (
    select
      ${LISTED.map((column) => `m.${column}`).join(', ')},
      m.sample_key is not null as is_sample,
      ${IS_HANDSHAKE} as is_handshake,
      ${HAYSTACK} as haystack
    ${latest}
  ) w
  cross join sources s on s.id = w.source_id
  where (:status is null or w.status = :status)
    and (:event_type is null or w.event_type = :event_type)
    and (:text is null or instr(lower(w.haystack), :text) > 0)
  limit :limit`),
    /** Counts the messages that `list` reads, and finds the last one. */
    lastRead: statement<Range, { found: number; last_id: string | null }>(`
  select count(*) as found, min(id) as last_id
  from (
    select m.id
    ${latest}
  )`),
  }
}

/**
 * The messages that a page reads, newest first: all messages, all failed messages, one source's messages, or one
 * source's failed messages. Each scan uses its own index.
 */
const SCANS = {
  all: scan(`
    from inbound_messages m
    where ${IN_RANGE}`),
  failed: scan(`
    from inbound_messages m indexed by inbound_all_failed
    where m.status = 'failed' and ${IN_RANGE}`),
  all_of_source: scan(`
    from inbound_messages m indexed by inbound_of_source
    where m.source_id = :source_id and ${IN_RANGE}`),
  failed_of_source: scan(`
    from inbound_messages m indexed by inbound_failed
    where m.source_id = :source_id and m.status = 'failed' and ${IN_RANGE}`),
}

/** Lists messages, newest first. @param before an id, exclusive */
export async function listInbound(
  env: Env,
  filter: InboundFilter,
  before: string | undefined,
  limit: number
): Promise<InboundPage> {
  const { source, status = null, type = null, q } = filter
  const scan = status === 'failed' ? 'failed' : 'all'
  const { list, lastRead } = SCANS[source === undefined ? scan : (`${scan}_of_source` as const)]
  const range = rangeOf(filter, before)
  const text = q === undefined ? null : lowerAscii(q)
  const rows = await all(list(env, { ...range, status, event_type: type, text, limit: limit + 1 }))
  const data = rows.slice(0, limit)
  if (rows.length > limit) return { data, next: data.at(-1)?.id ?? null }
  const isFiltered = status !== null || type !== null || q !== undefined
  if (!isFiltered) return { data, next: null }
  const read = await first(lastRead(env, range))
  return { data, next: read && read.found >= SCAN_LIMIT ? read.last_id : null }
}

function rangeOf({ source, since, until }: InboundFilter, before: string | undefined): Range {
  const end = until === undefined ? '~' : firstIdAt('in', Math.max(until + 1, 0))
  return {
    source_id: source ?? null,
    before: before !== undefined && before < end ? before : end,
    start: since === undefined ? '' : firstIdAt('in', Math.max(since, 0)),
  }
}

/** The maximum number of messages that `keptOf` counts. */
const MAX_COUNTED = 500

const SUM_UP = statement<Pick<InboundRow, 'source_id'>, Omit<Kept, 'hasMore'>>(`
  select count(*) as messages, coalesce(sum(size), 0) as bytes
  from (
    select size
    from inbound_messages indexed by inbound_of_source
    where source_id = :source_id
    order by id desc
    limit ${MAX_COUNTED}
  )`)

export interface Kept {
  messages: number
  bytes: number
  /** Whether there are older messages that were not counted. */
  hasMore: boolean
}

/** @returns how many of a source's messages are stored, and their total size in bytes. Counts only the latest 500 */
export async function keptOf(env: Env, source_id: string): Promise<Kept> {
  const sum = (await first(SUM_UP(env, { source_id }))) ?? { messages: 0, bytes: 0 }
  return { ...sum, hasMore: sum.messages === MAX_COUNTED }
}
