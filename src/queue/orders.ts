import * as z from 'zod'

/*
 * The messages that travel through the queues. They hold names, never data: if one is lost, the sweep finds the same
 * work in D1. Consumers parse them, because a queue may hold messages of an older version.
 */

const deliveryRef = z.object({
  endpoint_id: z.string(),
  message_id: z.string(),
  /** Requests made so far. If the delivery has made another since, the order is outdated. */
  attempt_count: z.int(),
  /** `next_attempt_at` when the order was written. An order owns the delivery as long as the row still has it. */
  lease: z.int(),
})
export type DeliveryRef = z.infer<typeof deliveryRef>

/** Deliveries in one work order. With their settling they stay under the Free plan's 50 subrequests. */
export const ORDER_SIZE = 12

/** Of the queues `fresh` and `patient`. */
export const workOrder = z.union([
  z.object({ kind: z.literal('dispatch'), message_id: z.string(), event_type: z.string() }),
  z.object({
    kind: z.literal('attempt'),
    deliveries: z.array(deliveryRef).min(1).max(ORDER_SIZE),
    /** Why they are sent although the breaker is not closed: see core/delivering/breaker.ts. */
    release: z.enum(['probe', 'drain', 'manual']).optional(),
  }),
  z.object({ kind: z.literal('resume'), endpoint_id: z.string() }),
])
export type WorkOrder = z.infer<typeof workOrder>

/** Inbound messages in one order. Even with the longest bodies, they stay under 50 queries. */
export const INBOUND_ORDER_SIZE = 4

/** Of the queue `inbound`. */
export const inboundOrder = z.object({
  kind: z.literal('process'),
  inbound_ids: z.array(z.string()).min(1).max(INBOUND_ORDER_SIZE),
})
export type InboundOrder = z.infer<typeof inboundOrder>
