import { firstIdAt, type IdPrefix } from '../lib/ids'
import type { Selected } from './rows'
import { all, statement, type Values } from './statements'

/* Lists that a filter thins out: a page reads a limited number of rows, however few match, and has a cursor. */

/** How many rows one page reads, unless a list has a limit of its own. */
export const SCANNED = 500

interface Scan<Row> {
  /** The table, and the index if SQLite would not choose it: SQL. */
  from: string
  /** Which rows are read: SQL that the index can decide. */
  within?: string
  /** The column by which the index sorts these rows. It is the cursor. */
  key?: string
  isOldestFirst?: boolean
  /** How many rows one page reads. */
  most?: number
  /** What is read of each row, with the key: SQL. */
  read: string | Selected<unknown>
  /** What the rows that were read are called below. */
  as?: string
  /** What is joined with each of them: SQL. Cross joins keep the order. */
  join?: string
  /** The filter: SQL about a row, and what was joined with it. */
  where?: string
  show: Selected<Row>
}

/** Between which keys rows are read: behind `from`, which is a cursor, up to and including `to`. */
export type KeyRange = { from?: string | undefined; to?: string | undefined }

export interface ScannedPage<Row> {
  data: Row[]
  /** The cursor of the next page, or null at the end. A page may be empty and still have one. */
  next: string | null
}

interface PageWithEnd<Row> extends ScannedPage<Row> {
  /** The key of the last row that this page covers, or null if it covers none. */
  last: string | null
}

/** @param values for the parameters of the filter and of `within`. @param limit how many rows a page shows at most */
type List<P extends Values, Row> = (env: Env, values: P, range: KeyRange, limit: number) => Promise<PageWithEnd<Row>>

type Found = { scan_key: string | null; scan_count: number | null }

/** Defines a list. A page takes one round trip. */
export function scanned<P extends Values, Row extends object>(scan: Scan<Row>): List<P, Row> {
  const { key = 'id', isOldestFirst = false, most = SCANNED, as = 'w', join = '', where = 'true', show } = scan
  const range = isOldestFirst ? `> :scan_from and ${key} <= :scan_to` : `< :scan_from and ${key} >= :scan_to`
  const [top, bottom] = isOldestFirst ? ['', '~'] : ['~', '']
  // If the page is full, the limit ends the statement before it looks for the last row that was read.
  const find = statement<P & { scan_from: string; scan_to: string; limit: number }, Row & Found>(`
  select ${show}, ${as}.${key} as scan_key, null as scan_count
  from (${reading(scan, range, scan.read)}) ${as}
  ${join}
  where ${where}
  union all
  select ${show.expressions.map(() => 'null')}, ${isOldestFirst ? 'max' : 'min'}(${key}), count(*)
  from (${reading(scan, range, key)})
  limit :limit`)
  return async (env, values, { from = top, to = bottom }, limit) => {
    const rows = await all(find(env, { ...values, scan_from: from, scan_to: to, limit: limit + 1 }))
    const end = rows.at(-1)?.scan_count == null ? undefined : rows.pop()
    const found = rows.slice(0, limit)
    const last = (end ?? found.at(-1))?.scan_key ?? null
    const data = found.map(({ scan_key, scan_count, ...row }) => row as Row)
    return { data, next: end?.scan_count === most || !end ? last : null, last }
  }
}

/** @param range what follows the key @param read what is read of each row */
function reading<Row>(scan: Scan<Row>, range: string, read: string | Selected<unknown>): string {
  const { from, within = 'true', key = 'id', isOldestFirst, most = SCANNED } = scan
  return `
    select ${read}
    from ${from}
    where ${within} and ${key} ${range}
    order by ${key} ${isOldestFirst ? 'asc' : 'desc'}
    limit ${most}`
}

/** Epoch milliseconds, inclusive. */
export type TimeSpan = { since?: number | undefined; until?: number | undefined }

/** The range of a list of ids that shows the newest first. @param before a cursor */
export function newestBetween(prefix: IdPrefix, { since, until }: TimeSpan, before: string | undefined) {
  const end = until === undefined ? '~' : firstIdAt(prefix, Math.max(until + 1, 0))
  return {
    from: before !== undefined && before < end ? before : end,
    to: since === undefined ? '' : firstIdAt(prefix, Math.max(since, 0)),
  }
}

/** Lowercases ASCII letters only, as SQLite's `lower` does, so that a search finds what it compares. */
export const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** @returns SQL for what stands around the `:text` in a text where it was found, for pages that show why a row matches */
export const excerptAround = (text: string): string =>
  `iif(:text <> '', substr(${text}, max(instr(lower(${text}), :text) - 30, 1), 100), null) as excerpt`
