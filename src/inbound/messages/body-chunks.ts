import { type Bytes, decodeUtf8, fromBase64, toBase64, utf8 } from '../../core/lib/bytes'

/*
 * A body in pieces of at most 1 MB, so that each fits a row with room to spare (D1 takes 2 MB). Text is stored as it is; what is no text, or holds
 * control characters, in base64: D1 carries bytes as a list of numbers, four times as long, and such a character as six.
 */

const TEXT_BYTES = 1_000_000
/** In base64 these are a million characters. */
const BINARY_BYTES = 750_000

export interface Chunk {
  number: number
  encoding: 'utf8' | 'base64'
  content: string
}

export function toChunks(body: Bytes): Chunk[] {
  if (body.length === 0) return []
  return isText(body) ? split(body, 'utf8', TEXT_BYTES) : split(body, 'base64', BINARY_BYTES)
}

function isText(body: Bytes): boolean {
  return !hasControls(body) && decodeUtf8(body) !== null
}

/** Other than tabs and the ends of lines. A plain loop, since there may be 8 million. */
function hasControls(body: Bytes): boolean {
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return true
  }
  return false
}

function split(body: Bytes, encoding: Chunk['encoding'], size: number): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 0; at < body.length; ) {
    const end = endOf(body, encoding, at + size)
    const piece = body.subarray(at, end)
    const content = encoding === 'utf8' ? (decodeUtf8(piece) ?? '') : toBase64(piece)
    chunks.push({ number: chunks.length, encoding, content })
    at = end
  }
  return chunks
}

/** Text is cut before a character, never in one: continuation bytes are 10xxxxxx. */
function endOf(body: Bytes, encoding: Chunk['encoding'], end: number): number {
  if (end >= body.length) return body.length
  let at = end
  while (encoding === 'utf8' && ((body[at] ?? 0) & 0xc0) === 0x80) at -= 1
  return at
}

/** @throws Error when a stored piece is damaged */
export function fromChunk({ encoding, content }: Chunk): Bytes {
  const bytes = encoding === 'utf8' ? utf8(content) : fromBase64(content)
  if (bytes === null) throw new Error('A stored body is no base64.')
  return bytes
}

/** Written with the message in one batch, and only if the message was: a repeat has its body already. */
export function insertChunks(env: Env, id: string, body: Bytes): D1PreparedStatement[] {
  return toChunks(body).map(({ number, encoding, content }) =>
    env.DB.prepare(
      `insert into inbound_chunks (message_id, number, encoding, content)
       select ?1, ?2, ?3, ?4 where exists (select 1 from inbound_messages where id = ?1)`
    ).bind(id, number, encoding, content)
  )
}

const SELECT = `select number, encoding, content from inbound_chunks where message_id = ?1`

/** Read with the message. */
const FIRST = 2
/** Read at a time after that: four megabytes. */
const PAGE = 4

/** The first pieces, as a statement for a batch. */
export function selectFirstChunks(env: Env, id: string): D1PreparedStatement {
  return env.DB.prepare(`${SELECT} and number < ${FIRST} order by number`).bind(id)
}

/** How many more reads a body of that many bytes takes at most. */
export function furtherReads(size: number): number {
  const chunks = Math.ceil(size / BINARY_BYTES)
  return chunks < FIRST ? 0 : Math.floor((chunks - FIRST) / PAGE) + 1
}

/** The pieces in their order, a few at a time, so that never all of them are held in two forms. */
export async function* readChunks(env: Env, id: string, from = 0): AsyncGenerator<Bytes> {
  for (let number = from; ; number += PAGE) {
    const { results } = await env.DB.prepare(
      `${SELECT} and number >= ?2 and number < ?2 + ${PAGE} order by number`
    )
      .bind(id, number)
      .all<Chunk>()
    for (const chunk of results) yield fromChunk(chunk)
    if (results.length < PAGE) return
  }
}

export async function collect(pieces: AsyncIterable<Bytes>, size: number): Promise<Bytes> {
  const all = new Uint8Array(size)
  let at = 0
  for await (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return at === size ? all : all.slice(0, at)
}
