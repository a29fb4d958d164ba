import { freshId } from '../../../kit/db/ids'
import { batch, insist } from '../../../kit/db/statements'
import { Refusal } from '../../../kit/http/problem'
import { inMib } from '../../../kit/lib/amounts'
import { type Bytes, decodeUtf8 } from '../../../kit/lib/bytes'
import { gunzip, isGzip } from '../../../kit/lib/gzip'
import { fieldsOf, parseForReading } from '../../../kit/lib/json'
import { MINUTE_MS } from '../../../kit/lib/time'
import { MAX_IMPORT_BYTES } from '../../rules/importing/limits'
import { type ImportFormat, MAX_LINE_BYTES } from '../../rules/importing/records'
import { isSqlite, SQLITE_HINT } from '../../rules/importing/sqlite'
import { EXPORT_TYPE } from '../exporting/export'
import { KINDS, LOG_KINDS } from '../exporting/exported-tables'
import { endUpload, wakeImport } from './step'
import { findImport, type ImportRow, insertChunks, insertImport, type NewImport, START_IMPORT } from './store'

/** An upload that has not finished after this time has died. */
const UPLOAD_MS = 5 * MINUTE_MS
/** How many statements of a megabyte each are sent at a time. */
const STATEMENTS_AT_ONCE = 4

type ImportOptions = { format: ImportFormat; book: string; dry_run: boolean; webhooks: boolean; origin: string }

/**
 * Stores a file, and starts its import, which goes on in steps after the response.
 * @throws Refusal 409 if another runs; 413 or 422 for an unusable file
 */
export async function startUpload(env: Env, given: Bytes, options: ImportOptions, now: number): Promise<ImportRow> {
  const bytes = isGzip(given) ? await unpack(given) : given
  refuseOthers(bytes)
  const { format, book, origin } = options
  const id = freshId('imp', now)
  const flags = { dry_run: Number(options.dry_run), webhooks: Number(options.webhooks && !options.dry_run) }
  const row = {
    id,
    state: 'uploading' as const,
    format,
    book,
    ...flags,
    origin,
    size: bytes.length,
    rev: id,
    created_at: now,
    parser: '{}',
  }
  try {
    return await store(env, { ...row, run_at: now + UPLOAD_MS }, bytes, now)
  } catch (cause) {
    // After any error, the owner sends the file again. The rest of this upload must not block it.
    await insist(() => endUpload(env, id, now))
    throw cause
  }
}

async function store(env: Env, row: NewImport, bytes: Bytes, now: number): Promise<ImportRow> {
  const { id } = row
  await insertImport(env, row)
  const chunks = insertChunks(env, id, bytes)
  while (chunks.length > STATEMENTS_AT_ONCE) await batch(env, chunks.splice(0, STATEMENTS_AT_ONCE))
  await batch(env, [...chunks, START_IMPORT(env, { id, now })])
  await wakeImport(env, id)
  const started = await findImport(env, id)
  if (!started) throw new Error('The import no longer exists.')
  return started
}

/** Lines of an export, and those that only the reader of files writes. */
const TYPES = new Set([EXPORT_TYPE, 'skipped', ...Object.keys({ ...KINDS, ...LOG_KINDS })])

/** Files of other systems are read in the browser of the owner, or by `npm run import`. @throws Refusal 422 */
function refuseOthers(bytes: Bytes): void {
  if (bytes.length === 0) throw new Refusal(422, 'empty_file', 'The file is empty. Send the file as the body.')
  if (isSqlite(bytes)) throw new Refusal(422, 'sqlite_database', SQLITE_HINT)
  const end = bytes.indexOf(0x0a)
  const text = decodeUtf8(bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, MAX_LINE_BYTES)))
  const { type } = fieldsOf(parseForReading(text?.trim() ?? ''))
  if (typeof type === 'string' && TYPES.has(type)) return
  const detail =
    'This is not a Guesthook export (NDJSON). To import a file from another system, choose it on the page "Import and export" of the dashboard, or run: npm run import -- --url <guestbook> <file>'
  throw new Refusal(422, 'unknown_format', detail)
}

/** @throws Refusal 413 or 422 */
async function unpack(bytes: Bytes): Promise<Bytes> {
  const unpacked = await gunzip(bytes, MAX_IMPORT_BYTES)
  if (unpacked.ok) return unpacked.value
  if (unpacked.error === 'too_large') throw tooLarge()
  throw new Refusal(422, 'not_gzip', 'The file looks like gzip, but cannot be unpacked.')
}

function tooLarge(): Refusal {
  return new Refusal(
    413,
    'too_large',
    `Unpacked, the file is larger than ${inMib(MAX_IMPORT_BYTES)}. Split it, and import one part after another.`
  )
}
