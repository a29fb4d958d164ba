import * as z from 'zod'

const deliveryRef = z.object({
  endpoint_id: z.string(),
  message_id: z.string(),
  /** Requests made so far: an order for a delivery that has moved on is out of date. */
  attempt_count: z.int(),
  /** `next_attempt_at` as it was when the order was written: whoever holds the lease may send. */
  lease: z.int(),
})
export type DeliveryRef = z.infer<typeof deliveryRef>

/**
 * What travels through the queues: names, never data. Losing one loses nothing, the sweep finds
 * the same work in D1. Parsed at the consumer, because a queue outlives the version that filled it.
 */
export const workOrder = z.union([
  z.object({ kind: z.literal('dispatch'), message_id: z.string(), event_type: z.string() }),
  z.object({
    kind: z.literal('attempt'),
    deliveries: z.array(deliveryRef).min(1).max(12),
    /** What lets them go although the breaker is not closed: see core/breaker.ts. */
    release: z.enum(['probe', 'drain', 'manual']).optional(),
  }),
  z.object({ kind: z.literal('resume'), endpoint_id: z.string() }),
])
export type WorkOrder = z.infer<typeof workOrder>

/** Of the third queue: messages that came in, as many as one invocation can deal with. */
export const inboundOrder = z.object({
  kind: z.literal('process'),
  inbound_ids: z.array(z.string()).min(1).max(4),
})
export type InboundOrder = z.infer<typeof inboundOrder>
