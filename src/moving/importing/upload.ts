import { detectFormat } from '../../core/importing/detect'
import type { ImportFormat } from '../../core/importing/records'
import { type Bytes, concat } from '../../core/lib/bytes'
import { freshId } from '../../db/ids'
import { batch } from '../../db/statements'
import { Refusal } from '../../http/problem'
import { wakeImport } from '../../queue/send'
import { findImport, type ImportRow, insertChunks, insertImport, startImport } from './store'

/** The limit for a file, also after it has been unpacked. */
export const MAX_IMPORT_BYTES = 10 * 1_024 * 1_024
/** An upload that has not finished after this time has died. */
const UPLOAD_MS = 5 * 60_000
/** How many statements of a megabyte each are sent at a time. */
const STATEMENTS_AT_ONCE = 4

export interface ImportOptions {
  /** Undefined to find out from the file. */
  format: ImportFormat | undefined
  book: string
  dry_run: boolean
  webhooks: boolean
  origin: string
}

/**
 * Stores a file, and starts its import. It continues in small steps after the response.
 * @throws Refusal 409 if another import is running; 413 or 422 if the file cannot be used
 */
export async function startUpload(env: Env, given: Bytes, options: ImportOptions, now: number): Promise<ImportRow> {
  const bytes = await unpack(given)
  refuseDatabase(bytes)
  const format = options.format ?? requireFormat(bytes)
  const { book, origin } = options
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
  }
  await insertImport(env, { ...row, run_at: now + UPLOAD_MS })
  const chunks = insertChunks(env, id, bytes)
  while (chunks.length > STATEMENTS_AT_ONCE) await batch(env, chunks.splice(0, STATEMENTS_AT_ONCE))
  await batch(env, [...chunks, startImport(env, id, now)])
  await wakeImport(env, id)
  const started = await findImport(env, id)
  if (!started) throw new Error('The import has disappeared.')
  return started
}

const SQLITE = 'SQLite format 3\0'

/** Isso and Cusdis keep their comments in such a file. @throws Refusal 422 */
function refuseDatabase(bytes: Bytes): void {
  if (new TextDecoder().decode(bytes.subarray(0, SQLITE.length)) !== SQLITE) return
  const detail =
    'This is an SQLite database. Write its comments to a text file, and send that file: sqlite3 -json comments.db "select * from comments order by id" > isso.json'
  throw new Refusal(422, 'sqlite_database', detail)
}

function requireFormat(bytes: Bytes): ImportFormat {
  const format = detectFormat(new TextDecoder().decode(bytes.subarray(0, 4_000)))
  if (format) return format
  throw new Refusal(
    422,
    'unknown_format',
    'The format of this file was not recognized. Choose the format, then try again.'
  )
}

/** @returns the file, without gzip. @throws Refusal 413 or 422 */
async function unpack(bytes: Bytes): Promise<Bytes> {
  const [first, second] = bytes
  if (first === undefined) throw new Refusal(422, 'empty_file', 'The file is empty. Send the file as the body.')
  if (first === 0x50 && second === 0x4b)
    throw new Refusal(422, 'zip_file', 'This is a ZIP archive. Unpack it, then send the file.')
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new Refusal(422, 'not_utf8', 'The file is UTF-16. Save it as UTF-8, then try again.')
  }
  return first === 0x1f && second === 0x8b ? gunzip(bytes) : bytes
}

/** Stops as soon as the result is too long, so that a small file cannot become a huge one. */
async function gunzip(bytes: Bytes): Promise<Bytes> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))) {
      size += piece.length
      if (size > MAX_IMPORT_BYTES) throw tooLarge()
      pieces.push(piece)
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause
    // The runtime throws a TypeError for data that is not gzip.
    if (!(cause instanceof TypeError)) throw cause
    throw new Refusal(422, 'not_gzip', 'The file looks like gzip, but cannot be unpacked.')
  }
  return concat(pieces)
}

function tooLarge(): Refusal {
  return new Refusal(
    413,
    'too_large',
    'The unpacked file is larger than 10 MiB. Split it, and import the parts one after another.'
  )
}
