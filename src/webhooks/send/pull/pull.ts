import type { Context } from '../../../kit/context'
import { columnsOf, type RowOf } from '../../../kit/db/rows'
import { scanned } from '../../../kit/db/scanned'
import { all } from '../../../kit/db/statements'
import { firstIdAt } from '../../../kit/lib/ids'
import { findText } from '../../endpoints/condition-and-texts'
import { signingMaterial } from '../../endpoints/secrets'
import type { EndpointRow } from '../../endpoints/store'
import { wanting } from '../../rules/events/when'
import { messages } from '../../tables/outgoing'
import { IS_NOT_ERASED } from '../deliver/erase'
import { signRequest } from '../http/signed-request'
import { isWanted } from '../publish/subscriptions'

/* A receiver behind a firewall asks for its messages, with those that were delivered, so that it can fill its gaps. */

/** How many messages one read scans. Including the rows that it returns, a read covers fewer than 500 rows. */
const SCAN_LIMIT = 250
/** The maximum number of payload characters in one page. A longer payload gets a page of its own. */
const PAGE_CHARACTERS = 1_000_000
/** Holds back younger messages: one with a smaller id may still be written. If that takes longer, readers miss it. */
export const SETTLED_MS = 1_000
const POLL_INTERVAL_MS = 1_500
/** An invocation may run at most 50 queries. A read takes one or two, and this covers the longest wait. */
const MAX_READS = 18
/** How many reads scan on for an integrator, whom the owner need not know, until something is found. */
const FEW_READS = 2

/**
 * Reads messages oldest first, as they would be sent now, with a new signature.
 * @param after a message id, exclusive; empty for the first @param isStrangers whether to scan only a little
 * @param signal stops the wait when the client disconnects
 * @returns a page. `next` is the last message that was scanned. A page can be empty although there is a next one,
 * because messages for which the endpoint's condition is false are left out
 */
export async function pullMessages(
  { env, clock }: Context,
  endpoint: EndpointRow,
  { after, limit, waitMs, isStrangers }: { after: string; limit: number; waitMs: number; isStrangers: boolean },
  signal: AbortSignal
) {
  const until = clock() + waitMs
  let page = await readPage(env, endpoint, after, limit, clock())
  // Parsing what the condition excludes takes time, so a call does it for about one page in total.
  let excluded = page.excluded
  for (let reads = 1; page.messages.length === 0 && reads < MAX_READS; reads++) {
    const isDone = page.hasMore
      ? page.excluded > 0 || (isStrangers && reads >= FEW_READS)
      : clock() + POLL_INTERVAL_MS > until || excluded > PAGE_CHARACTERS || signal.aborted
    if (isDone) break
    if (!page.hasMore) await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS))
    page = await readPage(env, endpoint, page.next, limit, clock())
    excluded += page.excluded
  }
  return { data: await sign(env, endpoint, page.messages, clock()), next: page.next, hasMore: page.hasMore }
}

const FOUND = columnsOf(messages, 'id').of('m').and<{ characters: number }>('length(m.payload) as characters')
type FoundRow = RowOf<typeof FOUND>

const findWanted = scanned<{ endpoint_id: string }, FoundRow>({
  from: 'messages',
  isOldestFirst: true,
  most: SCAN_LIMIT,
  read: 'id',
  join: 'cross join messages m on m.id = w.id cross join endpoints e on e.id = :endpoint_id',
  where: isWanted('e'),
  show: FOUND,
})

/** @returns the messages that the endpoint wants, and how many characters its condition has excluded */
async function readPage(env: Env, endpoint: EndpointRow, after: string, limit: number, now: number) {
  const range = { from: after, to: firstIdAt('msg', now - SETTLED_MS) }
  const { data, next, last } = await findWanted(env, { endpoint_id: endpoint.id }, range, limit)
  const rows = takeFitting(data)
  const found = await readMessages(env, rows)
  const meets = wanting(endpoint.when)
  const messages = found.filter(({ is_test, payload }) => is_test || meets(payload))
  const excluded = messages.length > 0 ? 0 : rows.reduce((sum, { characters }) => sum + characters, 0)
  if (rows.length < data.length) return { messages, excluded, next: rows.at(-1)?.id ?? after, hasMore: true }
  return { messages, excluded, next: last ?? after, hasMore: next !== null }
}

function takeFitting(rows: FoundRow[]): FoundRow[] {
  let characters = 0
  return rows.filter((row, i) => {
    characters += row.characters
    return i === 0 || characters <= PAGE_CHARACTERS
  })
}

const PULLED = columnsOf(messages, 'id', 'type', 'created_at', 'payload', 'hops').of('m')

const READ_MESSAGES = PULLED.and<{ is_test: number }>('m.audience is not null as is_test').from<{ ids: string }>(`
  json_each(:ids) j
  cross join messages m on m.id = j.value
  where ${IS_NOT_ERASED}`)

async function readMessages(env: Env, rows: FoundRow[]) {
  return rows.length === 0 ? [] : all(READ_MESSAGES(env, { ids: JSON.stringify(rows.map(({ id }) => id)) }))
}

type Pulled = Awaited<ReturnType<typeof readMessages>>[number]

async function sign(env: Env, endpoint: EndpointRow, messages: Pulled[], now: number) {
  if (messages.length === 0) return []
  const material = await signingMaterial(env, endpoint, now)
  return Promise.all(
    messages.map(async (message) => {
      const signed = { ...endpoint, text: findText(endpoint.texts, message.type) }
      const { headers, body } = await signRequest(env, material, signed, message, now)
      const { payload, hops, is_test, ...shown } = message
      return { ...shown, headers, body }
    })
  )
}
