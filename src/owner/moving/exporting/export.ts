import { byPlan } from '../../../env'
import { withModeration } from '../../../guestbook/rules/events/moderation'
import { breakOff } from '../../../kit/db/daily-limit'
import type { PortableRow } from '../../../kit/db/portable'
import { all, first, statement } from '../../../kit/db/statements'
import { iso } from '../../../kit/http/pagination'
import { Refusal } from '../../../kit/http/problem'
import { type Bytes, utf8 } from '../../../kit/lib/bytes'
import { fieldsOf } from '../../../kit/lib/json'
import { catching } from '../../../kit/lib/result'
import { hideSecretIn } from '../../../webhooks/rules/delivering/secret-url'
import type { Format } from '../../../webhooks/rules/events/formats'
import { KINDS, LOG_KINDS, MOVED_SETTINGS, OF_BOOKS, type ReadKind } from './exported-tables'
import { type Line, toLine } from './lines'
import { sealAgain } from './seal-secrets'

/*
 * An export is everything that a deployment knows, as NDJSON. One response has what one invocation can read. Its last
 * line says where the next response starts, or that this is the end.
 */

export const EXPORT_TYPE = 'guesthook.export'
export const EXPORT_VERSION = 1
/** A response with this many lines starts no further page, which could add up to 200. */
const FULL = 200

interface ExportRequest {
  /** From the last line of the previous response. */
  cursor: string | undefined
  /** Whether to add the log of messages, deliveries and inbound messages. */
  withLog: boolean
  /** For secrets, or null to leave them out. */
  key: Bytes | null
}

/** What one query reads. */
interface Page {
  lines: Line[]
  /** The cursor of the next page, or `{"type":"end"}`. */
  next: Line
  /** Whether the table may have more rows. */
  isFull: boolean
}

/** @returns the lines of one response. @throws Refusal 400 for a cursor that is not ours */
export async function exportLines(env: Env, request: ExportRequest, now: number): Promise<Line[]> {
  const lines: Line[] = []
  for await (const page of readPages(env, request, now)) {
    lines.push(...page.lines)
    if (page.isFull || lines.length >= FULL || page.next.type === 'end') return [...lines, page.next]
  }
  return lines
}

/** How many lines a part of a file has on the Free plan, at least. */
export const PART_LINES = 800

/** How much a file contains: the Free plan allows 50 queries and 10 ms of CPU time, the Paid plan 1,000 queries. */
const FILE = { free: { pages: 40, lines: PART_LINES }, paid: { pages: 900, lines: Number.POSITIVE_INFINITY } }

/**
 * Streams a file, so that only one page is in memory. If the limits of the plan leave no room for the whole export, the
 * last line has the address of the next part.
 * @param addressOf the address of the part that begins at a cursor
 * @throws Refusal 400 for a cursor that is not ours
 */
export function exportFile(env: Env, request: ExportRequest, now: number, addressOf: (cursor: string) => string) {
  const limits = byPlan(env, FILE)
  const pages = readPages(env, request, now)
  let read = 0
  let written = 0
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = await pages.next().catch(breakOff(env, now))
      if (!value) return controller.close()
      const { lines, next } = value
      written += lines.length
      const isLast = next.type === 'end' || ++read >= limits.pages || written >= limits.lines
      const url = next.type === 'end' ? undefined : addressOf(String(next.cursor))
      controller.enqueue(utf8(toNdjson(isLast ? [...lines, { ...next, url }] : lines)))
      if (isLast) controller.close()
    },
  })
}

function readPages(env: Env, { cursor, withLog, key }: ExportRequest, now: number): AsyncGenerator<Page, undefined> {
  const every = Object.entries<ReadKind>({ ...KINDS, ...(withLog && LOG_KINDS) })
  const kinds = every.filter(([name]) => key || name !== 'signing_key')
  const header = { type: EXPORT_TYPE, version: EXPORT_VERSION, exported_at: iso(now) }
  return pagesFrom(env, kinds, readCursor(cursor, kinds), key, cursor ? [] : [header])
}

async function* pagesFrom(
  env: Env,
  kinds: [string, ReadKind][],
  { type, after }: Start,
  key: Bytes | null,
  header: Line[]
): AsyncGenerator<Page, undefined> {
  const books = await all(KINDS.book.read(env, { after: JSON.stringify(startOf(KINDS.book)), limit: KINDS.book.limit }))
  let lines = header
  let from = after
  for (let at = kinds.findIndex(([name]) => name === type); ; ) {
    const [name, kind] = kinds[at] ?? []
    if (!name || !kind) return
    const rows = await all(kind.read(env, { after: JSON.stringify(from ?? startOf(kind)), limit: kind.limit }))
    const shown = rows.filter((row) => isMoved(name, row, books))
    lines.push(...(await Promise.all(shown.map((row) => completeLine(env, name, kind, row, key)))))
    const last = rows.at(-1)
    const isFull = last !== undefined && rows.length === kind.limit
    from = isFull ? keyOf(kind, last) : null
    if (!isFull) at += 1
    const [nextName, nextKind] = kinds[at] ?? []
    const next = nextName && nextKind ? nextLine(nextName, from ?? startOf(nextKind)) : { type: 'end' }
    yield { lines, next, isFull }
    lines = []
  }
}

const startOf = ({ keys }: ReadKind) => keys.map(() => '')
const keyOf = ({ keys }: ReadKind, row: PortableRow) => keys.map((column) => String(row[column]))

/** A ban by network has the key of a hash, with which addresses could be found by trying all of them. */
function withoutNetworks(line: Line): Line {
  const { bans, ...settings } = fieldsOf(line.settings)
  if (!Array.isArray(bans)) return line
  return { ...line, settings: { ...settings, bans: bans.filter((ban) => fieldsOf(ban).by !== 'visitor') } }
}

/** What is in a deleted book is gone, too, unless the book is restored. */
function isMoved(name: string, row: PortableRow, books: PortableRow[]): boolean {
  if (name === 'setting') return MOVED_SETTINGS.includes(String(row.name))
  return !OF_BOOKS.includes(name) || books.some(({ slug }) => slug === row.book)
}

async function completeLine(env: Env, name: string, kind: ReadKind, row: PortableRow, key: Bytes | null) {
  const line = toLine(name, kind.columns, row)
  if (row.manage_token_hash) line.registered_by = 'integrator'
  const sealed = kind.secrets && row[kind.secrets]
  if (name === 'book') return withoutNetworks(line)
  // Moderation links were stored until 2026-11.
  if (name === 'message') return { ...line, payload: withModeration(String(row.type), String(row.payload), null) }
  const { url, shown } = splitUrl(name, row)
  if (!key || !sealed) return { ...line, ...shown }
  return { ...line, ...shown, secrets: await sealAgain(env, key, String(row.id ?? row.kid), String(sealed), url) }
}

/** The URL of a chat channel works like a password, so it is moved like one. Only the rest of it is shown. */
function splitUrl(name: string, { url, format }: PortableRow) {
  const hidden = name === 'endpoint' ? hideSecretIn(String(url), format as Format) : null
  return hidden === null || hidden === url ? {} : { url: { url: String(url) }, shown: { url: hidden } }
}

const nextLine = (type: string, after: string[]): Line => ({ type: 'next', cursor: JSON.stringify([type, ...after]) })

type Start = { type: string; after: string[] | null }

function readCursor(cursor: string | undefined, kinds: [string, ReadKind][]): Start {
  if (!cursor) return { type: kinds[0]?.[0] ?? '', after: null }
  const [type, ...after] = parseList(cursor)
  const kind = kinds.find(([name]) => name === type)?.[1]
  if (type !== undefined && kind && after.length === kind.keys.length) return { type, after }
  throw new Refusal(400, 'bad_cursor', 'Use the cursor from the last line of the previous response, unchanged.')
}

function parseList(text: string): string[] {
  const list: unknown = catching(SyntaxError, () => JSON.parse(text))
  return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : []
}

/** @returns lines as NDJSON */
export const toNdjson = (lines: object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

/** How many entries one query counts. An export reads all of them anyway. */
const COUNTED = 10_000

const COUNT = statement<{ after: string }, { entries: number; read: number; last: string | null }>(`
  select count(b.slug) as entries, count(*) as read, max(c.id) as last
  from (select id, book from comments where id > :after order by id limit ${COUNTED}) c
  left join books b on b.slug = c.book and b.deleted_at is null`)

/** Counts part of the entries, without deleted books. @param after an id, or '' @returns where the next part begins */
export async function countExported(env: Env, after: string): Promise<{ entries: number; next: string | null }> {
  const { entries = 0, read = 0, last = null } = (await first(COUNT(env, { after }))) ?? {}
  return { entries, next: read === COUNTED ? last : null }
}
