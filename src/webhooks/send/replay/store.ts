import { columnsOf, columnsWithout, type RowOf } from '../../../kit/db/sql/rows'
import { all, type Bound, first, statement } from '../../../kit/db/statements'
import { keeping } from '../../../kit/sweep/retention'
import type { EndpointRow } from '../../endpoints/store'
import { jobs } from '../../tables/outgoing'
import { IS_QUEUED } from '../deliver/reopen-store'
import { TOP } from '../messages/queries'
import { IS_BETWEEN_CALLS, parkingStates, passingStates } from '../parked'

/*
 * Jobs: work that takes longer than a request. The batch that writes a page also moves the job's cursor, and only if
 * the cursor is where it was when it was read, so two sweeps never write the same page.
 */

export const JOB_STATES = ['running', 'done', 'canceled'] as const

export type JobRow = typeof jobs.$inferSelect

const JOB = columnsOf(jobs)

/** How many jobs may run at the same time. Each running job costs a sweep up to seven queries. */
export const MAX_RUNNING = 20

/** Whether a running job sends what a new one would, or, if the new one must be alone, anything to its endpoint. */
const OVERLAPS = `r.endpoint_id = :endpoint_id and r.state = 'running' and (:must_be_alone
      or (r.only = :only and r.event_types is :event_types and r.since <= :until and r.until >= :since))`

/** If too many jobs run, this sets `kind` to NULL, and fails; if a running one overlaps, `only`: see `refuseIfNull`. */
export const insertJob = columnsWithout(jobs, 'done').insert<Omit<JobRow, 'done'> & { must_be_alone: 0 | 1 }>(
  { kind: `iif(count(*) < ${MAX_RUNNING}, :kind, null)`, only: `iif(coalesce(max(${OVERLAPS}), 0), null, :only)` },
  `
  from (
    select endpoint_id, state, only, event_types, since, until
    from jobs indexed by jobs_running
    where run_at is not null
    limit ${MAX_RUNNING}) r`
)

const FIND_JOB = JOB.from<{ id: string }>('jobs where id = :id')
export const findJob = async (env: Env, id: string): Promise<JobRow | null> => first(FIND_JOB(env, { id }))

const LIST_JOBS = JOB.from<{ before: string; limit: number }>(`
  jobs where id < :before order by id desc limit :limit`)

/** Newest first. @param before an id, exclusive */
export async function listJobs(env: Env, before: string | undefined, limit: number): Promise<JobRow[]> {
  return all(LIST_JOBS(env, { before: before ?? TOP, limit }))
}

const LIST_RUNNING = JOB.from<{ limit: number }>(`
  jobs where run_at is not null order by run_at limit :limit`)

/** Sorted by when the next page is due, soonest first. */
const listRunning = async (env: Env, limit: number): Promise<JobRow[]> => all(LIST_RUNNING(env, { limit }))

/** Only this many of the latest jobs, across all endpoints, are searched for finished ones. */
const LATEST = 20
const FINISHED_SHOWN = 3

/** Lists the running jobs of one endpoint, followed by some finished ones. */
export async function listEndpointJobs(env: Env, endpoint_id: string): Promise<JobRow[]> {
  const [running, latest] = await Promise.all([listRunning(env, LATEST), listJobs(env, undefined, LATEST)])
  const finished = latest.filter(({ run_at }) => run_at === null)
  const isOwn = (job: JobRow) => job.endpoint_id === endpoint_id
  return [...running.filter(isOwn), ...finished.filter(isOwn).slice(0, FINISHED_SHOWN)]
}

const DUE = columnsOf(jobs, 'id state endpoint_id only since until event_types cursor')
  .of('j')
  .and<Pick<EndpointRow, 'rate_limit'> & { endpoint_status: EndpointRow['status'] }>(
    'e.rate_limit',
    'e.status as endpoint_status'
  )
export type DueJob = RowOf<typeof DUE>

const LIST_DUE = DUE.from<{ now: number; limit: number }>(`
  jobs j indexed by jobs_running
  cross join endpoints e on e.id = j.endpoint_id
  where j.run_at is not null
    and j.run_at <= :now
    and (e.status = 'deleted' or j.state = 'canceled' or (e.status = 'enabled'
      and (e.breaker in (${passingStates('drain')}) or ${IS_BETWEEN_CALLS})))
  order by j.run_at
  limit :limit`)

/**
 * A job waits while its endpoint is disabled, or the breaker stops deliveries, unless the job is canceled. Between two
 * calls of a paced endpoint, its deliveries join the next one.
 */
export async function listDueJobs(env: Env, now: number, limit: number): Promise<DueJob[]> {
  return all(LIST_DUE(env, { now, limit }))
}

type Advance = Pick<JobRow, 'id' | 'cursor' | 'run_at'> & { next_cursor: string; replayed: number; now: number }

/** The endpoint must still be parking deliveries: if it was disabled in the meantime, the page was not written. */
const ADVANCE_JOB = statement<Advance>(`
  update jobs
  set cursor = :next_cursor,
    done = done + :replayed,
    run_at = :run_at,
    state = iif(:run_at is null, 'done', state),
    finished_at = iif(:run_at is null, :now, null)
  where id = :id
    and cursor = :cursor
    and state = 'running'
    and exists (
      select 1 from endpoints e
      where e.id = jobs.endpoint_id and e.status = 'enabled' and e.breaker in (${parkingStates()}))`)

/** The last statement of the batch that writes a page. @param page.run_at when the next is due; null after the last */
export function advanceJob(
  env: Env,
  { id, cursor }: Pick<JobRow, 'id' | 'cursor'>,
  page: Pick<Advance, 'next_cursor' | 'replayed' | 'run_at'>,
  now: number
): Bound<never> {
  return ADVANCE_JOB(env, { id, cursor, ...page, now })
}

const CANCEL_JOB = statement<{ id: string; endpoint_id: string; after: string; cursor: string; now: number }>(`
  update jobs
  set finished_at = iif(state = 'canceled', finished_at, :now),
    state = 'canceled',
    run_at = iif(
      exists (select 1 from deliveries d indexed by deliveries_parked where ${IS_QUEUED}), :now, null)
  where id = :id and cursor = :cursor`)

/** While something that it queued waits, it stays due: the sweep cancels the rest. No effect if it has moved on. */
export function cancelJob(env: Env, job: Pick<JobRow, 'id' | 'endpoint_id' | 'cursor'>, after: string, now: number) {
  const { id, endpoint_id, cursor } = job
  return CANCEL_JOB(env, { id, endpoint_id, cursor, after, now })
}

export const removeOldJobs = keeping(jobs, {
  at: 'id',
  prefix: 'job',
  condition: 'run_at is null',
  kept: 'jobs_days',
  limit: { free: 50, paid: 50 },
})
