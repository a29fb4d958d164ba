import { columnsOf, type RowOf } from '../../../kit/db/rows'
import {
  excerptAround,
  lowerAscii,
  newestBetween,
  type ScannedPage,
  scanned,
  type TimeSpan,
} from '../../../kit/db/scanned'
import { first, statement } from '../../../kit/db/statements'
import { isOtherSource } from '../../endpoints/built-in-receiver'
import { type SourceRow, WITH_NAME } from '../../sources/store'
import { inboundMessages } from '../../tables/incoming'
import { IS_HANDSHAKE } from './repeats'
import type { InboundRow } from './store'

/** The columns that a list shows. Long columns are left out. */
const LISTED = columnsOf(
  inboundMessages,
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
  'fields'
)
const SHOWN = LISTED.of('w').and<Marks & OfSource>(
  'w.is_sample',
  'w.is_handshake',
  'w.body_prefix',
  's.provider',
  's.name as source_name',
  's.status as source_status',
  excerptAround('w.haystack')
)

/** `excerpt`: what the search has found. */
type Marks = Pick<InboundRow, 'body_prefix'> & { is_sample: number; is_handshake: number; excerpt: string | null }
type OfSource = Pick<SourceRow, 'provider'> & { source_name: string; source_status: SourceRow['status'] }
export type ListedInbound = RowOf<typeof SHOWN>

export interface InboundFilter extends TimeSpan {
  source?: string | undefined
  /** Whether requests to the built-in receiver are left out. */
  others?: boolean | undefined
  status?: InboundRow['status'] | undefined
  type?: string | undefined
  /** Text to find in the id, event type, delivery id, search fields, source's name or the beginning of the body. */
  q?: string | undefined
}

type Wanted = {
  source_id: string | null
  others: number
  status: InboundRow['status'] | null
  event_type: string | null
  text: string | null
}

const SEARCH = {
  read: LISTED.of('m').and(
    'm.sample_key is not null as is_sample',
    `${IS_HANDSHAKE} as is_handshake`,
    'm.body_prefix',
    'concat_ws(char(10), m.id, m.event_type, m.external_id, m.fields, m.body_prefix) as haystack'
  ),
  join: 'cross join sources s on s.id = w.source_id',
  where: `(:status is null or w.status = :status)
    and (:others = 0 or ${isOtherSource('w.source_id')})
    and (:event_type is null or w.event_type = :event_type)
    and (:text is null or instr(lower(w.haystack), :text) > 0 or w.source_id in (${WITH_NAME}))`,
  show: SHOWN,
}

const searching = (from: string, within: string) => scanned<Wanted, ListedInbound>({ ...SEARCH, from, within })

/** Each of these has its own index. */
const SEARCHES = {
  all: searching('inbound_messages m', 'true'),
  failed: searching('inbound_messages m indexed by inbound_all_failed', `m.status = 'failed'`),
  all_of_source: searching('inbound_messages m indexed by inbound_of_source', 'm.source_id = :source_id'),
  failed_of_source: searching(
    'inbound_messages m indexed by inbound_failed',
    `m.source_id = :source_id and m.status = 'failed'`
  ),
}

/** Lists messages, newest first. @param before an id, exclusive */
export async function listInbound(
  env: Env,
  { source, others = false, status, type, q, ...times }: InboundFilter,
  before: string | undefined,
  limit: number
): Promise<ScannedPage<ListedInbound>> {
  const kind = status === 'failed' ? 'failed' : 'all'
  const search = SEARCHES[source === undefined ? kind : (`${kind}_of_source` as const)]
  const text = q === undefined ? null : lowerAscii(q)
  const wanted = {
    source_id: source ?? null,
    others: Number(others),
    status: status ?? null,
    event_type: type ?? null,
    text,
  }
  return search(env, wanted, newestBetween('in', times, before), limit)
}

/** The maximum number of messages that `keptOf` counts. */
const MAX_COUNTED = 500

const SUM_UP = statement<Pick<InboundRow, 'source_id'>, Omit<KeptCount, 'hasMore'>>(`
  select count(*) as messages, coalesce(sum(size), 0) as bytes
  from (
    select size
    from inbound_messages indexed by inbound_of_source
    where source_id = :source_id
    order by id desc
    limit ${MAX_COUNTED}
  )`)

export interface KeptCount {
  messages: number
  bytes: number
  /** Whether there are older messages that were not counted. */
  hasMore: boolean
}

/** @returns how many of a source's messages are stored, and their total size in bytes. Counts only the latest 500 */
export async function keptOf(env: Env, source_id: string): Promise<KeptCount> {
  const sum = (await first(SUM_UP(env, { source_id }))) ?? { messages: 0, bytes: 0 }
  return { ...sum, hasMore: sum.messages === MAX_COUNTED }
}
