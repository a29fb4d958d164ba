import type * as z from 'zod'
import { freshId } from '../../../kit/db/ids'
import { type Bound, batch } from '../../../kit/db/statements'
import { Refusal, refuseIfNull } from '../../../kit/http/problem'
import { type Budget, openBudget } from '../../../kit/sweep/subrequest-budget'
import { log, logFault } from '../../../log'
import { beginDraining } from '../../endpoints/health'
import { PAGE_EVERY_MS } from '../../rules/delivering/breaker'
import { resumeEndpoint } from '../deliver/release-parked'
import { cancelReplayed, createParked, reopenParked } from '../deliver/reopen-store'
import { progressOf } from './progress'
import type { replayRequest } from './schemas'
import { countCandidates, type ReplayScope, rangeOf, readCandidates } from './select-messages'
import { advanceJob, cancelJob, type DueJob, findJob, insertJob, type JobRow, listDueJobs, MAX_RUNNING } from './store'

/** The maximum number of queries for one page: three to read it, and four to write it. */
const PAGE_QUERIES = 7
const DUE_JOBS = 10

/**
 * A replay is a job that parks deliveries, one page a minute, while the breaker allows it. They are then sent like all
 * parked ones. @param mustBeAlone whether no other replay of the endpoint may be running
 * @returns the job, and the statement that inserts it: run it inside `refuseIfFull`
 */
export async function planReplay(env: Env, scope: ReplayScope, now: number, mustBeAlone = false) {
  const { count, counted_all } = await countCandidates(env, scope)
  // An empty replay would only wait for the breaker.
  const isDone = count === 0 && counted_all
  const job: JobRow = {
    ...scope,
    id: freshId('job', now),
    kind: 'replay',
    state: isDone ? 'done' : 'running',
    counted: count,
    counted_all: counted_all ? 1 : 0,
    done: 0,
    cursor: rangeOf(scope).after,
    created_at: now,
    finished_at: isDone ? now : null,
    run_at: isDone ? null : now,
  }
  return { job, statement: insertJob(env, { ...job, must_be_alone: mustBeAlone ? 1 : 0 }) }
}

/** @param write inserts a job. @throws Refusal 409 if too many are running, or one with the same messages */
export function refuseIfFull<T>(write: () => Promise<T>): Promise<T> {
  const tooMany = `${MAX_RUNNING} replays are running. Wait for one to finish, or cancel one.`
  const running = 'A replay is already running. Wait for it to finish, or cancel it.'
  const limits = {
    'jobs.kind': () => new Refusal(409, 'too_many_jobs', tooMany),
    'jobs.only': () => new Refusal(409, 'replay_running', running),
  }
  return refuseIfNull(limits, write)
}

/** Starts new jobs after the response. Never throws, because the sweep picks up whatever fails here. */
export async function startReplay(env: Env, endpointId: string, now: number): Promise<void> {
  try {
    await sweepJobs(env, now, openBudget(env))
    await resumeEndpoint(env, endpointId, now)
  } catch (cause) {
    logFault('replay.start_failed', cause, { endpoint_id: endpointId })
  }
}

/** @param request its times are in RFC 3339 format; `until` defaults to now */
export function toScope(endpoint_id: string, request: z.infer<typeof replayRequest>, now: number): ReplayScope {
  const { only, until } = request
  return {
    endpoint_id,
    only,
    since: Math.max(Date.parse(request.since), 0),
    until: until === undefined ? now : Math.max(Date.parse(until), 0),
    event_types: request.event_types ? JSON.stringify(request.event_types) : null,
  }
}

/** Runs the next page of each job that is due. @returns how many deliveries were replayed */
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
  const { id, endpoint_id, rate_limit } = job
  if (job.endpoint_status === 'deleted' || job.state === 'canceled') {
    await cancelPage(env, job, now)
    return 0
  }
  const { ids, cursor, hasMore } = await readCandidates(env, job, job.cursor, rate_limit)
  // A page that is less than half full puts little load on the receiver, so the next page is due immediately.
  const pause = ids.length < rate_limit / 2 ? 0 : PAGE_EVERY_MS
  const run_at = hasMore ? now + pause : null
  await batch(env, [
    beginDraining(env, endpoint_id, now),
    ...replayStatements(env, job, ids),
    advanceJob(env, job, { next_cursor: cursor, replayed: ids.length, run_at }, now),
  ])
  log('job.advanced', { job_id: id, deliveries: ids.length, is_done: !hasMore })
  return ids.length
}

/** Reopens existing deliveries and creates missing ones. Has no effect if the job has moved on in the meantime. */
function replayStatements(env: Env, job: DueJob, ids: string[]): Bound<never>[] {
  const reopen = reopenParked(env, job, ids)
  return job.only === 'failed' ? [reopen] : [reopen, createParked(env, job, ids)]
}

/** Queues nothing more, and cancels what waits: a page now, the sweep the rest. A job that has ended is unchanged. */
export async function stopReplay(env: Env, id: string, now: number): Promise<JobRow | null> {
  const job = await findJob(env, id)
  if (job === null) return null
  const { waiting } = await progressOf(env, job)
  if (job.state !== 'running' && waiting === 0) return job
  const stopped = await cancelPage(env, job, now)
  // The sweep has written a page in the meantime, so there is more to cancel.
  return stopped ? findJob(env, id) : stopReplay(env, id, now)
}

/** Cancels a job, and a page of what it has queued. @returns false if the job has moved on in the meantime */
async function cancelPage(env: Env, job: CancelingJob, now: number): Promise<boolean> {
  const { after } = rangeOf(job)
  const [, canceled] = await batch(env, [cancelReplayed(env, job, after, now), cancelJob(env, job, after, now)])
  return canceled.meta.changes > 0
}

type CancelingJob = Pick<JobRow, 'id' | 'endpoint_id' | 'since' | 'until' | 'cursor'>
