import { iso } from '../../http/pagination'

/*
 * What came of a message, step by step, kept in its own row: every step of the journey adds to it.
 */

export interface LogEntry {
  at: string
  event: 'received' | 'processed' | 'failed' | 'postponed' | 'replayed' | 'sent'
  detail: string
}

/** Newer entries push the oldest out: who replays all day cannot make the row grow. */
const MAX_LOG = 50

/** An expression that adds an entry. @param parameter for its JSON */
export function appendLog(parameter: string): string {
  return `json_insert(case when json_array_length(log) >= ${MAX_LOG} then json_remove(log, '$[0]') else log end, '$[#]', json(${parameter}))`
}

export function logEntry(now: number, event: LogEntry['event'], detail: string): string {
  const entry: LogEntry = { at: iso(now), event, detail: detail.slice(0, 500) }
  return JSON.stringify(entry)
}

/** What came of a message so far, the arrival first. */
export function readLog(row: { received_at: number; log: string }): LogEntry[] {
  const received: LogEntry = {
    at: new Date(row.received_at).toISOString(),
    event: 'received',
    detail: 'Stored.',
  }
  return [received, ...(JSON.parse(row.log) as LogEntry[])]
}
