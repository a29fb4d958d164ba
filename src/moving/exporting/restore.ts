import * as z from 'zod'
import { toBook } from '../../books/book'
import { forgetBook } from '../../books/cache'
import { receiverSource } from '../../core/delivering/built-in-receiver'
import { redactHeaders } from '../../core/delivering/custom-headers'
import { isHiddenUrl } from '../../core/delivering/secret-url'
import { FORMATS } from '../../core/events/formats'
import { readWebsite } from '../../core/guestbook/comment-policy'
import type { Bytes } from '../../core/lib/bytes'
import { cleanCss } from '../../core/looks/custom-css'
import { findProvider } from '../../core/verifying/providers'
import type { PortableRow } from '../../db/portable'
import { seal } from '../../db/sealing'
import { readSetting, saveSetting } from '../../db/settings'
import { type Bound, batch, first, statement } from '../../db/statements'
import { freshToken, hashToken } from '../../db/tokens'
import { SETTING as RECEIVER, receiver } from '../../endpoints/built-in/receiver'
import { newSigningSecret } from '../../endpoints/secrets'
import { texts, when } from '../../endpoints/texts/schemas'
import { requireUsable } from '../../event-types/manage'
import { Refusal, toRefusal } from '../../http/problem'
import { sourceOptions } from '../../inbound/sources/options'
import { SETTING as RETENTION, retention } from '../../outbound/deliver/removal/retention'
import { MODES, SETTING as REGISTRATION } from '../../registration/mode'
import { REMOVE_OTHERS } from '../../signing-keys/store'
import { EXPORT_TYPE, EXPORT_VERSION } from './export'
import { KINDS, type Kind, MOVED_SETTINGS } from './kinds'
import { invalidLine, type Line, toRow } from './lines'
import { openAgain } from './seal-secrets'

/*
 * Restores an export into a deployment that is empty. The script sends the lines in parts. Rows that exist are kept, so a
 * part can be sent again, and a restore that was interrupted goes on with the same id.
 */

export const MAX_RESTORE_BYTES = 900_000
const MAX_LINES = 400

/** Which restore has begun, and whether it is done. */
const SETTING = 'restore'
const state = z.object({ id: z.string(), is_done: z.boolean() })

const FIND_ANYTHING = statement<Record<never, never>, { found: number }>(`
  select exists (select 1 from comments where id > '')
    or exists (select 1 from endpoints where id > '' and status <> 'deleted')
    or exists (select 1 from sources where id > '' and status <> 'deleted')
    or exists (select 1 from event_types where name > '')
    or exists (select 1 from books where slug > 'main' or slug < 'main') as found`)

/**
 * Restores some lines.
 * @param id of the restore: the same for all parts of a file
 * @param key for the secrets, or null: then endpoints and sources get new ones
 * @returns how many lines were restored, by type
 * @throws Refusal 409 if the deployment is not empty, or 422 with the number of the line
 */
export async function restoreLines(env: Env, id: string, text: string, key: Bytes | null, now: number) {
  const lines = readLines(text)
  await requireEmpty(env, id, lines)
  const rows = new Map<keyof typeof KINDS, PortableRow[]>()
  for (const [i, line] of lines.entries()) {
    if (!isKind(line.type)) continue
    const row = await restoredRow(env, line.type, line, i + 1, key, now)
    if (row) rows.set(line.type, [...(rows.get(line.type) ?? []), row])
  }
  const inserts = [...rows].map(([type, some]) => KINDS[type].insert(env, { rows: JSON.stringify(some) }))
  const kids = rows.get('signing_key')?.map(({ kid }) => kid)
  const removal: Bound<never>[] = kids ? [REMOVE_OTHERS(env, { kids: JSON.stringify(kids) })] : []
  if (inserts.length > 0) await write(env, [...removal, ...inserts])
  for (const { slug } of rows.get('book') ?? []) forgetBook(env, String(slug))
  if (lines.some(({ type }) => type === 'end')) await saveSetting(env, SETTING, { id, is_done: true })
  return Object.fromEntries([...rows].map(([type, some]) => [type, some.length]))
}

/** @throws Refusal 422 if a value is missing or is not one of those that a column can have */
async function write(env: Env, statements: Bound<never>[]): Promise<void> {
  try {
    await batch(env, statements)
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.includes('constraint failed'))) throw cause
    throw new Refusal(422, 'invalid_line', `One of the lines cannot be restored: ${cause.message}.`)
  }
}

function isKind(type: string): type is keyof typeof KINDS {
  return Object.hasOwn(KINDS, type)
}

/** Only the restore that began in an empty deployment may go on. Once it is done, only its end may be sent again. */
async function requireEmpty(env: Env, id: string, lines: Line[]): Promise<void> {
  const begun = await readSetting(env, SETTING, state, { id: '', is_done: true })
  const isEnd = lines.every(({ type }) => type === 'end')
  if (begun.id === id && (isEnd || !begun.is_done)) return
  if ((await first(FIND_ANYTHING(env, {})))?.found === 1) {
    const detail =
      'This deployment is not empty. Restore into a new one, or import the entries of the file into a book.'
    throw new Refusal(409, 'not_empty', detail)
  }
  await saveSetting(env, SETTING, { id, is_done: false })
}

function readLines(text: string): Line[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > MAX_LINES) throw new Refusal(413, 'too_large', `Send at most ${MAX_LINES} lines at a time.`)
  return lines.map((line, i) => {
    const value = parse(line)
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
    if (typeof type !== 'string') throw invalidLine(i + 1, 'it is not a line of an export.')
    const header = value as Line
    if (type === EXPORT_TYPE && header.version !== EXPORT_VERSION)
      throw invalidLine(i + 1, 'a newer version wrote this file.')
    return header
  })
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}

/** Checks a line, and completes its row. @returns null if the line is not restored */
async function restoredRow(
  env: Env,
  type: keyof typeof KINDS,
  line: Line,
  number: number,
  key: Bytes | null,
  now: number
) {
  const kind: Kind = KINDS[type]
  const row = toRow(kind, line, number)
  const why = explainFault(type, line, row)
  if (why !== null) throw invalidLine(number, why)
  if (type === 'setting' && !MOVED_SETTINGS.includes(String(row.name))) return null
  if (type === 'book') return { ...row, version: now }
  if (type === 'entry')
    return { ...row, website: readWebsite(String(row.website ?? '')).ok ? (row.website ?? null) : null }
  if (!kind.secrets) return row
  const id = String(row.id ?? row.kid)
  const text = await openAgain(key, id, line.secrets, number)
  if (type === 'signing_key') return text === null ? null : { ...row, seed: await seal(env, text, id) }
  return {
    ...row,
    ...(type === 'endpoint' ? await endpointSecrets(env, row, text, now) : await sourceSecrets(env, id, text)),
  }
}

/** Without the passphrase, an endpoint whose URL is a secret has none, so it is disabled until the owner enters it. */
async function endpointSecrets(env: Env, row: PortableRow, text: string | null, now: number): Promise<PortableRow> {
  const { url = row.url, ...secrets } = JSON.parse(text ?? JSON.stringify({ current: newSigningSecret() }))
  const { headers } = secrets
  return {
    secrets: await seal(env, JSON.stringify(secrets), String(row.id)),
    headers: headers ? JSON.stringify(redactHeaders(headers)) : null,
    url,
    // Backups of earlier versions do not say so.
    moderation_links: row.moderation_links ?? Number(receiverSource(String(url)) === null),
    ...(isHiddenUrl(String(url)) &&
      row.status === 'enabled' && { status: 'disabled', disabled_reason: 'manual', disabled_at: now }),
  }
}

async function sourceSecrets(env: Env, id: string, text: string | null): Promise<PortableRow> {
  const secrets = text ?? JSON.stringify({ token: freshToken('hook') })
  return { secrets: await seal(env, secrets, id), token_hash: await hashToken(JSON.parse(secrets).token) }
}

const list = z.array(z.string())
const answers = z.array(z.object({ question: z.string(), answer: z.string() }))
const extra = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))

const SETTING_SHAPES: Record<string, z.ZodType> = {
  [REGISTRATION]: z.enum(MODES),
  [RETENTION]: retention,
  [RECEIVER]: receiver,
}

/** What would break a page, or would not have been accepted in the first place. The database checks the rest. */
const CHECKS: Record<keyof typeof KINDS, (line: Line, row: PortableRow) => boolean> = {
  setting: ({ name, value }) => (SETTING_SHAPES[String(name)] ?? z.unknown()).safeParse(value).success,
  event_type: (line) => {
    requireUsable({ schema: z.looseObject({}).parse(line.schema), example: line.example })
    return true
  },
  signing_key: ({ public_key }) => typeof public_key === 'string',
  book: (_, row) =>
    cleanCss(toBook({ slug: String(row.slug), title: String(row.title), settings: String(row.settings) }).css).ok,
  endpoint: ({ event_types, books, format, when: condition, texts: ownTexts }) =>
    list.safeParse(event_types).success &&
    list.nullable().safeParse(books).success &&
    z.enum(FORMATS).safeParse(format).success &&
    when.nullable().safeParse(condition ?? null).success &&
    texts.nullable().safeParse(ownTexts ?? null).success,
  source: ({ provider, options }) =>
    findProvider(String(provider)) !== undefined && sourceOptions.safeParse(options).success,
  entry: (line) => answers.safeParse(line.answers).success && extra.safeParse(line.extra).success,
}

function explainFault(type: keyof typeof KINDS, line: Line, row: PortableRow): string | null {
  try {
    return CHECKS[type](line, row) ? null : `the ${type.replace('_', ' ')} is not valid.`
  } catch (cause) {
    if (cause instanceof z.ZodError || cause instanceof SyntaxError)
      return `the ${type.replace('_', ' ')} is not valid.`
    const refusal = toRefusal(cause)
    if (refusal) return refusal.detail
    throw cause
  }
}
