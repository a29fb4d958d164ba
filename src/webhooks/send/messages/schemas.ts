import * as z from 'zod'
import type { Sight } from '../../../access/rights'
import { bodyOf } from '../../../kit/body-schema'
import { iso, listQuery, timeSchema } from '../../../kit/http/pagination'
import { idPattern } from '../../../kit/lib/ids'
import { urlFor } from '../../endpoints/url'
import { typeName } from '../../event-types/schemas'
import type { Explanations } from '../../explanations'
import { DELIVERY_STATUSES } from '../../rules/delivering/delivery-state'
import { MAX_EVENT_TYPE_LENGTH } from '../../rules/events/filter'
import type { Format } from '../../rules/events/formats'
import { explainFailure } from '../http/explain-failure'
import type { ListedDelivery } from './list-deliveries'
import { MAX_ENDPOINTS_LISTED } from './list-messages'
import { isSending, type ListedAttempt, type MessageRow } from './queries'

export const messageIn = bodyOf('MessageIn', {
  type: typeName,
  data: z.record(z.string(), z.unknown()).meta({ example: { invoice: 42 } }),
  id: z
    .string()
    .regex(idPattern('msg'), 'A message ID must be "msg_" followed by a ULID.')
    .optional()
    .describe(
      'Your own message ID. Repeating the request with the same ID does not publish the message again. Lists, filters and replays use the time in the ID.'
    ),
})

export const retryRequest = bodyOf('RetryRequest', {
  hasten: z.boolean().default(false).describe('Also send a pending delivery now, before its scheduled time.'),
})

export const testRequest = bodyOf('TestRequest', {
  type: z.string().max(MAX_EVENT_TYPE_LENGTH).default('ping').meta({ example: 'ping' }),
})

export const messageOut = z
  .object({
    id: z.string(),
    type: z.string(),
    created_at: z.string(),
    dispatched_at: z.string().nullable(),
    erased_at: z
      .string()
      .nullable()
      .describe(
        'The time at which the payload was erased, because its entry or request was deleted. Null if it was not erased.'
      ),
  })
  .meta({ id: 'Message' })

const outcome = z.object({
  delivered: z.int(),
  failed: z.int(),
  pending: z.int(),
  canceled: z.int(),
})

export const listedMessage = messageOut
  .and(
    z.object({
      outcome: outcome
        .nullable()
        .describe(
          `How many deliveries have each status; null if there are more than ${MAX_ENDPOINTS_LISTED} endpoints. Deleted endpoints do not count. If there are fewer endpoints, the deliveries to the newest deleted ones are included, for up to ${MAX_ENDPOINTS_LISTED} endpoints in all.`
        ),
    })
  )
  .meta({ id: 'ListedMessage' })

const ABOUT_SINCE =
  'Only messages of this time or later. `since` and `until` compare the time in the ID of a message, which is the time of publishing unless the publisher chose the ID.'

export const messageQuery = listQuery.extend({
  state: z
    .literal('failed')
    .optional()
    .describe(
      `Only messages with a failed delivery to one of the ${MAX_ENDPOINTS_LISTED} newest endpoints. Deleted endpoints are looked up only if there are fewer. With a filter by type or text, a page checks at most \`limit\` of these messages, so it can be empty even if \`next\` is not null.`
    ),
  type: z.string().max(MAX_EVENT_TYPE_LENGTH).optional().describe('An event type, or `comment.*`.'),
  q: z.string().max(255).optional().describe('Text to find in the ID, the event type or the payload.'),
  since: timeSchema.optional().describe(ABOUT_SINCE),
  until: timeSchema.optional(),
})

export const deliveryQuery = listQuery.extend({
  status: z.enum(DELIVERY_STATUSES).optional(),
  type: z.string().max(MAX_EVENT_TYPE_LENGTH).optional().describe('An event type, or `comment.*`.'),
  since: timeSchema.optional().describe(ABOUT_SINCE),
  until: timeSchema.optional(),
})

/** @returns the times of a query, in epoch milliseconds */
export function timesOf({ since, until }: { since?: string | undefined; until?: string | undefined }) {
  const timeOf = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
  return { since: timeOf(since), until: timeOf(until) }
}

export const attemptOut = z
  .object({
    number: z.int(),
    trigger: z.enum(['auto', 'manual', 'test']),
    started_at: z.string(),
    duration_ms: z.int(),
    outcome: z.enum(['delivered', 'refused', 'timed_out', 'unreachable', 'blocked']),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
    response_excerpt: z.string().nullable(),
    response_headers: z
      .array(z.tuple([z.string(), z.string()]))
      .describe(
        'The headers of the response, as name-value pairs. Long lists are shortened. Empty if there was no response.'
      ),
    explanation: z.string().nullable().describe('What happened, and what to do next. Null if the attempt succeeded.'),
  })
  .meta({ id: 'Attempt' })

export const deliveryOut = z
  .object({
    message_id: z.string(),
    endpoint_id: z.string(),
    endpoint_url: z.string().nullable().describe('Null if the endpoint has been deleted.'),
    event_type: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    reason: z.string().nullable(),
    attempt_count: z.int(),
    next_attempt_at: z.string().nullable().describe('Null unless an attempt is scheduled.'),
    is_sending: z.boolean().describe('Whether an attempt is being made, or is due now.'),
    last_status_code: z.int().nullable(),
    settled_at: z.string().nullable(),
  })
  .meta({ id: 'Delivery' })

export const deliveryDetail = deliveryOut
  .and(
    z.object({
      explanation: z
        .string()
        .nullable()
        .describe('What `reason` means and what to do next; null if there is no reason.'),
      attempts: z.array(attemptOut),
      curl: z
        .string()
        .nullable()
        .describe(
          'A command that repeats the request with a new signature; null if the endpoint has been deleted or the message has been erased.'
        ),
      request: z
        .object({
          method: z.enum(['POST', 'PUT']),
          url: z.string(),
          headers: z.array(z.tuple([z.string(), z.string()])),
          body: z.string(),
          is_exact: z
            .boolean()
            .describe(
              'False if the request that was sent may have been different: the endpoint was changed after the attempt, or your key lacks the scope to see all of the request.'
            ),
        })
        .nullable()
        .describe('The request of the last attempt, byte for byte.'),
    })
  )
  .meta({ id: 'DeliveryDetail' })

export const messageDetail = messageOut
  .and(
    z.object({
      payload: z
        .record(z.string(), z.unknown())
        .nullable()
        .describe('The payload; null if erased. `moderation` of `comment.held` is null without the scope `moderate`.'),
      deliveries: z.array(deliveryOut),
      deliveries_next: z
        .string()
        .nullable()
        .describe('The value of `deliveries_after` for the next page; null on the last page.'),
    })
  )
  .meta({ id: 'MessageDetail' })

export function toMessage(row: MessageRow): z.infer<typeof messageOut> {
  const { id, type } = row
  const { created_at, dispatched_at, erased_at } = row
  return { id, type, created_at: iso(created_at), dispatched_at: iso(dispatched_at), erased_at: iso(erased_at) }
}

/** What only pages show is left out. */
export function toDelivery(row: ListedDelivery, sight: Sight): z.infer<typeof deliveryOut> {
  const { endpoint_description: _, disabled_reason: __, tried_at: ___, ...rest } = row
  const { endpoint_url: url, endpoint_format: format, ...shown } = rest
  const endpoint_url = url && urlFor({ url, format }, sight)
  const is_sending = isSending(row)
  const next_attempt_at = is_sending ? null : iso(row.next_attempt_at)
  return { ...shown, endpoint_url, next_attempt_at, is_sending, settled_at: iso(row.settled_at) }
}

export function toAttempt(row: ListedAttempt, explanations: Explanations, format: Format): z.infer<typeof attemptOut> {
  const response_headers = JSON.parse(row.response_headers ?? '[]')
  const explanation = explainFailure(explanations, row, { isOwner: true, format })
  return { ...row, response_headers, started_at: iso(row.started_at), explanation }
}
