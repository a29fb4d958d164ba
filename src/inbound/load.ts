import type { Bytes } from '../core/bytes'
import type { InboundRequest } from '../core/inbound-request'
import type { inboundMessages } from '../db/schema'
import { notFound } from '../middleware/problem'
import { type Chunk, collect, fromChunk, readChunks, selectFirstChunks } from './body'
import { type Source, toSource } from './known-sources'
import { addressOf, openHeaders, openQuery } from './request'
import { openSource, type SourceSecrets } from './secrets'
import type { SourceRow } from './store'

export type InboundRow = typeof inboundMessages.$inferSelect

/** Long columns come last, as in the table. */
export const INBOUND_COLUMNS = `id, source_id as sourceId, status, reason, verified, event_type as eventType, external_id as externalId,
  dedupe_key as dedupeKey, repeats, method, size, received_at as receivedAt, processed_at as processedAt, next_attempt_at as nextAttemptAt,
  rev, step, message_id as messageId, comment_id as commentId, body_hash as bodyHash, sample_key as sampleKey, origin, query, fields,
  body_prefix as bodyPrefix, log, headers`

const SOURCE_COLUMNS = `id, status, provider, name, act, strict, retention_days as retentionDays, body_retention_days as bodyRetentionDays,
  bodies_removed_to as bodiesRemovedTo, created_at as createdAt, updated_at as updatedAt, token_hash as tokenHash, secrets, options, fields, template`

/** A message with all that it takes to deal with it. */
export interface LoadedInbound {
  row: InboundRow
  source: Source
  secrets: SourceSecrets
  request: InboundRequest
  /** False when the body was removed, being old: then nothing can be verified any more. */
  hasBody: boolean
}

/** One round trip, and one more for each further megabyte. @returns null when there is no such message. @throws Error for faults of ours */
export async function loadInbound(env: Env, id: string): Promise<LoadedInbound | null> {
  const [rows, sources, chunks] = await env.DB.batch([
    env.DB.prepare(`select ${INBOUND_COLUMNS} from inbound_messages where id = ?1`).bind(id),
    env.DB.prepare(
      `select ${SOURCE_COLUMNS} from sources where id = (select source_id from inbound_messages where id = ?1)`
    ).bind(id),
    selectFirstChunks(env, id),
  ])
  const row = rows?.results[0] as InboundRow | undefined
  const sourceRow = sources?.results[0] as SourceRow | undefined
  if (!row || !sourceRow) return null
  const source = toSource(sourceRow)
  const secrets = await openSource(env, sourceRow)
  const body = await readBody(env, row, (chunks?.results ?? []) as unknown as Chunk[])
  const hasBody = body.length === row.size
  return {
    row,
    source,
    secrets,
    request: await toRequest(env, row, source, secrets, body),
    hasBody,
  }
}

async function toRequest(
  env: Env,
  row: InboundRow,
  source: Source,
  { token }: SourceSecrets,
  body: Bytes
): Promise<InboundRequest> {
  return {
    method: row.method,
    address: addressOf(source, row.origin, `/in/${token}`),
    query: await openQuery(env, row.id, row.query),
    headers: await openHeaders(env, row.id, row.headers),
    body,
  }
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
