import type { inboundMessages } from '../../db/schema'
import { iso } from '../../http/pagination'

/* The log of an inbound message: a JSON list in its row. Every step of its processing adds an entry. */

export interface LogEntry {
  at: string
  event: 'received' | 'processed' | 'failed' | 'postponed' | 'replayed' | 'sent'
  detail: string
}

/** A new entry pushes out the oldest, so frequent replays cannot make the row grow. */
const MAX_LOG_ENTRIES = 50
const MAX_DETAIL = 500

/** The new value of `log`, in SQL, with one more entry. The parameter is `:log_entry`, from `logEntry`. */
export const WITH_LOG_ENTRY = `json_insert(
      iif(json_array_length(log) >= ${MAX_LOG_ENTRIES}, json_remove(log, '$[0]'), log),
      '$[#]',
      json(:log_entry)
    )`

/** @returns the entry as JSON */
export function logEntry(now: number, event: LogEntry['event'], detail: string): string {
  const entry: LogEntry = { at: iso(now), event, detail: detail.slice(0, MAX_DETAIL) }
  return JSON.stringify(entry)
}

/** @returns the entries, oldest first, with the arrival as the first */
export function readLog({
  received_at,
  log,
}: Pick<typeof inboundMessages.$inferSelect, 'received_at' | 'log'>): LogEntry[] {
  const received: LogEntry = { at: iso(received_at), event: 'received', detail: 'Stored.' }
  return [received, ...(JSON.parse(log) as LogEntry[])]
}
