import { freshId } from '../../../kit/db/ids'
import { columnsWithout } from '../../../kit/db/rows'
import { type Statement, statement, type Values } from '../../../kit/db/statements'
import { fieldsOf } from '../../../kit/lib/json'
import { FIRST_WAKE_MS } from '../../rules/delivering/retry-schedule'
import { serializePayload } from '../../rules/events/catalogue'
import { messages } from '../../tables/outgoing'
import { wakeDispatch } from '../../work/send-orders'

type MessageRow = typeof messages.$inferSelect
export type Message = Pick<MessageRow, 'id' | 'type' | 'created_at' | 'payload' | 'hops'>
type Inserted = Pick<MessageRow, 'dispatched_at'>

/**
 * If no endpoint is enabled, a message is stored as already dispatched, which saves an order and two rows. An endpoint
 * that is enabled at the same moment misses it.
 */
const NONE_ENABLED = `not exists (select 1 from endpoints indexed by endpoints_enabled where status = 'enabled' and id > '')`

type NewMessage = Message & Pick<MessageRow, 'book' | 'audience'> & { if_changed: number }

const INSERT_MESSAGE = columnsWithout(messages, 'cursor', 'about', 'erased_at').insert<NewMessage, Inserted>(
  {
    wake_at: `:created_at + ${FIRST_WAKE_MS}`,
    dispatched_at: `iif(:audience is not null or ${NONE_ENABLED}, :created_at, null)`,
  },
  'where :if_changed = 0 or changes() > 0 returning dispatched_at'
)

/**
 * @param condition SQL that must hold for `j.value`, which is the message with whatever else the caller needs. If it
 * has `wait_ms`, its dispatch waits that long
 */
export function insertingMessages(condition: string): Statement<{ messages: string }, Inserted & { id: string }> {
  return columnsWithout(messages, 'cursor', 'about', 'audience', 'erased_at').insertEach<
    ReturnType<typeof newMessage>,
    { messages: string },
    Inserted & { id: string }
  >(
    'messages',
    {
      wake_at: `(j.value ->> 'created_at') + coalesce(j.value ->> 'wait_ms', ${FIRST_WAKE_MS})`,
      dispatched_at: `iif(${NONE_ENABLED}, j.value ->> 'created_at', null)`,
    },
    `where ${condition} returning id, dispatched_at`
  )
}

/** The event about an edit waits this long for further edits, so that they become one event. */
export const EDIT_WAIT_MS = 5_000

/**
 * Deletes messages that wait for further edits, unless dispatch has begun. Without endpoints, they wait just as long.
 * Somebody may have pulled one, so the next has another id. @param ids SQL that selects their ids
 */
export function replacingMessages<P extends Values>(ids: string): Statement<P & { now: number }, never> {
  return statement(`
  delete from messages
  where id in (${ids})
    and wake_at = created_at + ${EDIT_WAIT_MS}
    and cursor = ''
    and (dispatched_at is null or (dispatched_at = created_at and wake_at > :now))
    and not exists (
      select 1
      from endpoints e
      cross join deliveries d on d.endpoint_id = e.id and d.message_id = messages.id
      where e.id > '')`)
}

/** @returns a message about an event in a book, to be inserted by such a statement */
export function newMessage(type: string, data: unknown, book: string, now: number, id = freshId('msg', now)) {
  return { id, type, created_at: now, payload: serializePayload(id, type, now, data), hops: 0, book }
}

interface PublishOptions {
  /** The publisher's own id, for messages published through the API. */
  id?: string | undefined
  /** Inserts the message only if the previous statement of the batch changed a row. */
  ifChanged?: boolean
  /** The slug of the book that the message is about, for endpoints that want only some books. */
  book?: string
  /** The id of the only endpoint that gets the message. Other endpoints do not count the message as missed. */
  audience?: string
  /** How many guestbooks the event has passed through. 0 unless an inbound message caused the event. */
  hops?: number
}

/**
 * Step 1, accept. The message belongs in the batch of the change that it reports, so that neither exists without the
 * other. @param now epoch milliseconds. @returns the message, and the statement that inserts it
 */
export function planMessage(env: Env, type: string, data: unknown, now: number, options: PublishOptions = {}) {
  const { id = freshId('msg', now), ifChanged = false, book = null, audience = null, hops = 0 } = options
  const message = { id, type, created_at: now, payload: serializePayload(id, type, now, data), hops }
  const values = { ...message, book, audience, if_changed: ifChanged ? 1 : 0 }
  return { message, statement: INSERT_MESSAGE(env, values) }
}

/** Dispatches a message if an endpoint may want it. @param message null if there is none @param results of its batch */
export async function wakeListeners(env: Env, message: Message | null, results: readonly D1Result[]): Promise<void> {
  const isWanted = results.some(({ results: [row] }) => fieldsOf(row).dispatched_at === null)
  if (message && isWanted) await wakeDispatch(env, [message])
}

/** Like `wakeListeners`, for several. @param inserted the rows that `insertingMessages` returned */
export async function wakeInserted(
  env: Env,
  messages: (Message & { wait_ms?: number | undefined })[],
  inserted: (Inserted & { id: string })[]
) {
  const waiting = new Set(inserted.filter(({ dispatched_at }) => dispatched_at === null).map(({ id }) => id))
  const wanted = messages.filter(({ id }) => waiting.has(id))
  if (wanted.length > 0) await wakeDispatch(env, wanted)
}
