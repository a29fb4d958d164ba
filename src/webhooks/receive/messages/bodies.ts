import { columnsWithout } from '../../../kit/db/rows'
import { all, type Bound } from '../../../kit/db/statements'
import { type Bytes, decodeUtf8, fromBase64, toBase64, utf8 } from '../../../kit/lib/bytes'
import { inboundChunks } from '../../tables/incoming'

/*
 * A body is stored in chunks of at most 1 MB, because a D1 row can hold at most 2 MB:
 * https://developers.cloudflare.com/d1/platform/limits/
 *
 * A short UTF-8 text without control characters is stored as text, anything else as base64: D1's API sends a BLOB as a
 * list of numbers, four times as large, and escapes text, which takes twice the CPU time for megabytes.
 */

/** The longest body that is stored as text. */
export const MAX_TEXT_BYTES = 64 * 1_024
/** Encoded in base64, this is one million characters. Older versions stored text in chunks of 1,000,000 bytes. */
const CHUNK_BYTES = 750_000

export type Chunk = Omit<typeof inboundChunks.$inferSelect, 'message_id'>

export function toChunks(body: Bytes): Chunk[] {
  if (body.length === 0) return []
  const text = body.length > MAX_TEXT_BYTES ? null : toText(body)
  if (text !== null) return [{ number: 0, encoding: 'utf8', content: text }]
  const chunks: Chunk[] = []
  for (let at = 0; at < body.length; at += CHUNK_BYTES)
    chunks.push({ number: chunks.length, encoding: 'base64', content: toBase64(body.subarray(at, at + CHUNK_BYTES)) })
  return chunks
}

/** The control characters that JSON escapes, except tab and line breaks. */
const CONTROLS = /[\p{Cc}--[\t\n\r\u007f-\u009f]]/v

/** @returns null if the bytes are not UTF-8, or contain characters that a database column should not contain */
function toText(body: Bytes): string | null {
  const text = decodeUtf8(body)
  return text === null || CONTROLS.test(text) ? null : text
}

/** @throws Error when a stored chunk is corrupt */
export function fromChunk({ encoding, content }: Chunk): Bytes {
  const bytes = encoding === 'utf8' ? utf8(content) : fromBase64(content)
  if (bytes === null) throw new Error('A stored body chunk is not valid base64.')
  return bytes
}

/** Selects the chunks of a message from `start` (inclusive) to `end` (exclusive). */
const SELECT_CHUNKS = columnsWithout(inboundChunks, 'message_id').from<
  Pick<typeof inboundChunks.$inferSelect, 'message_id'> & { start: number; end: number }
>(`
  inbound_chunks
  where message_id = :message_id and number >= :start and number < :end
  order by number`)

/** The number of chunks that are read together with their message. */
const FIRST_CHUNKS = 2
/** The number of further chunks that one query reads: about 4 MB. */
const CHUNKS_PER_READ = 4

/** @returns a statement to run in a batch */
export function selectFirstChunks(env: Env, message_id: string): Bound<Chunk> {
  return SELECT_CHUNKS(env, { message_id, start: 0, end: FIRST_CHUNKS })
}

/** @returns the maximum number of queries needed to read the rest of a body after its first chunks */
export function furtherReads(size: number): number {
  const chunks = Math.ceil(size / CHUNK_BYTES)
  return chunks < FIRST_CHUNKS ? 0 : Math.floor((chunks - FIRST_CHUNKS) / CHUNKS_PER_READ) + 1
}

/** Reads the chunks in order, a few at a time, so that a whole body is never in memory in two forms at once. */
export async function* readChunks(env: Env, message_id: string, from = 0): AsyncGenerator<Bytes> {
  for (let start = from; ; start += CHUNKS_PER_READ) {
    const chunks = await all(SELECT_CHUNKS(env, { message_id, start, end: start + CHUNKS_PER_READ }))
    for (const chunk of chunks) yield fromChunk(chunk)
    if (chunks.length < CHUNKS_PER_READ) return
  }
}

/** @param size the total size of the pieces, in bytes */
export async function collect(pieces: AsyncIterable<Bytes>, size: number): Promise<Bytes> {
  const body = new Uint8Array(size)
  let at = 0
  for await (const piece of pieces) {
    body.set(piece, at)
    at += piece.length
  }
  return at === size ? body : body.slice(0, at)
}

/* Only the beginning of a body that is answered on arrival is kept: anyone who knows the URL can send such requests. */

/** A multiple of 3, so that the base64 of a longer body is always longer than the base64 of this beginning. */
export const KEPT_BYTES = 1_023
export const KEPT_BEGINNING = `Only the first ${Math.ceil(KEPT_BYTES / 1_024)} KB of the body was kept`
const KEPT_BASE64_CHARACTERS = (KEPT_BYTES / 3) * 4

/** @returns the beginning of a body, or the whole of a short one. Text is not cut within a character */
export function beginningOf(body: Bytes): Bytes {
  if (body.length <= KEPT_BYTES) return body
  let end = KEPT_BYTES
  // In UTF-8, the bytes after the first byte of a character have the form 10xxxxxx, and there are up to three of them.
  while (end > KEPT_BYTES - 3 && ((body[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return body.subarray(0, end)
}

/** Why a body is incomplete: its retention period has ended, or only its beginning was ever stored. */
export type WhyIncomplete = 'body_removed' | 'body_not_kept'

/** @returns null if the whole body is stored */
export function explainBody(isWhole: boolean, hasAny: boolean): WhyIncomplete | null {
  if (isWhole) return null
  return hasAny ? 'body_not_kept' : 'body_removed'
}

/**
 * SQL: the whole body is stored. If the body is longer than the beginning that is kept of a refused one, the first
 * chunk tells. @param m the alias of the message's row
 */
export function hasWholeBody(m: string): string {
  return `(${m}.size = 0 or exists (
        select 1 from inbound_chunks c
        where c.message_id = ${m}.id
          and c.number = 0
          and (
            ${m}.size <= ${KEPT_BYTES}
            or octet_length(c.content) > iif(c.encoding = 'utf8', ${KEPT_BYTES}, ${KEPT_BASE64_CHARACTERS})
          )))`
}

/** The SQL condition that a part of the body of a message is stored. @param m the alias of the message's row */
export const hasAnyBody = (m: string): string => `exists (select 1 from inbound_chunks c where c.message_id = ${m}.id)`
