import { columnsOf, columnsWithout } from '../../../kit/db/rows'
import { scanned } from '../../../kit/db/scanned'
import { all, type Bound, first, statement } from '../../../kit/db/statements'
import { keeping } from '../../../kit/sweep/retention'
import { jobs } from '../../tables/outgoing'
import type { Selectable } from '../deliver/resend-store'
import type { Selection } from './selection'

/*
 * Jobs: selections that take longer than a request. The batch that writes a page also moves the job's position, and only
 * if it is where it was when it was read, so two sweeps never write the same page.
 */

export const JOB_KINDS = ['replay', 'resend', 'discard'] as const
export const JOB_STATES = ['running', 'done', 'canceled'] as const

export type JobRow = typeof jobs.$inferSelect

const JOB = columnsOf(jobs)

/** How many jobs may run at the same time. */
export const MAX_RUNNING = 20

/** What a replay selects. */
const REPLAYED = {
  failed: ['failed'],
  missing: ['missing'],
  all: ['failed', 'delivered', 'discarded', 'missing'],
} satisfies Record<JobRow['only'], Selectable[]>

/** What `jobs.selection` contains. */
type StoredSelection = Pick<Selection, 'endpoints' | 'states' | 'book' | 'ids'>

type JobColumns = Pick<JobRow, 'endpoint_id' | 'only' | 'since' | 'until' | 'event_types' | 'selection'>

/** @returns what a job selects */
export function selectionOf({ endpoint_id, only, since, until, event_types, selection }: JobColumns): Selection {
  const stored: StoredSelection = selection
    ? JSON.parse(selection)
    : { endpoints: [endpoint_id], states: REPLAYED[only], book: null, ids: null }
  return { ...stored, since, until, event_types: event_types && JSON.parse(event_types) }
}

/** @returns the columns of a job that is no replay. `only` has no meaning for it */
export function columnsFor({ since, until, event_types, ...stored }: Selection) {
  const selection = JSON.stringify(stored)
  return { only: 'all' as const, since, until, event_types: event_types && JSON.stringify(event_types), selection }
}

/** Whether a running replay sends what a new one would, or, if the new one must be alone, anything to its endpoint. */
const OVERLAPS = `r.kind = 'replay' and r.endpoint_id = :endpoint_id and r.state = 'running' and (:must_be_alone = 'endpoint'
      or (:must_be_alone = 'range' and r.only = :only and r.event_types is :event_types
        and r.since <= :until and r.until >= :since))`

/**
 * Whether a new replay may overlap with running ones: `endpoint` if no other may run for its endpoint, `range` if none
 * may send the same messages, `nothing` if it may overlap. A job of another kind may always overlap.
 */
export type Alone = 'endpoint' | 'range' | 'nothing'

type NewJob = Omit<JobRow, 'done'> & {
  must_be_alone: Alone
  /** The revision that the endpoint must have, or null: it was enabled in the same batch. */
  after_rev: string | null
}

/** If too many jobs run, this sets `kind` to NULL, and fails; if a running one overlaps, `only`: see `refuseIfNull`. */
export const insertJob = columnsWithout(jobs, 'done').insert<NewJob>(
  { kind: `iif(count(*) < ${MAX_RUNNING}, :kind, null)`, only: `iif(coalesce(max(${OVERLAPS}), 0), null, :only)` },
  `
  from (
    select kind, endpoint_id, state, only, event_types, since, until
    from jobs indexed by jobs_running
    where run_at is not null
    limit ${MAX_RUNNING}) r
  having :after_rev is null or exists (select 1 from endpoints where id = :endpoint_id and health_rev = :after_rev)`
)

const FIND_JOB = JOB.from<{ id: string }>('jobs where id = :id')
export const findJob = async (env: Env, id: string): Promise<JobRow | null> => first(FIND_JOB(env, { id }))

/** Newest first. @param kind null for all */
export const listJobs = scanned<{ kind: JobRow['kind'] | null }, JobRow>({
  from: 'jobs',
  read: JOB.of(),
  where: '(:kind is null or w.kind = :kind)',
  show: JOB.of('w'),
})

const LIST_RUNNING = JOB.from<{ limit: number }>(`
  jobs where run_at is not null order by run_at limit :limit`)

/** Sorted by when the next page is due, soonest first. */
const listRunning = async (env: Env, limit: number): Promise<JobRow[]> => all(LIST_RUNNING(env, { limit }))

/** Only this many of the latest jobs, across all endpoints, are searched for finished ones. */
const LATEST = 20
const FINISHED_SHOWN = 3

/** Lists the running jobs of one endpoint, followed by some finished ones. */
export async function listEndpointJobs(env: Env, endpoint_id: string): Promise<JobRow[]> {
  const [running, latest] = await Promise.all([listRunning(env, LATEST), listJobs(env, { kind: 'replay' }, {}, LATEST)])
  const finished = latest.data.filter(({ run_at }) => run_at === null)
  const isOwn = (job: JobRow) => job.kind === 'replay' && job.endpoint_id === endpoint_id
  return [...running.filter(isOwn), ...finished.filter(isOwn).slice(0, FINISHED_SHOWN)]
}

const LIST_DUE = JOB.from<{ now: number; limit: number }>(`
  jobs indexed by jobs_running
  where run_at is not null and run_at <= :now
  order by run_at
  limit :limit`)

/** A job only parks, so it does not wait for its endpoint: what it parks is sent when the endpoint lets it. */
export const listDueJobs = async (env: Env, now: number, limit: number): Promise<JobRow[]> =>
  all(LIST_DUE(env, { now, limit }))

/** Where a job is: the endpoint, and the last message there that it has looked at. */
export type Position = Pick<JobRow, 'endpoint_id' | 'cursor'>

type Move = Position & {
  id: string
  next_endpoint: string
  next_cursor: string
  done: number
  is_last: number
  now: number
}

const IS_AT = 'id = :id and endpoint_id = :endpoint_id and cursor = :cursor'

const ADVANCE_JOB = statement<Move>(`
  update jobs
  set endpoint_id = :next_endpoint,
    cursor = :next_cursor,
    done = done + :done,
    run_at = iif(:is_last, null, :now),
    state = iif(:is_last, 'done', state),
    finished_at = iif(:is_last, :now, null)
  where ${IS_AT} and state = 'running'`)

/** The last statement of the batch that writes a page. @param next null after the last page */
export function advanceJob(
  env: Env,
  { id, endpoint_id, cursor }: Pick<JobRow, 'id'> & Position,
  { next, done }: { next: Position | null; done: number },
  now: number
): Bound<never> {
  const to = next ?? { endpoint_id, cursor }
  const move = { next_endpoint: to.endpoint_id, next_cursor: to.cursor, is_last: Number(next === null) }
  return ADVANCE_JOB(env, { id, endpoint_id, cursor, done, now, ...move })
}

const STOP_JOB = statement<Position & { id: string; now: number; restore: number }>(`
  update jobs
  set state = 'canceled',
    finished_at = :now,
    run_at = iif(:restore, :now, null),
    cursor = iif(:restore, '', cursor)
  where ${IS_AT} and state <> 'canceled'`)

/** @param restore whether a sweep still has to restore what the job has asked for, from its position back */
export const stopJob = (
  env: Env,
  { id, endpoint_id, cursor }: Pick<JobRow, 'id'> & Position,
  restore: boolean,
  now: number
) => STOP_JOB(env, { id, endpoint_id, cursor, restore: Number(restore), now })

const MOVE_BACK = statement<
  Position & { id: string; next_endpoint: string; next_cursor: string; run_at: number | null }
>(`
  update jobs
  set endpoint_id = :next_endpoint, cursor = :next_cursor, run_at = :run_at
  where ${IS_AT} and state = 'canceled'`)

/** Moves a stopped job to what it restores next. @param next null if it has restored everything */
export function moveBack(
  env: Env,
  { id, endpoint_id, cursor }: Pick<JobRow, 'id'> & Position,
  next: Position | null,
  now: number
): Bound<never> {
  const to = next ?? { endpoint_id, cursor }
  const run_at = next && now
  return MOVE_BACK(env, { id, endpoint_id, cursor, next_endpoint: to.endpoint_id, next_cursor: to.cursor, run_at })
}

export const removeOldJobs = keeping(jobs, {
  at: 'id',
  prefix: 'job',
  condition: 'run_at is null',
  kept: 'jobs_days',
  limit: { free: 50, paid: 50 },
})
