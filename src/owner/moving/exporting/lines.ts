import type { Portable, PortableRow } from '../../../kit/db/portable'
import type { Value } from '../../../kit/db/statements'
import { iso } from '../../../kit/http/pagination'
import { Refusal } from '../../../kit/http/problem'

/*
 * Rows as lines of NDJSON and back. On the wire, times are in RFC 3339, JSON is JSON, and flags are booleans, as in the
 * rest of the API. Both directions are exact, so what was restored is exported as it was.
 */

const JSON_COLUMNS = new Set<string>([
  'settings',
  'value',
  'event_types',
  'books',
  'options',
  'fields',
  'template',
  'schema',
  'example',
  'answers',
  'extra',
  'texts',
])
const FLAGS = new Set(['strict', 'is_private', 'moderation_links', 'pre'])
const REQUIRED = new Set(['created_at', 'updated_at'])
/** The end of the year 9999. RFC 3339 cannot write later times. */
export const LAST_TIME = 253_402_300_799_999
const isTime = (column: string) => column.endsWith('_at')

export type Line = Record<string, unknown> & { type: string }

/** @returns the line of a row, without the hidden columns */
export function toLine(type: string, columns: string[], row: PortableRow): Line {
  const values = columns.map((column) => [
    column === 'type' ? 'event_type' : column,
    toWire(column, row[column] ?? null),
  ])
  return { type, ...Object.fromEntries(values) }
}

function toWire(column: string, value: Value): unknown {
  if (value === null) return null
  if (JSON_COLUMNS.has(column)) return JSON.parse(String(value))
  if (FLAGS.has(column)) return value === 1
  return isTime(column) ? iso(Number(value)) : value
}

/** @param number of the line, for the message @returns its values. @throws Refusal 422 if one cannot be stored */
export function toRow({ columns }: Pick<Portable, 'columns'>, line: Line, number: number): PortableRow {
  return Object.fromEntries(columns.map((column) => [column, fromWire(column, line[column], number)]))
}

function fromWire(column: string, value: unknown, number: number): Value {
  if (value === null || value === undefined) {
    if (!REQUIRED.has(column)) return null
    throw invalidLine(number, `"${column}" is missing.`)
  }
  if (JSON_COLUMNS.has(column)) return JSON.stringify(value)
  if (FLAGS.has(column) && typeof value === 'boolean') return Number(value)
  const stored = isTime(column) ? fromTime(value) : value
  if (typeof stored === 'string' || Number.isSafeInteger(stored)) return stored as Value
  throw invalidLine(number, `"${column}" has a value that cannot be stored.`)
}

/** @returns epoch milliseconds; NaN for anything that is not a time from 1970 to 9999 */
function fromTime(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : Number(value)
  return time >= 0 && time <= LAST_TIME ? time : Number.NaN
}

export function invalidLine(number: number, why: string): Refusal {
  return new Refusal(422, 'invalid_line', `Line ${number} cannot be restored: ${why}`)
}
