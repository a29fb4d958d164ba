import { eq, getTableColumns } from 'drizzle-orm'
import type { Bytes } from '../../core/lib/bytes'
import type { InboundRequest } from '../../core/verifying/request'
import { inboundChunks, inboundMessages, sources } from '../../db/schema'
import { batch, columns, compile, first, type Placeholders, query, statement } from '../../db/statements'
import { notFound } from '../../http/problem'
import { type Source, toSource } from '../sources/cache'
import { openSource, type SourceSecrets, tokenAt } from '../sources/secrets'
import type { SourceRow } from '../sources/store'
import { type Chunk, collect, fromChunk, readChunks, selectFirstChunks } from './body-chunks'
import { ACTED_DUPLICATE } from './repeats'
import type { InboundRow } from './store'
import { addressOf, openHeaders, openQuery } from './stored-request'

type Id = Pick<InboundRow, 'id'>

const FIND_MESSAGE = compile((p: Placeholders<Id>) =>
  query.select().from(inboundMessages).where(eq(inboundMessages.id, p.id))
)

const FIND_SOURCE_OF = compile((p: Placeholders<Id>) =>
  query
    .select(getTableColumns(sources))
    .from(inboundMessages)
    .innerJoin(sources, eq(sources.id, inboundMessages.source_id))
    .where(eq(inboundMessages.id, p.id))
)

const FIND_ACTED_DUPLICATE = statement<Id, Id>(ACTED_DUPLICATE)

const FIND_ANY_CHUNK = compile((p: Placeholders<Id>) =>
  query.select(columns(inboundChunks, 'number')).from(inboundChunks).where(eq(inboundChunks.message_id, p.id)).limit(1)
)

const FIND_SIZE_AND_HEADERS = compile((p: Placeholders<Id>) =>
  query
    .select(columns(inboundMessages, 'size', 'headers'))
    .from(inboundMessages)
    .where(eq(inboundMessages.id, p.id))
)

const FIND_REVISION = compile((p: Placeholders<Id>) =>
  query
    .select(columns(inboundMessages, 'id', 'status', 'rev', 'step'))
    .from(inboundMessages)
    .where(eq(inboundMessages.id, p.id))
)

/** A message without its body, which may be as large as 8 MB. */
export interface InboundHead {
  row: InboundRow
  source: Source
  secrets: SourceSecrets
  /** The path that the request was sent to. The source may have a different URL by now. */
  path: string
  request: Omit<InboundRequest, 'body'>
  /** False if the body was removed because of its age. In that case, the message can no longer be verified. */
  hasBody: boolean
}

/** A message with everything that is needed to process it. */
export interface LoadedInbound extends InboundHead {
  request: InboundRequest
  /** The id of a duplicate that has already published an event or signed the guestbook. */
  acted_duplicate: string | null
}

/**
 * Takes one round trip, plus another for every further 4 MB of the body.
 * @returns null if there is no such message
 * @throws Error when stored data cannot be read; Refusal 503 when the source's secrets cannot be unsealed
 */
export async function loadInbound(env: Env, id: string): Promise<LoadedInbound | null> {
  const [rows, sourceRows, chunks, duplicates] = await batch(env, [
    FIND_MESSAGE(env, { id }),
    FIND_SOURCE_OF(env, { id }),
    selectFirstChunks(env, id),
    FIND_ACTED_DUPLICATE(env, { id }),
  ])
  const [row] = rows.results
  const [sourceRow] = sourceRows.results
  if (!row || !sourceRow) return null
  const head = await openHead(env, row, sourceRow)
  const body = await readBody(env, row, chunks.results)
  const acted_duplicate = duplicates.results[0]?.id ?? null
  const request = { ...head.request, body }
  return { ...head, request, acted_duplicate, hasBody: body.length === row.size }
}

/** @throws Refusal 404 */
export async function requireInbound(env: Env, id: string): Promise<LoadedInbound> {
  const loaded = await loadInbound(env, id)
  if (!loaded) throw notFound('inbound message')
  return loaded
}

/** @throws Refusal 404 */
export async function requireHead(env: Env, id: string): Promise<InboundHead> {
  const [rows, sourceRows, chunks] = await batch(env, [
    FIND_MESSAGE(env, { id }),
    FIND_SOURCE_OF(env, { id }),
    FIND_ANY_CHUNK(env, { id }),
  ])
  const [row] = rows.results
  const [sourceRow] = sourceRows.results
  if (!row || !sourceRow) throw notFound('inbound message')
  const head = await openHead(env, row, sourceRow)
  return { ...head, hasBody: row.size === 0 || chunks.results.length === 1 }
}

async function openHead(env: Env, row: InboundRow, sourceRow: SourceRow): Promise<Omit<InboundHead, 'hasBody'>> {
  const source = toSource(sourceRow)
  const secrets = await openSource(env, sourceRow)
  const path = `/in/${await tokenAt(secrets, row.token_mark)}`
  const request = {
    method: row.method,
    address: addressOf(source, row.origin, path),
    query: await openQuery(env, row.id, row.query),
    headers: await openHeaders(env, row.id, row.headers),
  }
  return { row, source, secrets, path, request }
}

async function readBody(env: Env, row: InboundRow, firstChunks: Chunk[]): Promise<Bytes> {
  async function* pieces() {
    let size = 0
    for (const chunk of firstChunks) {
      const bytes = fromChunk(chunk)
      size += bytes.length
      yield bytes
    }
    if (size < row.size && firstChunks.length > 0) yield* readChunks(env, row.id, firstChunks.length)
  }
  return collect(pieces(), row.size)
}

/** @returns what is needed to download the body. @throws Refusal 404 */
export async function requireSizeAndHeaders(env: Env, id: string) {
  const row = await first(FIND_SIZE_AND_HEADERS(env, { id }))
  if (!row) throw notFound('inbound message')
  return { size: row.size, headers: await openHeaders(env, id, row.headers) }
}

/** The columns that `postponeInbound` needs. They can be read even if the message cannot be loaded. */
export type Revision = Pick<InboundRow, 'id' | 'status' | 'rev' | 'step'>

export async function findRevision(env: Env, id: string): Promise<Revision | null> {
  return first(FIND_REVISION(env, { id }))
}
