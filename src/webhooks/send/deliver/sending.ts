import { columnsOf, type RowOf } from '../../../kit/db/rows'
import type { Release } from '../../rules/delivering/breaker'
import type { DeliveryColumns } from '../../rules/delivering/delivery-state'
import { HEALTH_FIELDS } from '../../rules/delivering/endpoint-health'
import { endpoints, type messages } from '../../tables/outgoing'
import type { DeliveryRef } from '../../work/orders'

/** The columns of `SendingEndpoint`, except the id and the text. */
export const SENDING = columnsOf(
  endpoints,
  'url',
  'description',
  'secrets',
  'format',
  'legacy_signature',
  'min_interval_minutes',
  'digest_hour',
  'moderation_links',
  'health_rev',
  ...HEALTH_FIELDS
).of()

/** What an attempt needs to know about its endpoint. `text`: the owner's own template for the event, or null. */
export type SendingEndpoint = RowOf<typeof SENDING> & { id: string; text: string | null }

/** One delivery to attempt, with everything that the attempt needs. run-order.ts reads it again after a second. */
export interface Sending {
  endpoint: SendingEndpoint
  message: Pick<typeof messages.$inferSelect, 'id' | 'type' | 'payload' | 'hops'>
  state: DeliveryColumns
  /** Why the delivery is sent while the breaker is not closed; undefined for first attempts and scheduled retries. */
  release: Release | undefined
  /** How many older deliveries to the endpoint wait in other orders. Counted only if this order waited, otherwise 0. */
  ahead: number
  /** The selection that asked for this attempt. */
  job_id: string | null
}

/** Creates the reference to a delivery for a work order. The lease is `next_attempt_at`. */
export function toRef({ endpoint, message, state }: Sending): DeliveryRef {
  const { attempt_count, next_attempt_at } = state
  return { endpoint_id: endpoint.id, message_id: message.id, attempt_count, lease: next_attempt_at ?? 0 }
}
