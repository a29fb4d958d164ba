import { PAGE_EVERY_MS } from '../../core/delivering/breaker'
import { freshId } from '../../db/ids'
import { beginDraining } from '../../endpoints/health'
import type { EndpointRow } from '../../endpoints/store'
import { Refusal } from '../../http/problem'
import { log, logFault } from '../../log'
import { type Budget, openBudget } from '../../queue/subrequest-budget'
import { resumeEndpoint } from '../deliver/release-parked'
import { createParked, reopenParked } from '../deliver/store'
import {
  type CandidatePage,
  countCandidates,
  type ReplayScope,
  rangeOf,
  readCandidates,
} from './select-messages'
import {
  advanceJob,
  cancelJob,
  type DueJob,
  insertJob,
  type JobRow,
  listDueJobs,
  listRunning,
} from './store'

/** Queries that a page takes: what to do is read, then written with the job. */
const PAGE_QUERIES = 6
const DUE_JOBS = 10
const MAX_RUNNING = 20

/**
 * A person asks for many again, as a job: a page a minute is re-opened (or created) as parked deliveries, which go as any that are parked, paced by
 * the endpoint's rate. So a replay owns no sending code, and waits while the endpoint's breaker is open.
 * @returns the job to be, and the statement that makes it so. @throws Refusal 409 when there are too many already
 */
export async function planReplay(
  env: Env,
  scope: ReplayScope,
  now: number
): Promise<{ job: JobRow; statement: D1PreparedStatement }> {
  const [running, counted] = await Promise.all([
    listRunning(env, MAX_RUNNING),
    countCandidates(env, scope),
  ])
  if (running.length >= MAX_RUNNING) {
    const detail = `${MAX_RUNNING} jobs are under way. Wait until one is done, or cancel one.`
    throw new Refusal(409, 'too_many_jobs', detail)
  }
  const job: JobRow = {
    id: freshId('job', now),
    kind: 'replay',
    state: 'running',
    endpoint_id: scope.endpoint_id,
    only: scope.only,
    since: scope.since,
    until: scope.until,
    event_types: scope.event_types && JSON.stringify(scope.event_types),
    counted: counted.count,
    counted_all: counted.counted_all ? 1 : 0,
    done: 0,
    cursor: rangeOf(scope).after,
    created_at: now,
    finished_at: null,
    run_at: now,
  }
  return { job, statement: insertJob(env, job) }
}

/** @throws Refusal 409: what is disabled gets nothing, not even what it got before */
export function requireEnabled({ status }: EndpointRow): void {
  if (status === 'enabled') return
  const detail = 'The endpoint is disabled. Enable it, then replay.'
  throw new Refusal(409, 'endpoint_disabled', detail)
}

/** Begins at once, after the answer. Never throws: what failed here the sweep does. */
export async function startReplay(env: Env, endpointId: string, now: number): Promise<void> {
  try {
    await sweepJobs(env, now, openBudget(env))
    await resumeEndpoint(env, endpointId, now)
  } catch (cause) {
    logFault('replay.start_failed', cause, { endpoint_id: endpointId })
  }
}

/** @param request times in RFC 3339 */
export function toScope(
  endpointId: string,
  request: {
    since: string
    until?: string | undefined
    only: ReplayScope['only']
    event_types?: string[] | undefined
  },
  now: number
): ReplayScope {
  const until = request.until === undefined ? now : Date.parse(request.until)
  return {
    endpoint_id: endpointId,
    only: request.only,
    since: Math.max(Date.parse(request.since), 0),
    until: Math.max(until, 0),
    event_types: request.event_types ?? null,
  }
}

/** The next page of each job that is due. @returns how many deliveries were re-opened or created */
export async function sweepJobs(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(1)) return 0
  let replayed = 0
  for (const job of await listDueJobs(env, now, DUE_JOBS)) {
    if (!budget.take(PAGE_QUERIES)) break
    replayed += await runPage(env, job, now)
  }
  return replayed
}

async function runPage(env: Env, job: DueJob, now: number): Promise<number> {
  if (job.endpoint_status === 'deleted') {
    await cancelJob(env, job.id, now)
    return 0
  }
  const page = await readCandidates(env, scopeOf(job), job.cursor, job.rate_limit)
  // Where little was found, the next page need not wait a minute for the receiver's sake.
  const pause = page.ids.length < job.rate_limit / 2 ? 0 : PAGE_EVERY_MS
  await env.DB.batch([
    beginDraining(env, job.endpoint_id, now),
    ...replayStatements(env, job, page),
    advanceJob(
      env,
      job,
      { cursor: page.cursor, done: page.ids.length, run_at: page.hasMore ? now + pause : null },
      now
    ),
  ])
  log('job.advanced', { job_id: job.id, deliveries: page.ids.length, is_done: !page.hasMore })
  return page.ids.length
}

/** What has a delivery is re-opened, what has none gets one; only while the job is where it was when the page was read. */
function replayStatements(env: Env, job: JobRow, { ids }: CandidatePage): D1PreparedStatement[] {
  if (job.only === 'failed') return [reopenParked(env, job, ids)]
  if (job.only === 'missing') return [createParked(env, job, ids)]
  return [reopenParked(env, job, ids), createParked(env, job, ids)]
}

function scopeOf(job: JobRow): ReplayScope {
  return {
    endpoint_id: job.endpoint_id,
    only: job.only,
    since: job.since,
    until: job.until,
    event_types: job.event_types === null ? null : JSON.parse(job.event_types),
  }
}
