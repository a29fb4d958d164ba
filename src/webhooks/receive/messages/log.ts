import { iso } from '../../../kit/http/pagination'
import { cut } from '../../../kit/lib/text/shorten'
import type { inboundMessages } from '../../tables/incoming'

/* An inbound message's log: a JSON list in the message's row. Every processing step adds an entry. */

interface LogEntry {
  at: string
  event: 'received' | 'processed' | 'failed' | 'postponed' | 'replayed' | 'sent'
  detail: string
}

/** When the log is full, a new entry replaces the oldest, so that frequent replays cannot make the row too large. */
const MAX_LOG_ENTRIES = 50
const MAX_DETAIL = 500

/** The SQL for the new value of `log`, with one more entry. The parameter `:log_entry` comes from `logEntry`. */
export const WITH_LOG_ENTRY = `json_insert(
      iif(json_array_length(log) >= ${MAX_LOG_ENTRIES}, json_remove(log, '$[0]'), log),
      '$[#]',
      json(:log_entry)
    )`

/** @returns the entry as JSON */
export function logEntry(now: number, event: LogEntry['event'], detail: string): string {
  const entry: LogEntry = { at: iso(now), event, detail: cut(detail, MAX_DETAIL) }
  return JSON.stringify(entry)
}

/** @returns the entries, oldest first, starting with the arrival of the message */
export function readLog({
  received_at,
  log,
}: Pick<typeof inboundMessages.$inferSelect, 'received_at' | 'log'>): LogEntry[] {
  const received: LogEntry = { at: iso(received_at), event: 'received', detail: 'Stored.' }
  return [received, ...(JSON.parse(log) as LogEntry[])]
}
