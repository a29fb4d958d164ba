import { hideSecretIn } from '../../core/delivering/secret-url'
import type { Format } from '../../core/events/formats'
import { withModeration } from '../../core/events/moderation'
import { fieldsOf } from '../../core/importing/records'
import type { Bytes } from '../../core/lib/bytes'
import type { PortableRow } from '../../db/portable'
import { all } from '../../db/statements'
import { iso } from '../../http/pagination'
import { Refusal } from '../../http/problem'
import { KINDS, LOG_KINDS, MOVED_SETTINGS, type ReadKind } from './kinds'
import { type Line, toLine } from './lines'
import { sealAgain } from './seal-secrets'

/*
 * Everything that a deployment knows, as NDJSON. One response contains what one invocation can read: its last line says
 * where the next one starts, or that this is the end.
 */

export const EXPORT_TYPE = 'guesthook.export'
export const EXPORT_VERSION = 1
/** A response with this many lines starts no further page, which could add up to 200. */
const FULL = 200

export interface ExportRequest {
  /** From the last line of the previous response. */
  cursor: string | undefined
  /** Whether to add the log of messages, deliveries and inbound messages. */
  withLog: boolean
  /** For secrets, or null to leave them out. */
  key: Bytes | null
}

/** @returns the lines of one response. @throws Refusal 400 for a cursor that is not ours */
export async function exportLines(env: Env, { cursor, withLog, key }: ExportRequest, now: number): Promise<Line[]> {
  const kinds = Object.entries<ReadKind>({ ...KINDS, ...(withLog && LOG_KINDS) })
  const { type, after } = readCursor(cursor, kinds)
  const lines: Line[] = cursor ? [] : [{ type: EXPORT_TYPE, version: EXPORT_VERSION, exported_at: iso(now) }]
  const books = await all(KINDS.book.read(env, { after: JSON.stringify(startOf(KINDS.book)), limit: KINDS.book.limit }))
  for (let at = kinds.findIndex(([name]) => name === type), from = after; ; at++, from = null) {
    const [name, kind] = kinds[at] ?? []
    if (!name || !kind) return [...lines, { type: 'end' }]
    if (lines.length >= FULL) return [...lines, nextLine(name, startOf(kind))]
    if (name === 'signing_key' && !key) continue
    const rows = await all(kind.read(env, { after: JSON.stringify(from ?? startOf(kind)), limit: kind.limit }))
    const shown = rows.filter((row) => isMoved(name, row, books))
    lines.push(...(await Promise.all(shown.map((row) => completeLine(env, name, kind, row, key)))))
    const last = rows.at(-1)
    if (last && rows.length === kind.limit) return [...lines, nextLine(name, keyOf(kind, last))]
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

/** Entries of a deleted book are gone, too, unless the book is restored. */
function isMoved(name: string, row: PortableRow, books: PortableRow[]): boolean {
  if (name === 'setting') return MOVED_SETTINGS.includes(String(row.name))
  return name !== 'entry' || books.some(({ slug }) => slug === row.book)
}

async function completeLine(
  env: Env,
  name: string,
  kind: ReadKind,
  row: PortableRow,
  key: Bytes | null
): Promise<Line> {
  const line = toLine(name, kind.columns, row)
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

function nextLine(type: string, after: string[]): Line {
  return { type: 'next', cursor: JSON.stringify([type, ...after]) }
}

function readCursor(cursor: string | undefined, kinds: [string, ReadKind][]): { type: string; after: string[] | null } {
  if (!cursor) return { type: kinds[0]?.[0] ?? '', after: null }
  const [type, ...after] = parseList(cursor)
  const kind = kinds.find(([name]) => name === type)?.[1]
  if (type !== undefined && kind && after.length === kind.keys.length) return { type, after }
  throw new Refusal(400, 'bad_cursor', 'Use the cursor from the last line of the previous response, unchanged.')
}

function parseList(text: string): string[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : []
  } catch (cause) {
    if (cause instanceof SyntaxError) return []
    throw cause
  }
}

/** @returns lines as NDJSON */
export function toNdjson(lines: object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}
