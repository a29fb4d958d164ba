import { first, statement } from '../../../kit/db/statements'
import { isParked } from '../../rules/delivering/delivery-state'
import { type JobRow, listEndpointJobs } from './jobs'
import { rangeOf } from './selection'

/* How far a replay has come. What it queues waits, parked, until the endpoint's pace and breaker let it go. */

export interface ResendProgress {
  /** Attempts of this replay that succeeded. */
  delivered: number
  /** Attempts of this replay that failed. Their deliveries are retried on the schedule. */
  failed: number
  /** Messages that are queued and not sent yet. */
  waiting: number
}

/** Counts stop here, because each counted row is read. */
export const MAX_PROGRESS_COUNTED = 1_000

type Scope = { endpoint_id: string; after: string; end: string; job_id: string; created_at: number }

/** What a person has asked for is always found by its time: see webhooks/rules/delivering/late-attempts.ts. */
const COUNT = statement<Scope, ResendProgress>(`
  select
    coalesce(sum(outcome = 'delivered'), 0) as delivered,
    coalesce(sum(outcome <> 'delivered'), 0) as failed,
    (select count(*)
    from (
      select d.job_id
      from deliveries d indexed by deliveries_parked
      where d.endpoint_id = :endpoint_id and ${isParked('d')} and d.message_id > :after and d.message_id < :end
      order by d.message_id
      limit ${MAX_PROGRESS_COUNTED})
    where job_id = :job_id) as waiting
  from (
    select outcome, job_id
    from attempts indexed by attempts_late
    where endpoint_id = :endpoint_id and late_at is not null and late_at >= :created_at
      and trigger = 'manual' and message_id > :after and message_id < :end
    limit ${MAX_PROGRESS_COUNTED})
  where job_id = :job_id`)

/** Accepted: an attempt that an earlier version made for the replay is not counted. */
export async function progressOf(env: Env, job: JobRow): Promise<ResendProgress> {
  const { id: job_id, endpoint_id, created_at } = job
  const found = await first(COUNT(env, { endpoint_id, created_at, job_id, ...rangeOf(job) }))
  return found ?? { delivered: 0, failed: 0, waiting: 0 }
}

/** A page shows the progress of this many jobs only, because each count reads up to 2,000 rows. */
const COUNTED_JOBS = 3

/** Progress is null for a job of which only its own columns are shown. */
export type ShownJob = { job: JobRow; progress: ResendProgress | null }

/** Lists the jobs of an endpoint as its page shows them, running ones first. */
export async function listShownJobs(env: Env, endpoint_id: string): Promise<ShownJob[]> {
  const jobs = await listEndpointJobs(env, endpoint_id)
  const shown = jobs.map(async (job, i) => ({ job, progress: i < COUNTED_JOBS ? await progressOf(env, job) : null }))
  return Promise.all(shown)
}
