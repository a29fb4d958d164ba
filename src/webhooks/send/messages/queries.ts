import type { Sight } from '../../../access/rights'
import { columnsOf, columnsWithout, type RowOf } from '../../../kit/db/rows'
import { all, first, statement } from '../../../kit/db/statements'
import { notFound } from '../../../kit/http/problem'
import { type EndpointRow, findEndpoint } from '../../endpoints/store'
import { seenBy, urlFor } from '../../endpoints/url'
import { readExplanations } from '../../explanations'
import { hasLinks, payloadFor } from '../../program'
import { hasRedacted } from '../../rules/delivering/custom-headers'
import { isParked } from '../../rules/delivering/delivery-state'
import { attempts, deliveries, messages } from '../../tables/outgoing'
import { PARKED_REASON, type ParkedReason } from '../deliver/parked'
import { curlFor, sentRequest } from '../http/sent-request'

/* Reads messages, deliveries and attempts for the API and the dashboard. */

type Message = typeof messages.$inferSelect
type Delivery = typeof deliveries.$inferSelect
type DeliveryKey = Pick<Delivery, 'endpoint_id' | 'message_id'>

export const MESSAGE = columnsOf(messages, 'id', 'type', 'created_at', 'dispatched_at', 'erased_at')
export type MessageRow = RowOf<typeof MESSAGE>

interface Shown {
  reason: Delivery['reason'] | ParkedReason
  /** Null once the endpoint has been deleted, because its URL is deleted with it. */
  endpoint_url: EndpointRow['url'] | null
  endpoint_format: EndpointRow['format']
  endpoint_description: EndpointRow['description']
  disabled_reason: EndpointRow['disabled_reason']
  event_type: Message['type']
}

/** Why a delivery `d` to an endpoint `e` is in its state, or null while it is sent. An open breaker starts none. */
const IS_HELD = `(${isParked('d')}) or (d.status = 'pending' and d.attempt_count = 0 and e.breaker = 'open')`
export const REASON = `iif(${IS_HELD}, ${PARKED_REASON}, d.reason)`

/** Selects from `deliveries d`, `endpoints e` and `messages m`. */
export const DELIVERY = columnsOf(
  deliveries,
  'message_id',
  'endpoint_id',
  'status',
  'attempt_count',
  'next_attempt_at',
  'last_status_code',
  'settled_at'
)
  .of('d')
  .and<Shown>(
    `${REASON} as reason`,
    `nullif(e.url, '') as endpoint_url`,
    'e.format as endpoint_format',
    'e.description as endpoint_description',
    'e.disabled_reason',
    'm.type as event_type'
  )

export type ShownDelivery = RowOf<typeof DELIVERY>
const ATTEMPT = columnsWithout(attempts, 'endpoint_id', 'message_id', 'late_at', 'job_id')
export type ListedAttempt = RowOf<typeof ATTEMPT>

/** An attempt is under way. Each statement that takes a lease clears the reason, which a scheduled retry always has. */
export function isSending({
  status,
  next_attempt_at,
  reason,
}: Pick<ShownDelivery, 'status' | 'next_attempt_at' | 'reason'>) {
  return status === 'pending' && next_attempt_at !== null && reason === null
}

/** Sorts after every id. */
export const TOP = '~'

const FIND_MESSAGE = columnsOf(
  messages,
  'id',
  'type',
  'created_at',
  'dispatched_at',
  'erased_at',
  'hops',
  'payload',
  'audience'
).from<{
  id: string
}>('messages where id = :id')

const NEIGHBORS = statement<{ id: string }, { newer: string | null; older: string | null }>(`
  select
    (select id from messages where id > :id order by id limit 1) as newer,
    (select id from messages where id < :id order by id desc limit 1) as older`)

export type NeighborMessages = { newer: string | null; older: string | null }

const NO_NEIGHBORS: NeighborMessages = { newer: null, older: null }

/** @returns the ids of the messages after and before this one */
export async function findNeighbors(env: Env, id: string): Promise<NeighborMessages> {
  return (await first(NEIGHBORS(env, { id }))) ?? NO_NEIGHBORS
}

const DELIVERY_NEIGHBORS = statement<DeliveryKey, NeighborMessages>(`
  select
    (select message_id from deliveries where endpoint_id = :endpoint_id and message_id > :message_id
      order by message_id limit 1) as newer,
    (select message_id from deliveries where endpoint_id = :endpoint_id and message_id < :message_id
      order by message_id desc limit 1) as older`)

export type MessageDetail = MessageRow & Pick<Message, 'payload' | 'hops' | 'audience'>

export async function findMessage(env: Env, id: string): Promise<MessageDetail | null> {
  return first(FIND_MESSAGE(env, { id }))
}

const FIND_DELIVERY = DELIVERY.from<DeliveryKey>(`
  deliveries d
  join endpoints e on e.id = d.endpoint_id
  join messages m on m.id = d.message_id
  where d.endpoint_id = :endpoint_id and d.message_id = :message_id`)

export async function findDelivery(env: Env, key: DeliveryKey): Promise<ShownDelivery | null> {
  return first(FIND_DELIVERY(env, key))
}

/** The schedule has ten attempts. Manual retries and 429 responses add more. */
const LIST_ATTEMPTS = ATTEMPT.from<DeliveryKey>(`
  attempts
  where endpoint_id = :endpoint_id and message_id = :message_id
  order by number desc
  limit 100`)

/** Newest first, at most 100. */
export const listAttempts = async (env: Env, key: DeliveryKey): Promise<ListedAttempt[]> => all(LIST_ATTEMPTS(env, key))

export interface Count {
  count: number
  /** False if there are more than were counted. */
  counted_all: boolean
}

const MAX_COUNTED = 1_000

const COUNT_PARKED = statement<{ ids: string }, { id: string; count: number }>(`
  select j.value as id, (
    select count(*)
    from (
      select 1
      from deliveries indexed by deliveries_parked
      where endpoint_id = j.value and ${isParked('deliveries')}
      limit ${MAX_COUNTED + 1})) as count
  from json_each(:ids) j`)

/** Counts the parked deliveries to an endpoint, up to 1,000. */
export async function countParked(env: Env, endpoint_id: string): Promise<Count> {
  return (await countParkedOf(env, [endpoint_id]))[0] ?? { count: 0, counted_all: true }
}

/** As `countParked`, for several endpoints in one statement. */
export async function countParkedOf(env: Env, ids: string[]): Promise<Count[]> {
  const rows = ids.length === 0 ? [] : await all(COUNT_PARKED(env, { ids: JSON.stringify(ids) }))
  return rows.map(({ count }) => ({ count: Math.min(count, MAX_COUNTED), counted_all: count <= MAX_COUNTED }))
}

/**
 * Reads what the page of a delivery shows, as a caller may see it. There is no command and no request if the endpoint
 * has been deleted or the message has been erased. @throws Refusal 404
 */
export async function readDelivery(env: Env, key: DeliveryKey, sight: Sight, now: number) {
  const [delivery, attempts, found, endpoint, neighbors, explanations] = await Promise.all([
    findDelivery(env, key),
    listAttempts(env, key),
    findMessage(env, key.message_id),
    findEndpoint(env, key.endpoint_id),
    first(DELIVERY_NEIGHBORS(env, key)),
    readExplanations(env),
  ])
  if (!delivery || !found) throw notFound('delivery')
  const message = { ...found, payload: await payloadFor(env, found, sight.links) }
  const seenAttempts = attempts.map((attempt) => withoutEcho(attempt, message.type, endpoint, sight))
  const shown = { delivery, attempts: seenAttempts, message, neighbors: neighbors ?? NO_NEIGHBORS, explanations }
  if (endpoint === null || message.erased_at !== null) return { ...shown, curl: null, request: null }
  const [last] = attempts
  const seen = seenBy(endpoint, sight)
  const request = last ? sentRequest(env, seen, found, last) : null
  const [curl, sent] = await Promise.all([curlFor(env, seen, found, now, last?.trigger ?? 'auto'), request])
  const isWhole = seen.url === endpoint.url && (sight.links || !getsLinks(endpoint, found))
  return { ...shown, curl, request: sent && { ...sent, is_exact: sent.is_exact && isWhole } }
}

function getsLinks({ moderation_links }: EndpointRow, { type }: MessageRow): boolean {
  return moderation_links === 1 && hasLinks(type)
}

/**
 * A receiver may repeat what it got, in any encoding, so what it got decides whether its response is hidden. What an
 * endpoint that has changed since, or was deleted, sent then is not known.
 */
export function withoutEcho<A extends ListedAttempt>(
  attempt: A,
  type: string,
  endpoint: Echoing | null,
  sight: Sight
): A {
  const known = endpoint && attempt.started_at >= endpoint.updated_at ? endpoint : null
  const missing = missingFor(type, known, sight)
  if (missing === null || attempt.status_code === null) return attempt
  return { ...attempt, response_excerpt: `(hidden: this may repeat ${missing})`, response_headers: null }
}

type Echoing = Pick<EndpointRow, 'url' | 'format' | 'headers' | 'updated_at'>

/** @returns what a caller may not see of what the receiver got; null if there is no such thing */
function missingFor(type: string, endpoint: Echoing | null, sight: Sight): string | null {
  if (!sight.links && hasLinks(type)) return 'data that needs the scope "moderate"'
  if (!sight.secrets && (endpoint === null || urlFor(endpoint, sight) !== endpoint.url))
    return 'data that needs the scope "secrets"'
  const mayHaveStored = endpoint === null || hasRedacted(endpoint.headers)
  return sight.headers || !mayHaveStored ? null : 'stored headers, which no API key can see'
}

/** @returns the message with the payload that a caller may see, or null */
export async function readMessage(env: Env, id: string, { links }: Sight): Promise<MessageDetail | null> {
  const message = await findMessage(env, id)
  return message && { ...message, payload: await payloadFor(env, message, links) }
}
