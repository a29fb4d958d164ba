import { columnsOf, columnsWithout, type RowOf } from '../../../kit/db/rows'
import { statement } from '../../../kit/db/statements'
import { inboundCanBe } from '../../rules/receiving/inbound-state'
import { inboundChunks, inboundMessages } from '../../tables/incoming'
import { WITH_LOG_ENTRY } from './log'
import { ACTED_DUPLICATE, ORIGINAL } from './repeats'

/* The statements that write one message and its body. Those in due.ts and retention.ts write many; no others do. */

export type InboundRow = typeof inboundMessages.$inferSelect
export type ChunkRow = typeof inboundChunks.$inferSelect
type Id = Pick<InboundRow, 'id'>
/** The return value of `logEntry`. */
export type WithLogEntry = { log_entry: string }

/** The columns that change when a message is reopened so that it is processed again. */
const REOPENED = {
  status: `'new'`,
  reason: 'null',
  rev: 'rev + 1',
  step: '0',
  next_attempt_at: ':next_attempt_at',
  log: WITH_LOG_ENTRY,
}

/** @returns the assignments in SQL. @param condition if given, the columns change only if the condition is true */
export function reopened(condition?: string): string {
  const assigned = Object.entries(REOPENED).map(([column, value]) =>
    condition ? `${column} = iif(${condition}, ${value}, ${column})` : `${column} = ${value}`
  )
  return assigned.join(',\n    ')
}

const NEW = columnsWithout(inboundMessages, 'repeats', 'rev', 'step', 'message_id', 'comment_id', 'fields', 'copy_of')
export type NewInbound = RowOf<typeof NEW>

/**
 * Stores a message, or counts a repeat. If the message repeats an original, the row is inserted with the id of the
 * original. This id already exists, so the insert becomes an update, which counts the repeat. One statement does both,
 * so if two identical requests arrive at the same time, only one of them becomes the original.
 *
 * A repeat reopens a failed original, because the cause may have been fixed by now, unless the repeat itself was
 * settled on arrival. Returns the id of the row, and whether the message is due because it is new or was reopened.
 */
export const STORE_OR_COUNT = NEW.insert<NewInbound & WithLogEntry, Id & { is_due: number }>(
  { id: `coalesce((${ORIGINAL}), :id)` },
  `
  where true
  on conflict (id) do update set
    repeats = repeats + 1,
    ${reopened(`${inboundCanBe('repeated', 'inbound_messages.')} and excluded.status = 'new'`)}
  returning id, status = 'new' and next_attempt_at is :next_attempt_at as is_due`
)

/** Stores a chunk of a body, unless the request is a repeat, which has no message with this id. */
export const STORE_CHUNK = columnsOf(inboundChunks).insert<ChunkRow>(
  {},
  'where exists (select 1 from inbound_messages where id = :message_id)'
)

type Processed = Pick<
  InboundRow,
  | 'id'
  | 'rev'
  | 'status'
  | 'reason'
  | 'verified'
  | 'event_type'
  | 'external_id'
  | 'processed_at'
  | 'message_id'
  | 'comment_id'
  | 'copy_of'
> & { fields: string | null; acts: number }

/**
 * Records the outcome of processing for the revision that was processed: if two workers process the same message, only
 * one of them settles it. With `acts` = 1, nothing is settled if a duplicate was acted on in the meantime. If
 * `verified`, `fields` or one of the ids is null, that column is left unchanged.
 */
export const SETTLE_MESSAGE = statement<Processed & WithLogEntry>(`
  update inbound_messages set
    status = :status,
    reason = :reason,
    verified = coalesce(:verified, verified),
    event_type = iif(:verified is null, event_type, :event_type),
    external_id = coalesce(external_id, :external_id),
    fields = coalesce(:fields, fields),
    processed_at = :processed_at,
    next_attempt_at = null,
    rev = rev + 1,
    step = 0,
    message_id = coalesce(message_id, :message_id),
    comment_id = coalesce(comment_id, :comment_id),
    copy_of = coalesce(copy_of, :copy_of),
    log = ${WITH_LOG_ENTRY}
  where id = :id
    and ${inboundCanBe('processed')}
    and rev = :rev
    and (:acts = 0 or not exists (${ACTED_DUPLICATE}))`)

/** Records a failed attempt. The next attempt is due at `next_attempt_at`; if there is none, `status` is `failed`. */
export const POSTPONE = statement<
  Pick<InboundRow, 'id' | 'rev' | 'step' | 'status' | 'reason' | 'next_attempt_at'> & WithLogEntry
>(`
  update inbound_messages set
    status = :status,
    reason = :reason,
    rev = rev + 1,
    step = :step,
    next_attempt_at = :next_attempt_at,
    log = ${WITH_LOG_ENTRY}
  where id = :id
    and ${inboundCanBe('postponed')}
    and rev = :rev`)

/** Reopens a message that has been processed or has failed. */
export const REOPEN = statement<Pick<InboundRow, 'id' | 'next_attempt_at'> & WithLogEntry>(`
  update inbound_messages set
    ${reopened()}
  where id = :id
    and ${inboundCanBe('reprocessed')}`)

/** Parks a message of a paused source, unless the source was resumed meanwhile: its messages are released by then. */
export const PARK = statement<Pick<InboundRow, 'id' | 'source_id'>>(`
  update inbound_messages set next_attempt_at = null
  where id = :id
    and ${inboundCanBe('parked')}
    and exists (select 1 from sources where id = :source_id and status = 'paused')`)

export const ADD_LOG_ENTRY = statement<Id & WithLogEntry>(`
  update inbound_messages set log = ${WITH_LOG_ENTRY}
  where id = :id`)

/** @param ids a JSON list */
export const REMOVE_MESSAGES = statement<{ ids: string }>(`
  delete from inbound_messages
  where id in (select value from json_each(:ids))`)

/** @param ids a JSON list */
export const REMOVE_BODY_CHUNKS = statement<{ ids: string }>(`
  delete from inbound_chunks
  where message_id in (select value from json_each(:ids))`)

/** Removes the chunks of a processed message. A failed message keeps its body so that it can be replayed. */
export const REMOVE_PROCESSED_CHUNKS = statement<Id>(`
  delete from inbound_chunks
  where message_id in (select id from inbound_messages where id = :id and status = 'processed')`)

/** Removes the searchable beginning of a processed message's body. */
export const CLEAR_PROCESSED_PREFIX = statement<Id>(`
  update inbound_messages set body_prefix = null
  where id = :id and status = 'processed'`)
