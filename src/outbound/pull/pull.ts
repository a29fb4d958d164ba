import { firstIdAt } from '../../core/lib/ids'
import { signingMaterial } from '../../endpoints/secrets'
import type { EndpointRow } from '../../endpoints/store'
import { type WrittenRequest, writeWith } from '../http/signed-request'
import { asks, wantsBook } from '../publish/subscriptions'

/*
 * The other way round: a receiver behind a wall asks for what it would have been sent. What was delivered and what was not makes no
 * difference, so that a receiver can find its gaps and mend them.
 */

/** Messages looked at by one read: with the rows that are returned, less than 500. */
const SCAN_LIMIT = 250
/** Payloads handed out at once, in characters; one at least. */
const PAGE_LETTERS = 1_000_000
/** What is younger may still be overtaken by one with a smaller id, whose write began before. Accepted race: a write that takes longer than this. */
const SETTLED_MS = 1_000
const ASK_AGAIN_MS = 1_500
/** Reads in one call: an invocation has 50 queries. */
const MAX_READS = 20

export interface PulledMessage {
  id: string
  type: string
  created_at: number
  request: WrittenRequest
}

export interface PulledPage {
  data: PulledMessage[]
  /** Where to go on: the last message looked at. */
  next: string | null
  hasMore: boolean
}

/**
 * The messages that the endpoint asks for, oldest first, as they would be sent to it now: same bytes, freshly signed.
 * @param after a message id, exclusive; null for all there are
 * @param waitMs how long to wait for one, when there is none
 * @param signal ends the waiting: nobody listens any more
 */
export async function pullMessages(
  env: Env,
  endpoint: EndpointRow,
  { after, limit, waitMs }: { after: string | null; limit: number; waitMs: number },
  signal: AbortSignal
): Promise<PulledPage> {
  const until = Date.now() + waitMs
  let page = await readPage(env, endpoint.id, after, limit)
  for (let reads = 1; page.rows.length === 0 && reads < MAX_READS; reads++) {
    if (!page.hasMore && (Date.now() + ASK_AGAIN_MS > until || signal.aborted)) break
    if (!page.hasMore) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS))
    page = await readPage(env, endpoint.id, page.next, limit)
  }
  return { data: await sign(env, endpoint, page.rows), next: page.next, hasMore: page.hasMore }
}

interface FoundRow {
  id: string
  letters: number
}

interface Page {
  rows: FoundRow[]
  next: string | null
  hasMore: boolean
}

const SOURCE = `select id from messages where id > ?2 and id < ?3 order by id limit ${SCAN_LIMIT}`
/** Also a test of this endpoint, which is for nobody else. */
const FOUND = `select m.id, length(m.payload) as letters
  from (${SOURCE}) s cross join messages m on m.id = s.id cross join endpoints e on e.id = ?1
  where (m.audience is null or m.audience = ?1) and m.about is not ?1
    and ${asks('e.event_types')} and ${wantsBook('e')} limit ?4`

async function readPage(
  env: Env,
  endpointId: string,
  after: string | null,
  limit: number
): Promise<Page> {
  const range = [after ?? '', firstIdAt('msg', Date.now() - SETTLED_MS)] as const
  const [found, scanned] = await env.DB.batch<Record<string, unknown>>([
    env.DB.prepare(FOUND).bind(endpointId, ...range, limit + 1),
    // Every parameter is named, since D1 wants as many as it is given.
    env.DB.prepare(
      `select count(*) as looked_at, max(id) as last from (${SOURCE}) where ?1 = ?1`
    ).bind(endpointId, ...range),
  ])
  const rows = (found?.results ?? []) as unknown as FoundRow[]
  const taken = fitting(rows.slice(0, limit))
  if (taken.length < rows.length)
    return { rows: taken, next: taken.at(-1)?.id ?? after, hasMore: true }
  const { looked_at: lookedAt, last } = scanned?.results[0] ?? {}
  const next = typeof last === 'string' ? last : after
  return { rows: taken, next, hasMore: lookedAt === SCAN_LIMIT }
}

function fitting(rows: FoundRow[]): FoundRow[] {
  let letters = 0
  return rows.filter((row, i) => {
    letters += row.letters
    return i === 0 || letters <= PAGE_LETTERS
  })
}

async function sign(env: Env, endpoint: EndpointRow, rows: FoundRow[]): Promise<PulledMessage[]> {
  if (rows.length === 0) return []
  const now = Date.now()
  const [material, messages] = await Promise.all([
    signingMaterial(env, endpoint, now),
    readPayloads(
      env,
      rows.map(({ id }) => id)
    ),
  ])
  return Promise.all(
    messages.map(async ({ id, type, created_at, payload }) => {
      const request = await writeWith(env, material, endpoint, { id, payload }, now)
      return { id, type, created_at, request }
    })
  )
}

async function readPayloads(env: Env, ids: string[]) {
  const { results } = await env.DB.prepare(
    `select m.id, m.type, m.created_at, m.payload from json_each(?1) j cross join messages m on m.id = j.value`
  )
    .bind(JSON.stringify(ids))
    .all<{ id: string; type: string; created_at: number; payload: string }>()
  return results
}
