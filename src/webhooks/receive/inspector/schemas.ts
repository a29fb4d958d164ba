import * as z from 'zod'
import type { Sight } from '../../../access/rights'
import { iso, listQuery, timeSchema } from '../../../kit/http/pagination'
import { HTTP_METHODS } from '../../rules/delivering/connection-headers'
import { INBOUND_STATUSES } from '../../rules/receiving/inbound-state'
import type { InboundHead } from '../messages/load'
import { readLog } from '../messages/log'
import type { ListedInbound } from '../messages/queries'
import { SECRET } from '../messages/stored-request'
import { shownQuery, shownRequestHeaders } from './curl'
import { HIDDEN_PATH } from './har'

/** The maximum size of a request body. A replay can include an edited copy of the stored body. */
export const MAX_REPLAY_BYTES = 8 * 1_024 * 1_024

export const inboundQuery = listQuery.extend({
  source: z.string().max(100).optional().describe('The ID of a source.'),
  source_id: z.string().max(100).optional().describe('Alias of `source`.'),
  status: z.enum(INBOUND_STATUSES).optional(),
  event_type: z.string().max(255).optional().describe('Alias of `type`.'),
  type: z.string().max(255).optional().describe('The event type (exact match).'),
  q: z
    .string()
    .max(200)
    .optional()
    .describe(
      'Text to find in the ID, event type, delivery ID, search fields, source name or the beginning of the body.'
    ),
  since: timeSchema.optional(),
  until: timeSchema.optional(),
})

const base = {
  id: z.string(),
  source_id: z.string(),
  provider: z.string(),
  status: z.enum(INBOUND_STATUSES),
  reason: z.string().nullable(),
  verified: z
    .boolean()
    .nullable()
    .describe('True if the signature is valid, false if it is invalid or absent, null if it has not been checked yet.'),
  event_type: z.string().nullable(),
  external_id: z.string().nullable().describe('The delivery ID that the provider assigned.'),
  repeats: z.int().describe('How many duplicates of this request have been received.'),
  method: z.string(),
  size: z.int(),
  fields: z.record(z.string(), z.string()),
  message_id: z.string().nullable(),
  comment_id: z.string().nullable(),
  copy_of: z
    .string()
    .nullable()
    .describe(
      'The ID of an earlier request with the same body and signature but a different delivery ID or event type. The signature covers neither, so this request may have been sent by someone who copied the earlier request.'
    ),
  sample: z.boolean(),
  received_at: z.string(),
  processed_at: z.string().nullable(),
}

export const listedInbound = z.object(base).meta({ id: 'ListedInbound' })

export const inboundOut = z
  .object({
    ...base,
    path: z.string(),
    query: z.string(),
    headers: z
      .array(z.tuple([z.string(), z.string()]))
      .describe(
        'Without the scope `secrets`, the token in `path` and the values that contain a secret are replaced by `<secret>`.'
      ),
    log: z.array(z.object({ at: z.string(), event: z.string(), detail: z.string() })),
  })
  .meta({ id: 'Inbound' })

export const replayIn = z
  .strictObject({
    to: z
      .string()
      .max(2_000)
      .optional()
      .describe('The URL to forward the request to. If omitted, the request is reprocessed.'),
    method: z.enum(HTTP_METHODS).optional(),
    headers: z
      .array(z.tuple([z.string().max(200), z.string().max(8_192)]))
      .max(200)
      .optional(),
    credentials: z
      .boolean()
      .optional()
      .describe(
        'Also forward stored headers that contain a secret, such as Authorization, and the secret in the body if the provider sends it there. For this, an API key needs the scope `secrets`.'
      ),
    body: z.string().optional(),
    body_base64: z.base64().optional(),
  })
  .refine(({ body, body_base64 }) => body === undefined || body_base64 === undefined, {
    path: ['body_base64'],
    message: 'Provide the body as text or as base64, not both.',
  })
  .meta({ id: 'InboundReplay' })
export type ReplayIn = z.infer<typeof replayIn>

const check = z.object({
  scheme: z.string(),
  at: z.string().describe('Where the signature is expected.'),
  received: z.array(z.string()),
  readable: z.boolean().describe('Whether the received value has the right format.'),
  signed: z.string().nullable().describe('The template of the signed content.'),
  computed: z.array(z.string()).describe('The expected signature for each secret. Empty without the scope `secrets`.'),
  timestamp: z
    .object({ text: z.string(), age: z.number().nullable(), tolerance: z.number() })
    .nullable()
    .describe('The `age` of the timestamp on arrival, and the `tolerance`, both in seconds.'),
  reason: z.string().nullable().describe('Why the check failed, or null if it did not fail.'),
})

export const verificationOut = z
  .object({
    verified: z.boolean(),
    reason: z.string().nullable(),
    explanation: z.string().nullable(),
    checks: z.array(check),
  })
  .meta({ id: 'InboundVerification' })

export const sentOut = z
  .object({
    outcome: z.enum(['delivered', 'refused', 'timed_out', 'unreachable', 'blocked']),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
    duration_ms: z.int(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    body: z.string().nullable().describe('The beginning of the response body.'),
  })
  .meta({ id: 'InboundSent' })
export type SentOut = z.infer<typeof sentOut>

/** What was typed into the form that forwards a request. */
export const edited = z.object({
  to: z.string(),
  method: z.string(),
  headers: z.string(),
  body: z.string().nullable(),
  isEdited: z.boolean(),
  credentials: z.boolean(),
})
export type Edited = z.infer<typeof edited>
type Listed = Omit<ListedInbound, 'is_handshake' | 'source_name' | 'source_status' | 'excerpt'>

export function toListed(row: Listed): z.infer<typeof listedInbound> {
  return {
    id: row.id,
    source_id: row.source_id,
    provider: row.provider,
    status: row.status,
    reason: row.reason,
    verified: row.verified === null ? null : row.verified === 1,
    event_type: row.event_type,
    external_id: row.external_id,
    repeats: row.repeats,
    method: row.method,
    size: row.size,
    fields: JSON.parse(row.fields),
    message_id: row.message_id,
    comment_id: row.comment_id,
    copy_of: row.copy_of,
    sample: row.is_sample === 1,
    received_at: iso(row.received_at),
    processed_at: iso(row.processed_at),
  }
}

/** A message as a caller may see it: without the scope `secrets`, as in a HAR. */
export function toInbound(head: InboundHead, { secrets }: Sight) {
  const { row, source, path, request } = head
  const listed = toListed({ ...row, provider: source.row.provider, is_sample: Number(row.sample_key !== null) })
  return {
    ...listed,
    path: secrets ? path : HIDDEN_PATH,
    query: secrets ? request.query : shownQuery(head, SECRET).slice(1),
    headers: secrets
      ? request.headers.map(([name, value]): [string, string] => [name, value])
      : shownRequestHeaders(head, request.headers, SECRET),
    log: readLog(row),
  }
}

const differences = z.array(z.object({ name: z.string(), before: z.string().nullable(), after: z.string().nullable() }))

export const comparisonOut = z
  .object({
    before: z.string(),
    after: z.string(),
    request: differences,
    headers: differences,
    body: differences
      .nullable()
      .describe('The values of JSON bodies by path; null if a body is not JSON, or has too many values.'),
    is_same_body: z.boolean(),
  })
  .meta({ id: 'Comparison' })
