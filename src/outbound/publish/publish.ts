import { FIRST_WAKE_MS } from '../../core/delivering/retry-schedule'
import { serialisePayload } from '../../core/events/catalogue'
import { freshId } from '../../db/ids'

export interface Message {
  id: string
  type: string
  created_at: number
  payload: string
}

/**
 * A message that nobody can want is dispatched as it is written: a guestbook without endpoints wakes no queue and writes two rows less.
 * An endpoint that is enabled at this very moment begins with the next message.
 */
const INSERT = `insert into messages (id, type, created_at, payload, wake_at, dispatched_at, book, audience)
  select ?1, ?2, ?3, ?4, ?3 + ${FIRST_WAKE_MS}, case when ?7 is not null or not exists (
    select 1 from endpoints indexed by endpoints_enabled where status = 'enabled' and id > '') then ?3 end, ?6, ?7
  where ?5 = 0 or changes() > 0
  returning dispatched_at`

/**
 * Step 1 of the outgoing journey, accept: the message is written in the same batch as whatever happened, so that one cannot be
 * without the other. What it costs does not depend on how many endpoints there are.
 * @param options.id the publisher's own, for messages published through the API
 * @param options.ifChanged only if the statement before it in the batch changed a row
 * @param options.book the book it is about, for endpoints that ask for some books alone
 * @param options.audience the one endpoint that it is for: nobody else gets it, and nobody has missed it
 */
export function planMessage(
  env: Env,
  type: string,
  data: unknown,
  now: number,
  options: {
    id?: string | undefined
    ifChanged?: boolean
    book?: string
    audience?: string
  } = {}
): { message: Message; statement: D1PreparedStatement } {
  const id = options.id ?? freshId('msg', now)
  const message = { id, type, created_at: now, payload: serialisePayload(id, type, now, data) }
  const ifChanged = options.ifChanged ? 1 : 0
  const { book = null, audience = null } = options
  const statement = env.DB.prepare(INSERT).bind(
    id,
    type,
    now,
    message.payload,
    ifChanged,
    book,
    audience
  )
  return { message, statement }
}

/** @param results of a batch with a message in it. @returns whether there is somebody to tell */
export function needsDispatch(results: D1Result[]): boolean {
  return results.some(({ results: [row] }) => isUndispatched(row))
}

function isUndispatched(row: unknown): boolean {
  return (
    typeof row === 'object' && row !== null && 'dispatched_at' in row && row.dispatched_at === null
  )
}
