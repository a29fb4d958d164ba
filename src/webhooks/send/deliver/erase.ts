import { type Bound, type Statement, statement, type Values } from '../../../kit/db/statements'
import { canceledBy, deliveryCanBe } from '../../rules/delivering/delivery-state'

/*
 * Erases messages when what they report is deleted for good. The payload and the receivers' responses are emptied; the
 * message, its deliveries and its attempts remain, so that the log stays readable. An erased message is never sent,
 * sent again or pulled. What else waits for the same call is parked, too, so the call is made without the erased message.
 *
 * Accepted race: a request that begins within a second of the removal is sent (run-order.ts). Its response is not kept.
 */

type Erasure<P extends Values> = Statement<P & { now: number }, never>[]

/** The SQL condition that a message `m` has not been erased. */
export const IS_NOT_ERASED = 'm.erased_at is null'

/** @param ids SQL that selects the ids of the messages as `id`. @returns statements that erase them */
export function erasingMessages<P extends Values>(ids: string): Erasure<P> {
  // A removal contains no text, so it is still sent. Its responses may contain text that a receiver remembers.
  const withText = `select id from messages where id in (${ids}) and type <> 'comment.removed'`
  /** A message has at most one delivery for each endpoint, and deleted endpoints count. */
  const deliveries = (some: string) => `select e.id, i.id from (${some}) i cross join endpoints e on e.id > ''`
  return [
    statement(`
  update messages
  set payload = '', erased_at = :now, dispatched_at = coalesce(dispatched_at, :now)
  where id in (${withText}) and erased_at is null`),
    statement(`
  update deliveries
  set ${canceledBy('erased')}
  where ${deliveryCanBe('erased', 'deliveries')} and (endpoint_id, message_id) in (${deliveries(withText)})`),
    statement(`
  update attempts
  set response_excerpt = null, response_headers = null
  where (response_excerpt is not null or response_headers is not null) and (endpoint_id, message_id) in (${deliveries(ids)})`),
  ]
}

/** A JSON list of ids. */
type OfInbound = { inbound_ids: string }

const ERASE_OF_INBOUND = erasingMessages<OfInbound>(
  `select i.message_id as id
    from json_each(:inbound_ids) j
    cross join inbound_messages i on i.id = j.value
    where i.message_id is not null`
)

/** Erases the events that inbound messages have published. Delete the inbound messages later in the same batch. */
export function eraseMessagesOfInbound(env: Env, inbound_ids: string[], now: number): Bound<never>[] {
  return ERASE_OF_INBOUND.map((erase) => erase(env, { inbound_ids: JSON.stringify(inbound_ids), now }))
}
