import { columnsOf } from '../../../kit/db/rows'
import { batchNamed, first, statement } from '../../../kit/db/statements'
import { orNotFound } from '../../../kit/http/problem'
import type { Bytes } from '../../../kit/lib/bytes'
import type { InboundRequest } from '../../rules/verifying/request'
import { type Source, toSource } from '../../sources/cache'
import { openSource, type SourceSecrets, tokenAt } from '../../sources/secrets'
import type { SourceRow } from '../../sources/store'
import { inboundMessages, sources } from '../../tables/incoming'
import {
  type Chunk,
  collect,
  explainBody,
  fromChunk,
  hasAnyBody,
  hasWholeBody,
  KEPT_BYTES,
  readChunks,
  selectFirstChunks,
  type WhyIncomplete,
} from './bodies'
import { ACTED_DUPLICATE, EARLIER_COPY } from './repeats'
import type { InboundRow } from './store'
import { addressOf, openHeaders, openQuery, sealedHeaders } from './stored-request'

type Id = Pick<InboundRow, 'id'>

const FIND_MESSAGE = columnsOf(inboundMessages).from<Id>('inbound_messages where id = :id')

const FIND_SOURCE_OF = columnsOf(sources).from<Id>(`
  sources where id = (select source_id from inbound_messages where id = :id)`)

interface Related {
  /** The id of a duplicate that has already published an event or signed the guestbook. */
  acted_duplicate: string | null
  /** The id of an earlier message that has the same content and signature, but is another delivery. */
  earlier_copy: string | null
}

const FIND_RELATED = statement<Id, Related>(`
  select (${ACTED_DUPLICATE}) as acted_duplicate, (${EARLIER_COPY}) as earlier_copy`)

const FIND_BODY_STATE = statement<Id, { is_whole: number; has_any: number }>(`
  select ${hasWholeBody('m')} as is_whole, ${hasAnyBody('m')} as has_any
  from inbound_messages m
  where m.id = :id`)

const FIND_SIZE = columnsOf(inboundMessages, 'size')
  .of('m')
  .and<Pick<SourceRow, 'provider'>>('s.provider')
  .from<Id>('inbound_messages m cross join sources s on s.id = m.source_id where m.id = :id')
const FIND_REVISION = columnsOf(inboundMessages, 'id', 'status', 'rev', 'step').from<Id>(
  'inbound_messages where id = :id'
)

/** A message without its body, which may be megabytes long. */
export interface InboundHead {
  row: InboundRow
  source: Source
  secrets: SourceSecrets
  /** The path that the request was sent to. The source may have a different URL by now. */
  path: string
  request: Omit<InboundRequest, 'body'>
  /** The names of the headers that were stored sealed. */
  sealed: string[]
  /** Null if the whole body is stored. Otherwise, the message can no longer be verified. */
  whyIncomplete: WhyIncomplete | null
}

/** A message with everything that is needed to process it. */
export interface LoadedInbound extends InboundHead, Related {
  request: InboundRequest
}

/**
 * Takes one round trip, and another for each further 4 MB of the body. @returns null if there is no such message
 * @throws Error if stored data cannot be read, Refusal 503 if the source's secrets cannot be unsealed
 */
export async function loadInbound(env: Env, id: string): Promise<LoadedInbound | null> {
  const {
    messages: [row],
    sources: [sourceRow],
    chunks,
    related: [related],
  } = await batchNamed(env, {
    messages: FIND_MESSAGE(env, { id }),
    sources: FIND_SOURCE_OF(env, { id }),
    chunks: selectFirstChunks(env, id),
    related: FIND_RELATED(env, { id }),
  })
  if (!row || !sourceRow) return null
  const head = await openHead(env, row, sourceRow)
  const body = await readBody(env, row, chunks)
  const { acted_duplicate = null, earlier_copy = null } = related ?? {}
  const request = { ...head.request, body }
  const whyIncomplete = explainBody(body.length === row.size, body.length > 0)
  return { ...head, request, acted_duplicate, earlier_copy, whyIncomplete }
}

/** @throws Refusal 404 */
export async function requireInbound(env: Env, id: string): Promise<LoadedInbound> {
  return orNotFound(await loadInbound(env, id), 'request')
}

/** @throws Refusal 404 */
export async function requireHead(env: Env, id: string): Promise<InboundHead> {
  const {
    messages: [row],
    sources: [sourceRow],
    bodies: [state],
  } = await batchNamed(env, {
    messages: FIND_MESSAGE(env, { id }),
    sources: FIND_SOURCE_OF(env, { id }),
    bodies: FIND_BODY_STATE(env, { id }),
  })
  const head = await openHead(env, orNotFound(row, 'request'), orNotFound(sourceRow, 'request'))
  const { is_whole = 0, has_any = 0 } = state ?? {}
  return { ...head, whyIncomplete: explainBody(is_whole === 1, has_any === 1) }
}

async function openHead(env: Env, row: InboundRow, sourceRow: SourceRow): Promise<Omit<InboundHead, 'whyIncomplete'>> {
  const source = toSource(sourceRow)
  const secrets = await openSource(env, sourceRow)
  const path = `/in/${await tokenAt(secrets, row.token_mark)}`
  const request = {
    method: row.method,
    address: addressOf(source, row.origin, path),
    query: await openQuery(env, row.id, row.query),
    headers: await openHeaders(env, row.id, row.headers),
  }
  return { row, source, secrets, path, request, sealed: sealedHeaders(row.headers) }
}

async function readBody(env: Env, row: InboundRow, firstChunks: Chunk[]): Promise<Bytes> {
  async function* pieces() {
    let size = 0
    for (const chunk of firstChunks) {
      const bytes = fromChunk(chunk)
      size += bytes.length
      yield bytes
    }
    if (size < row.size && size > KEPT_BYTES) yield* readChunks(env, row.id, firstChunks.length)
  }
  return collect(pieces(), row.size)
}

/** @returns the size of the body, and the provider of its source. @throws Refusal 404 */
export async function requireSize(env: Env, id: string) {
  return orNotFound(await first(FIND_SIZE(env, { id })), 'request')
}

/** The columns that `postponeInbound` needs. They can be read even if the message cannot be loaded. */
export type Revision = Pick<InboundRow, 'id' | 'status' | 'rev' | 'step'>

export const findRevision = async (env: Env, id: string): Promise<Revision | null> => first(FIND_REVISION(env, { id }))
