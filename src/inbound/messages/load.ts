import type { Bytes } from '../../core/lib/bytes'
import type { InboundRequest } from '../../core/verifying/request'
import type { inboundMessages } from '../../db/schema'
import { notFound } from '../../http/problem'
import { type Source, toSource } from '../sources/cache'
import { openSource, type SourceSecrets, tokenAt } from '../sources/secrets'
import type { SourceRow } from '../sources/store'
import { type Chunk, collect, fromChunk, readChunks, selectFirstChunks } from './body-chunks'
import { TWINS } from './repeats'
import { addressOf, openHeaders, openQuery } from './stored-request'

export type InboundRow = typeof inboundMessages.$inferSelect

/** Long columns come last, as in the table. */
export const INBOUND_COLUMNS = `id, source_id, status, reason, verified, event_type, external_id,
  dedupe_key, repeats, method, size, received_at, processed_at, next_attempt_at,
  rev, step, message_id, comment_id, fingerprint, sample_key, origin, query, fields,
  body_prefix, log, headers, token_mark`

const SOURCE_COLUMNS = `id, status, provider, name, act, strict, retention_days, body_retention_days,
  bodies_removed_to, created_at, updated_at, token_hash, secrets, options, fields, template`

/** A message without its body, which may be 8 MB. */
export interface InboundHead {
  row: InboundRow
  source: Source
  secrets: SourceSecrets
  /** Where it came to: the source may have another address by now. */
  path: string
  request: Omit<InboundRequest, 'body'>
  /** False when the body was removed, being old: then nothing can be verified any more. */
  hasBody: boolean
}

/** A message with all that it takes to deal with it. */
export interface LoadedInbound extends InboundHead {
  request: InboundRequest
  /** It was acted upon already, under another id: a message with the same delivery id, or the same bytes within a day. */
  twin: string | null
}

function selectHead(env: Env, id: string): D1PreparedStatement[] {
  return [
    env.DB.prepare(`select ${INBOUND_COLUMNS} from inbound_messages where id = ?1`).bind(id),
    env.DB.prepare(
      `select ${SOURCE_COLUMNS} from sources where id = (select source_id from inbound_messages where id = ?1)`
    ).bind(id),
  ]
}

/** One round trip, and one more for every four further megabytes. @returns null when there is no such message. @throws Error for faults of ours */
export async function loadInbound(env: Env, id: string): Promise<LoadedInbound | null> {
  const [rows, sources, chunks, twins] = await env.DB.batch([
    ...selectHead(env, id),
    selectFirstChunks(env, id),
    env.DB.prepare(`select t.id ${TWINS}`).bind(id),
  ])
  const head = await openHead(env, rows, sources)
  if (head === null) return null
  const { row } = head
  const body = await readBody(env, row, (chunks?.results ?? []) as unknown as Chunk[])
  const twin = (twins?.results[0] as { id: string } | undefined)?.id ?? null
  const request = { ...head.request, body }
  return { ...head, request, twin, hasBody: body.length === row.size }
}

/** @throws Refusal 404 */
export async function requireInbound(env: Env, id: string): Promise<LoadedInbound> {
  const loaded = await loadInbound(env, id)
  if (!loaded) throw notFound('inbound message')
  return loaded
}

/** @throws Refusal 404 */
export async function requireHead(env: Env, id: string): Promise<InboundHead> {
  const [rows, sources, bodies] = await env.DB.batch([
    ...selectHead(env, id),
    env.DB.prepare('select 1 from inbound_chunks where message_id = ?1 limit 1').bind(id),
  ])
  const head = await openHead(env, rows, sources)
  if (head === null) throw notFound('inbound message')
  return { ...head, hasBody: head.row.size === 0 || bodies?.results.length === 1 }
}

async function openHead(
  env: Env,
  rows: D1Result | undefined,
  sources: D1Result | undefined
): Promise<Omit<InboundHead, 'hasBody'> | null> {
  const row = rows?.results[0] as InboundRow | undefined
  const sourceRow = sources?.results[0] as SourceRow | undefined
  if (!row || !sourceRow) return null
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

async function readBody(env: Env, row: InboundRow, first: Chunk[]): Promise<Bytes> {
  async function* pieces() {
    let size = 0
    for (const chunk of first) {
      const bytes = fromChunk(chunk)
      size += bytes.length
      yield bytes
    }
    if (size < row.size && first.length > 0) yield* readChunks(env, row.id, first.length)
  }
  return collect(pieces(), row.size)
}

/** What it takes to hand out a body. @throws Refusal 404 */
export async function findHead(
  env: Env,
  id: string
): Promise<{ size: number; headers: [string, string][] }> {
  const row = await env.DB.prepare('select size, headers from inbound_messages where id = ?1')
    .bind(id)
    .first<{ size: number; headers: string }>()
  if (!row) throw notFound('inbound message')
  return { size: row.size, headers: await openHeaders(env, id, row.headers) }
}

/** What noting a fault takes, of a message that could not be loaded whole. */
export type PostponedRow = Pick<InboundRow, 'id' | 'source_id' | 'status' | 'rev' | 'step'>

export async function findForPostponing(env: Env, id: string): Promise<PostponedRow | null> {
  return env.DB.prepare(
    'select id, source_id, status, rev, step from inbound_messages where id = ?1'
  )
    .bind(id)
    .first<PostponedRow>()
}
