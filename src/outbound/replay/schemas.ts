import { z } from '@hono/zod-openapi'
import { eventTypes } from '../../endpoints/schemas'
import { iso } from '../../http/pagination'
import { JOB_STATES, type JobRow } from './store'

const SCOPES = ['failed', 'missing', 'all'] as const

const time = z.iso.datetime({
  offset: true,
  error: 'Use a time like "2026-11-24T10:00:00Z".',
})

export const replayRequest = z
  .strictObject({
    since: time.openapi({ description: 'From the messages of this moment on.' }),
    until: time.optional().openapi({ description: 'To those of this moment; now, if left out.' }),
    only: z.enum(SCOPES).openapi({
      description:
        '`failed`: what was given up on. `missing`: what the endpoint asks for and never got, because it was disabled or not yet there. ' +
        '`all`: both, and what was delivered, once more.',
    }),
    event_types: eventTypes.optional(),
    dry_run: z.boolean().default(false),
  })
  .refine(({ since, until }) => until === undefined || Date.parse(until) >= Date.parse(since), {
    path: ['until'],
    error: 'The end is before the beginning.',
  })
  .openapi('ReplayRequest')

export const replayCount = z
  .object({
    count: z.int(),
    counted_all: z.boolean().openapi({ description: 'False: there are more than were looked at.' }),
    first_ids: z.array(z.string()),
  })
  .openapi('ReplayCount')

export const jobOut = z
  .object({
    id: z.string(),
    kind: z.literal('replay'),
    state: z.enum(JOB_STATES),
    endpoint_id: z.string(),
    only: z.enum(SCOPES),
    since: z.string(),
    until: z.string(),
    event_types: z.array(z.string()).nullable(),
    counted: z.int().openapi({ description: 'How many there were when it began.' }),
    counted_all: z.boolean(),
    done: z.int().openapi({ description: 'How many were handed to the endpoint’s line.' }),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .openapi('Job')

export function toJob(row: JobRow): z.infer<typeof jobOut> {
  const { id, kind, state, endpoint_id, only, counted, done } = row
  return {
    id,
    kind,
    state,
    endpoint_id,
    only,
    since: iso(row.since),
    until: iso(row.until),
    event_types: row.event_types === null ? null : JSON.parse(row.event_types),
    counted,
    counted_all: row.counted_all === 1,
    done,
    created_at: iso(row.created_at),
    finished_at: iso(row.finished_at),
  }
}
