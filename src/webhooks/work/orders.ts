import * as z from 'zod'

/* What queues carry: references to work that the sweep finds in D1, too. Validated: it may be from an older version. */

const deliveryRef = z.object({
  endpoint_id: z.string(),
  message_id: z.string(),
  /** How many requests had been made when the order was written. After another request, the order is outdated. */
  attempt_count: z.int(),
  /** `next_attempt_at` when the order was written. The order owns the delivery as long as the row has this value. */
  lease: z.int(),
})
export type DeliveryRef = z.infer<typeof deliveryRef>

/** The maximum number of deliveries in one work order. Sending and settling them takes fewer than 50 subrequests. */
export const ORDER_SIZE = 12

/** A message in the `fresh` or `patient` queue. */
const workOrder = z.union([
  z.object({ kind: z.literal('dispatch'), message_id: z.string(), event_type: z.string() }),
  z.object({
    kind: z.literal('attempt'),
    deliveries: z.array(deliveryRef).min(1).max(ORDER_SIZE),
    /** Why the deliveries are sent while the breaker is not closed: see webhooks/rules/delivering/breaker.ts. */
    release: z.enum(['probe', 'drain', 'manual']).optional(),
    /** Whether another order has waited for these receivers to answer, and gave up: see deliver/hanging-receivers.ts. */
    has_waited: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('resume'), endpoint_id: z.string() }),
])
export type WorkOrder = z.infer<typeof workOrder>

/** The maximum number of inbound messages in one order. Even the longest bodies take fewer than 50 queries in total. */
export const INBOUND_ORDER_SIZE = 4

/** A message in the `inbound` queue. */
const inboundOrder = z.object({
  kind: z.literal('process'),
  inbound_ids: z.array(z.string()).min(1).max(INBOUND_ORDER_SIZE),
})
export type InboundOrder = z.infer<typeof inboundOrder>

/** A message for the engine. Its kind says who handles it, because the owner can give the queues other names. */
export const engineOrder = z.union([workOrder, inboundOrder])

/** A message of the program that uses the engine. It has a kind of its own. */
export type OwnOrder = { kind: string }
