import * as z from 'zod'
import { iso, timeSchema } from '../../../kit/http/pagination'
import { idPattern } from '../../../kit/lib/ids'
import { ENDPOINT_FIELDS } from '../../endpoints/fields'
import { SELECTABLE } from '../deliver/resend-store'
import { JOB_KINDS, JOB_STATES, type JobRow, selectionOf } from './jobs'
import type { ReplayScope } from './run-jobs'
import type { Selection, SelectionAct, SelectionCount } from './selection'

const SCOPES = ['failed', 'missing', 'all'] as const

export const replayRequest = z
  .strictObject({
    since: timeSchema.describe('Replay messages published at or after this time.'),
    until: timeSchema.optional().describe('Replay messages published at or before this time. Defaults to now.'),
    only: z
      .enum(SCOPES)
      .describe(
        '`failed`: messages whose delivery failed. `missing`: messages that the endpoint subscribes to but never received, because it was disabled or not yet registered. ' +
          '`all`: failed, missing and delivered messages.'
      ),
    event_types: ENDPOINT_FIELDS.rows.event_types.schema.optional(),
    dry_run: z.boolean().default(false),
  })
  .refine(({ since, until }) => until === undefined || Date.parse(until) >= Date.parse(since), {
    path: ['until'],
    error: '`until` must not be before `since`.',
  })
  .meta({ id: 'ReplayRequest' })

/** @param request its times are in RFC 3339 format; `until` defaults to now */
export function toScope(endpoint_id: string, request: z.infer<typeof replayRequest>, now: number): ReplayScope {
  const { only, event_types } = request
  return { endpoint_id, only, ...timesOf(request, now), event_types: event_types ? JSON.stringify(event_types) : null }
}

function timesOf({ since, until }: { since?: string | undefined; until?: string | undefined }, now: number) {
  return {
    since: since === undefined ? 0 : Math.max(Date.parse(since), 0),
    until: until === undefined ? now : Math.max(Date.parse(until), 0),
  }
}

/** How many endpoints, and how many messages, a call can name. */
const MAX_NAMED = 100

const selected = {
  endpoints: z
    .array(z.string().max(100))
    .min(1, 'List at least one endpoint. To include all endpoints, omit the field.')
    .max(MAX_NAMED)
    .optional()
    .meta({
      description: 'The IDs of endpoints. By default, all endpoints.',
      example: ['ep_01JD9Z6Y3T0000000000010000'],
    }),
  event_types: ENDPOINT_FIELDS.rows.event_types.schema
    .optional()
    .describe('Event types, or groups such as `comment.*`. By default, all.'),
  book: z.string().min(1).max(100).optional().describe('Only messages about this book.'),
  since: timeSchema.optional().describe('Only messages that were published at or after this time.'),
  until: timeSchema.optional().describe('Only messages that were published at or before this time.'),
  ids: z
    .array(z.string().regex(idPattern('msg'), 'A message ID must be "msg_" followed by a ULID.'))
    .min(1, 'List at least one message. To include all messages, omit the field.')
    .max(MAX_NAMED)
    .optional()
    .meta({ description: 'The IDs of messages.', example: ['msg_01JD9Z6Y3T0000000000010000'] }),
  dry_run: z.boolean().default(false).describe('Count the deliveries, and change nothing.'),
}

/** A call that names nothing would act on everything by mistake. */
const NAMES = ['endpoints', 'book', 'event_types', 'since', 'ids'] as const

const states = z.array(z.enum(SELECTABLE)).min(1, 'List at least one state.').max(10)

type Requested = z.infer<typeof selectionFields>
const selectionFields = z.strictObject({ ...selected, states: states.optional() })

function checkSelection(request: Requested, context: z.RefinementCtx): void {
  if (NAMES.every((name) => request[name] === undefined)) {
    const message = `Say what you mean: set at least one of ${NAMES.join(', ')}.`
    context.addIssue({ code: 'custom', path: [], message })
  }
  const { since, until } = request
  if (since !== undefined && until !== undefined && Date.parse(until) < Date.parse(since))
    context.addIssue({ code: 'custom', path: ['until'], message: '`until` must not be before `since`.' })
}

/** The states that an act selects, unless the call says others. */
const DEFAULT_STATES = { resend: ['waiting', 'failed'], discard: ['waiting'] } as const

export const resendRequest = z
  .strictObject({
    ...selected,
    states: states
      .optional()
      .describe(
        'By default, `waiting` and `failed`. `waiting`: not sent yet, or scheduled for a retry. `delivered`: received, alone or with a digest or another call. `discarded`: given up. ' +
          '`missing`: messages that the endpoint subscribes to but never got. What is being sent is left alone.'
      ),
  })
  .superRefine(checkSelection)
  .meta({ id: 'ResendRequest' })

export const discardRequest = z
  .strictObject({
    ...selected,
    states: z
      .array(z.literal('waiting'))
      .min(1, 'List at least one state.')
      .max(10)
      .optional()
      .describe('Only `waiting`: what has not been sent yet, or is scheduled for a retry.'),
  })
  .superRefine(checkSelection)
  .meta({ id: 'DiscardRequest' })

export function toSelection(act: SelectionAct, request: Requested, now: number): Selection {
  return {
    endpoints: request.endpoints ?? null,
    states: request.states ?? DEFAULT_STATES[act],
    event_types: request.event_types ?? null,
    book: request.book ?? null,
    ...timesOf(request, now),
    ids: request.ids ?? null,
  }
}

const counts = {
  count: z.int(),
  counted_all: z.boolean().describe('False if there are more messages than `count`.'),
}
const first_ids = z.array(z.string())

export const replayCount = z.object({ ...counts, first_ids }).meta({ id: 'ReplayCount' })

export function toReplayCount({ count, counted_all, first_ids }: SelectionCount): z.infer<typeof replayCount> {
  return { count, counted_all, first_ids }
}

export const selectionCount = z
  .object({
    count: z.int().describe('How many deliveries the call would change.'),
    counted_all: z.boolean().describe('False if there are more than `count`.'),
    under_way: z.int().describe('How many more are being sent, and would be left alone.'),
    rows: z.int().describe('How many rows the call would write in the database.'),
    first_ids: first_ids.describe('The IDs of the first messages.'),
  })
  .meta({ id: 'SelectionCount' })

const named = {
  description: 'The messages that the call named; null if it named none.',
  example: ['msg_01JD9Z6Y3T0000000000010000'],
}

export const jobOut = z
  .object({
    id: z.string(),
    kind: z.enum(JOB_KINDS),
    state: z.enum(JOB_STATES),
    endpoint_id: z.string().describe('The endpoint. If `kind` is not `replay`: the endpoint that the job has reached.'),
    only: z.enum(SCOPES).describe('What a replay selects. If `kind` is not `replay`: always `all`, see `states`.'),
    since: z.string(),
    until: z.string(),
    event_types: z.array(z.string()).nullable(),
    endpoints: z
      .array(z.string())
      .nullable()
      .meta({
        description: 'The endpoints that the job selects; null for all.',
        example: ['ep_01JD9Z6Y3T0000000000010000'],
      }),
    states: z.array(z.enum(SELECTABLE)),
    book: z.string().nullable(),
    ids: z.array(z.string()).nullable().meta(named),
    counted: z.int().describe('How many messages the job found when it started.'),
    counted_all: z.boolean().describe('False if there are more messages than `counted`.'),
    done: z.int().describe('How many messages have been queued for the endpoint, or discarded, so far.'),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: 'Job' })

const under_way = z.int().describe('How many more are being sent, and were left alone.')
const job = z.union([jobOut, z.null()]).describe('The job that does the work, if there are more than 100 deliveries.')

export const resendResult = z
  .object({
    resent: z.int().describe('How many deliveries are sent again. 0 if there is a job.'),
    under_way,
    job,
  })
  .meta({ id: 'ResendResult' })

export const discardResult = z
  .object({
    discarded: z.int().describe('How many deliveries were discarded. 0 if there is a job.'),
    under_way,
    job,
  })
  .meta({ id: 'DiscardResult' })

/** What a call answers at once: what it has done, or with `dry_run`, what it would do. */
export const resendOrCount = z.union([resendResult, selectionCount])
export const discardOrCount = z.union([discardResult, selectionCount])

export const jobWithProgress = jobOut
  .and(
    z.object({
      progress: z
        .object({
          delivered: z.int().describe('How many attempts of this replay succeeded, counted up to 1000.'),
          failed: z
            .int()
            .describe('How many attempts of this replay failed. Their deliveries are retried on the schedule.'),
          waiting: z.int().describe('How many messages are queued but not sent yet, counted up to 1000.'),
        })
        .nullable()
        .describe(
          'How many queued messages were delivered, how many failed, and how many are still waiting. Null if `kind` is not `replay`.'
        ),
    })
  )
  .meta({ id: 'JobWithProgress' })

export function toJob(row: JobRow): z.infer<typeof jobOut> {
  const { cursor, run_at, selection: _, ...shown } = row
  const { endpoints, states, book, ids } = selectionOf(row)
  return {
    ...shown,
    endpoints,
    states: [...states],
    book,
    ids,
    since: iso(row.since),
    until: iso(row.until),
    event_types: row.event_types === null ? null : JSON.parse(row.event_types),
    counted_all: row.counted_all === 1,
    created_at: iso(row.created_at),
    finished_at: iso(row.finished_at),
  }
}
