import * as z from 'zod'
import { forgetBook } from '../../../guestbook/books/cache'
import { allBooks, RECOUNT } from '../../../guestbook/books/store'
import { readWebsite } from '../../../guestbook/rules/entries/entry-content'
import type { PortableRow } from '../../../kit/db/portable'
import { seal } from '../../../kit/db/sealing'
import { readSetting, saveSetting } from '../../../kit/db/settings'
import { type Bound, batch, first, statement, type Value } from '../../../kit/db/statements'
import { freshToken, hashToken } from '../../../kit/db/tokens'
import { Refusal, toRefusal } from '../../../kit/http/problem'
import type { Bytes } from '../../../kit/lib/bytes'
import { fieldsOf, lostNumbers } from '../../../kit/lib/json'
import { catching } from '../../../kit/lib/result'
import { newSigningSecret, sealSecrets, signingSecrets } from '../../../webhooks/endpoints/secrets'
import { AWAITING } from '../../../webhooks/endpoints/self-registered'
import { redactHeaders } from '../../../webhooks/rules/delivering/custom-headers'
import { isHiddenUrl } from '../../../webhooks/rules/delivering/secret-url'
import { type Format, formatOf } from '../../../webhooks/rules/events/formats'
import { REMOVE_OTHERS } from '../../../webhooks/signing-keys/store'
import { sealSource, sourceSecrets } from '../../../webhooks/sources/secrets'
import { EXPORT_TYPE, EXPORT_VERSION } from './export'
import { KINDS, type Kind, MOVED_SETTINGS, OF_BOOKS } from './exported-tables'
import { checkLine } from './line-schemas'
import { invalidLine, type Line, toRow } from './lines'
import { openAgain } from './seal-secrets'

/*
 * Restores an export into a deployment that is empty. The script sends the lines in parts. Rows that exist are kept, so
 * a part can be sent again, and a restore that was interrupted goes on with the same id.
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
    or exists (select 1 from pictures where book > '')
    or exists (select 1 from books where slug > 'main' or slug < 'main') as found`)

interface RestoreRequest {
  /** The same for all parts of a file. */
  id: string
  /** Whether the lines are only checked, and nothing is written. */
  isCheck: boolean
  /** For the secrets, or null: then endpoints and sources get new ones. */
  key: Bytes | null
}

/** @returns how many lines of each type were restored @throws Refusal 409 if we have data; 422 names the line */
export async function restoreLines(env: Env, { id, isCheck, key }: RestoreRequest, text: string, now: number) {
  const lines = readLines(text)
  const isBegun = await requireEmpty(env, id, lines)
  const rows: Rows = new Map()
  for (const [i, line] of lines.entries()) {
    if (!isKind(line.type)) continue
    const row = await restoredRow(env, line.type, line, i + 1, key, now)
    if (row) rows.set(line.type, [...(rows.get(line.type) ?? []), row])
  }
  const counts = Object.fromEntries([...rows].map(([type, some]) => [type, some.length]))
  if (isCheck) return counts
  await requireBooks(env, lines, rows)
  if (!isBegun) await saveSetting(env, SETTING, { id, is_done: false })
  const inserts = [...rows].map(([type, some]) => KINDS[type].insert(env, { rows: JSON.stringify(some) }))
  const kids = rows.get('signing_key')?.map(({ kid }) => kid)
  const removal: Bound<never>[] = kids ? [REMOVE_OTHERS(env, { kids: JSON.stringify(kids) })] : []
  const isEnd = lines.some(({ type }) => type === 'end')
  const statements = [...removal, ...inserts, ...(isEnd ? [RECOUNT(env, {})] : [])]
  if (statements.length > 0) await write(env, statements)
  for (const { slug } of rows.get('book') ?? []) forgetBook(env, String(slug))
  if (isEnd) await saveSetting(env, SETTING, { id, is_done: true })
  return counts
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

const isKind = (type: string): type is keyof typeof KINDS => Object.hasOwn(KINDS, type)

/**
 * Only a restore that began in an empty deployment may continue. Once it is done, only its end may be sent again.
 * @returns whether it has begun @throws Refusal 409
 */
async function requireEmpty(env: Env, id: string, lines: Line[]): Promise<boolean> {
  const begun = await readSetting(env, SETTING, state, { id: '', is_done: true })
  const isEnd = lines.every(({ type }) => type === 'end')
  if (begun.id === id && (isEnd || !begun.is_done)) return true
  if ((await first(FIND_ANYTHING(env, {})))?.found === 1) {
    const detail = 'This deployment is not empty. Restore into a new one, or import the entries of the file.'
    throw new Refusal(409, 'not_empty', detail)
  }
  return false
}

type Rows = Map<keyof typeof KINDS, PortableRow[]>

/** Entries without a book would be on no page, and the owner could not remove them. @throws Refusal 422 */
async function requireBooks(env: Env, lines: Line[], rows: Rows): Promise<void> {
  if (![...rows.keys()].some((kind) => OF_BOOKS.includes(kind))) return
  const slugs = [...(await allBooks(env)), ...(rows.get('book') ?? [])].map(({ slug }) => slug)
  const at = lines.findIndex(({ type, book }) => OF_BOOKS.includes(type) && !slugs.includes(String(book)))
  if (at >= 0) throw invalidLine(at + 1, 'there is no such book.')
}

function readLines(text: string): Line[] {
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
  if (lines.length > MAX_LINES) throw new Refusal(413, 'too_large', `Send at most ${MAX_LINES} lines at a time.`)
  return lines.map((line, i) => {
    const value = parse(line)
    const { type } = fieldsOf(value)
    const [lost] = value === undefined ? [] : lostNumbers(line)
    if (lost !== undefined) throw invalidLine(i + 1, `the number at "${lost}" is too long or too large to be kept.`)
    if (typeof type !== 'string') throw invalidLine(i + 1, 'it is not a line of an export.')
    const header = value as Line
    if (type === EXPORT_TYPE && header.version !== EXPORT_VERSION)
      throw invalidLine(i + 1, 'a newer version wrote this file.')
    return header
  })
}

const parse = (line: string): unknown => catching(SyntaxError, () => JSON.parse(line))

/** @returns the line as it is stored. @throws Refusal 422 if the API would not have accepted what it says */
function accepted(type: keyof typeof KINDS, line: Line, number: number): Line {
  try {
    const { line: stored, fault } = checkLine(type, line)
    if (fault === null) return stored
    throw invalidLine(number, fault)
  } catch (cause) {
    const refusal = toRefusal(cause)
    if (!refusal || refusal.code === 'invalid_line') throw cause
    throw invalidLine(number, refusal.errors.map(({ message }) => message).join(' '))
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
  if (type === 'setting' && !MOVED_SETTINGS.includes(String(line.name))) return null
  const row = toRow(kind, accepted(type, line, number), number)
  if (type === 'book') return { ...row, version: now }
  // Spam is kept for as long as if it had been marked now, so that the next sweep does not remove what was restored.
  if (type === 'entry') return { ...row, website: usable(row.website), approved_at: row.status === 'spam' ? now : null }
  if (type === 'import_record') return { ...row, imported_at: row.imported_at ?? now }
  if (!kind.secrets) return row
  const id = String(row.id ?? row.kid)
  const text = await openAgain(key, id, line.secrets, number)
  if (type === 'signing_key') return text === null ? null : { ...row, seed: await seal(env, text, id) }
  if (type === 'source') return { ...row, ...(await sealToken(env, id, text, number)) }
  return { ...row, ...(await sealEndpoint(env, line, row, text, number, now)) }
}

/** An address that is not usable is left out, as in an import. */
function usable(given: Value | undefined): string | null {
  const website = readWebsite(String(given ?? ''))
  return website.ok ? website.value : null
}

/** A URL that is itself a secret is sealed with the secrets. */
const sealedEndpoint = signingSecrets.extend({ url: z.string().optional() })

/** Without the passphrase, an endpoint whose URL or required header is a secret is disabled until the owner enters it. */
async function sealEndpoint(
  env: Env,
  line: Line,
  row: PortableRow,
  text: string | null,
  number: number,
  now: number
): Promise<PortableRow> {
  const opened = text === null ? { current: newSigningSecret() } : readSecrets(sealedEndpoint, text, number)
  const { url = String(row.url), ...secrets } = opened
  if (url !== row.url) accepted('endpoint', { ...line, url }, number)
  const needsHeader = text === null && formatOf(row.format as Format).needsAuthorization
  const isWaiting = (isHiddenUrl(url) || needsHeader) && row.status === 'enabled'
  return {
    secrets: await sealSecrets(env, String(row.id), secrets),
    headers: secrets.headers ? JSON.stringify(redactHeaders(secrets.headers)) : null,
    url,
    // Backups of earlier versions do not say who made the endpoint, who may not have been allowed to moderate.
    moderation_links: row.moderation_links ?? 0,
    // Nobody knows the new private link. The integrator, who registers the URL again, gets another one.
    manage_token_hash: line.registered_by === 'integrator' ? await hashToken(freshToken('link')) : null,
    // The owner has as long to approve it as if it was new.
    ...(row.disabled_reason === AWAITING && { disabled_at: now }),
    ...(isWaiting && { status: 'disabled', disabled_reason: 'manual', disabled_at: now }),
  }
}

async function sealToken(env: Env, id: string, text: string | null, number: number): Promise<PortableRow> {
  const secrets = text === null ? { token: freshToken('hook') } : readSecrets(sourceSecrets, text, number)
  return { secrets: await sealSource(env, id, secrets), token_hash: await hashToken(secrets.token) }
}

/** @throws Refusal 422 */
function readSecrets<T>(schema: z.ZodType<T>, text: string, number: number): T {
  const secrets = schema.safeParse(parse(text))
  if (secrets.success) return secrets.data
  throw invalidLine(number, 'its secrets are not valid.')
}
