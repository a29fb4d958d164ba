import { described, doc, documented, documentedObject } from '#doc'
import { iso, time } from '../../../kit/http/pagination'
import * as z from '../../../zod'
import { eventTypes } from '../../endpoints/schemas'
import { JOB_STATES, type JobRow } from './store'

const SCOPES = ['failed', 'missing', 'all'] as const

export const replayRequest = z
  .strictObject({
    since: time.openapi(described('Replay messages published at or after this time.')),
    until: time.optional().openapi(described('Replay messages published at or before this time. Defaults to now.')),
    only: z
      .enum(SCOPES)
      .openapi(
        described(
          '`failed`: messages whose delivery failed. `missing`: messages that the endpoint subscribes to but never received, because it was disabled or not yet registered. ' +
            '`all`: failed, missing and delivered messages.'
        )
      ),
    event_types: eventTypes.optional(),
    dry_run: z.boolean().default(false),
  })
  .refine(({ since, until }) => until === undefined || Date.parse(until) >= Date.parse(since), {
    path: ['until'],
    error: '`until` must not be before `since`.',
  })
  .openapi(doc('ReplayRequest'))

export const replayCount = documentedObject('ReplayCount', () => ({
  count: z.int(),
  counted_all: z.boolean().openapi(described('False if there are more messages than `count`.')),
  first_ids: z.array(z.string()),
}))

export const jobOut = documentedObject('Job', () => ({
  id: z.string(),
  kind: z.literal('replay'),
  state: z.enum(JOB_STATES),
  endpoint_id: z.string(),
  only: z.enum(SCOPES),
  since: z.string(),
  until: z.string(),
  event_types: z.array(z.string()).nullable(),
  counted: z.int().openapi(described('How many messages the job found when it started.')),
  counted_all: z.boolean().openapi(described('False if there are more messages than `counted`.')),
  done: z.int().openapi(described('How many messages have been queued for the endpoint so far.')),
  created_at: z.string(),
  finished_at: z.string().nullable(),
}))

export const jobWithProgress = documented('JobWithProgress', () =>
  jobOut.extend({
    progress: z
      .object({
        delivered: z.int().openapi(described('How many attempts of this replay succeeded, counted up to 1000.')),
        failed: z
          .int()
          .openapi(described('How many attempts of this replay failed. Their deliveries are retried on the schedule.')),
        waiting: z.int().openapi(described('How many messages are queued but not sent yet, counted up to 1000.')),
      })
      .openapi(described('How many queued messages were delivered, how many failed, and how many are still waiting.')),
  })
)

export function toJob(row: JobRow): z.infer<typeof jobOut> {
  const { cursor, run_at, ...shown } = row
  return {
    ...shown,
    since: iso(row.since),
    until: iso(row.until),
    event_types: row.event_types === null ? null : JSON.parse(row.event_types),
    counted_all: row.counted_all === 1,
    created_at: iso(row.created_at),
    finished_at: iso(row.finished_at),
  }
}
