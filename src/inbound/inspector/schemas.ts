import { z } from '@hono/zod-openapi'
import { HTTP_METHODS } from '../../core/delivering/forwarded-request'
import { iso, listQuery } from '../../http/pagination'
import type { InboundHead } from '../messages/load'
import { readLog } from '../messages/log'
import type { ListedInbound } from '../messages/queries'

const STATUSES = ['new', 'processed', 'failed'] as const

export const inboundQuery = listQuery.extend({
  source: z.string().max(100).optional().openapi({ description: 'Id of a source.' }),
  source_id: z.string().max(100).optional().openapi({ description: 'The same.' }),
  status: z.enum(STATUSES).optional(),
  event_type: z.string().max(255).optional().openapi({ description: 'The same as `type`.' }),
  type: z.string().max(255).optional().openapi({ description: 'Event type, exactly.' }),
  q: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'In the search fields, type, delivery id and beginning of the body.' }),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
})

const base = {
  id: z.string(),
  source_id: z.string(),
  provider: z.string(),
  status: z.enum(STATUSES),
  reason: z.string().nullable(),
  verified: z.boolean().nullable().openapi({ description: 'null: not looked at yet.' }),
  event_type: z.string().nullable(),
  external_id: z.string().nullable().openapi({ description: 'Delivery id of the provider.' }),
  repeats: z.int().openapi({ description: 'How often it came again.' }),
  method: z.string(),
  size: z.int(),
  fields: z.record(z.string(), z.string()),
  message_id: z.string().nullable(),
  comment_id: z.string().nullable(),
  sample: z.boolean(),
  received_at: z.string(),
  processed_at: z.string().nullable(),
}

export const listedInbound = z.object(base).openapi('ListedInbound')

export const inboundOut = z
  .object({
    ...base,
    path: z.string(),
    query: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    log: z.array(z.object({ at: z.string(), event: z.string(), detail: z.string() })),
  })
  .openapi('Inbound')

export const replayIn = z
  .strictObject({
    to: z.string().max(2_000).optional().openapi({
      description: 'Send the request there, as it was or as given here. Without: process again.',
    }),
    method: z.enum(HTTP_METHODS).optional(),
    headers: z
      .array(z.tuple([z.string().max(200), z.string().max(8_192)]))
      .max(200)
      .optional(),
    credentials: z.boolean().optional().openapi({
      description: 'Send headers along that are a secret by themselves, such as Authorization.',
    }),
    body: z.string().optional(),
    body_base64: z.base64().optional(),
  })
  .refine(({ body, body_base64 }) => body === undefined || body_base64 === undefined, {
    path: ['body_base64'],
    message: 'Give the body as text or in base64, not both.',
  })
  .openapi('InboundReplay')
export type ReplayIn = z.infer<typeof replayIn>

export const sentOut = z
  .object({
    outcome: z.enum(['delivered', 'refused', 'timed_out', 'unreachable', 'blocked']),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
    duration_ms: z.int(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    body: z.string().nullable().openapi({ description: 'How the answer begins.' }),
  })
  .openapi('InboundSent')
export type SentOut = z.infer<typeof sentOut>

export function toListed(row: Omit<ListedInbound, 'is_handshake'>): z.infer<typeof listedInbound> {
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
    sample: row.is_sample === 1,
    received_at: iso(row.received_at),
    processed_at: iso(row.processed_at),
  }
}

export function toInbound({ row, source, path, request }: InboundHead) {
  const listed = toListed({
    ...row,
    provider: source.row.provider,
    source_name: source.row.name,
    is_sample: Number(row.sample_key !== null),
  })
  return {
    ...listed,
    path,
    query: request.query,
    headers: request.headers.map(([name, value]): [string, string] => [name, value]),
    log: readLog(row),
  }
}
