import { freshId } from '../../../kit/db/ids'
import { type Bound, batch, run } from '../../../kit/db/statements'
import { Refusal, refuseIfNull } from '../../../kit/http/problem'
import { type Budget, openBudget, upTo } from '../../../kit/sweep/subrequest-budget'
import { log, logFault } from '../../../log'
import { beginDraining } from '../../endpoints/health'
import { sendOrders, sendResumes } from '../../work/send-orders'
import { leaseFrom } from '../deliver/lease'
import { resumeEndpoint } from '../deliver/release-parked'
import { createMissing, discard, isAskedBy, listLeased, resend, restorePage } from '../deliver/resend-store'
import {
  type Alone,
  advanceJob,
  columnsFor,
  findJob,
  insertJob,
  type JobRow,
  listDueJobs,
  MAX_RUNNING,
  moveBack,
  type Position,
  selectionOf,
  stopJob,
} from './jobs'
import {
  countSelection,
  endpointBefore,
  nextEndpoint,
  rangeOf,
  readPage,
  SELECTION_PAGE,
  type SelectedPage,
  type Selection,
  type SelectionAct,
} from './selection'

/*
 * Asks for a selection of deliveries again, or discards it. Up to one page is written by the request itself. More is a
 * job, whose pages are written after the response, and by the sweep. What is asked for is parked, and then sent like all
 * parked deliveries: at the endpoint's pace, and behind its breaker. Messages that a person names are sent at once.
 */

/** The maximum number of queries for one page: up to four to read it, and four to write it. */
const PAGE_QUERIES = 8
/** A replay has one endpoint, so it does not look for the next one. */
const pageQueries = ({ kind }: JobRow): number => (kind === 'replay' ? PAGE_QUERIES - 1 : PAGE_QUERIES)
/** A sweep finds the jobs and runs pages of two, because it also has to send what they ask for. */
const SWEEP_CALLS = 1 + 2 * PAGE_QUERIES
const DUE_JOBS = 10
/** How many pages a request reads before it leaves the selection to a job, and how many it then counts. */
const REQUEST_PAGES = 4
const JOB_COUNT_PAGES = 5
/** What a request has used of its budget when it starts or stops a job: most of it, to read and to count. */
const USED_BEFORE = 36

/** What a request does with a selection. */
export interface PlannedSelection {
  count: number
  under_way: number
  /** If it takes more than one page. */
  job: JobRow | null
  statements: Bound<unknown>[]
  /** What to do after the statements have run. */
  start(): Promise<void>
}

/** @returns what acts on a selection: run the statements inside `refuseTooManyJobs` */
export async function planSelection(
  env: Env,
  act: SelectionAct,
  selection: Selection,
  now: number
): Promise<PlannedSelection> {
  const { pages, isAll } = await readPages(env, act, selection)
  const count = pages.reduce((sum, { existing, missing }) => sum + existing.length + missing.length, 0)
  const under_way = pages.reduce((sum, page) => sum + page.under_way, 0)
  if (!isAll) {
    const job = await newJob(env, act, selection, now)
    const statements = [insertJob(env, { ...job, must_be_alone: 'nothing', after_rev: null })]
    return { count: 0, under_way: 0, job, statements, start: () => startJobs(env, now) }
  }
  const acting = pages.filter(({ existing, missing }) => existing.length + missing.length > 0)
  const statements = acting.flatMap((page) => statementsFor(env, act, selection, page, null, now))
  // A batch without statements would not look for the Idempotency-Key of a repeated call.
  if (statements.length === 0) statements.push(discard(env, { job: null, endpoint_id: '' }, [], now))
  const start = () => sendSelected(env, act, selection, acting, now)
  return { count, under_way, job: null, statements, start }
}

/** Reads up to one page of a selection, over all its endpoints. */
async function readPages(
  env: Env,
  act: SelectionAct,
  selection: Selection
): Promise<{ pages: SelectedPage[]; isAll: boolean }> {
  const pages: SelectedPage[] = []
  const { after } = rangeOf(selection)
  let left = SELECTION_PAGE
  let endpoint = await nextEndpoint(env, selection, {})
  while (endpoint !== null) {
    if (pages.length === REQUEST_PAGES) return { pages, isAll: false }
    const page: SelectedPage = await readPage(env, act, selection, endpoint, after, Math.max(left, 1))
    pages.push(page)
    left -= page.existing.length + page.missing.length
    if (page.hasMore || left < 0) return { pages, isAll: false }
    endpoint = await nextEndpoint(env, selection, { after: endpoint.id })
  }
  return { pages, isAll: true }
}

async function newJob(env: Env, kind: SelectionAct, selection: Selection, now: number): Promise<JobRow> {
  const { count: counted, counted_all } = await countSelection(env, kind, selection, JOB_COUNT_PAGES)
  const first = await nextEndpoint(env, selection, {})
  return {
    ...columnsFor(selection),
    ...newColumns(now),
    kind,
    endpoint_id: first?.id ?? '',
    cursor: rangeOf(selection).after,
    counted,
    counted_all: counted_all ? 1 : 0,
  }
}

const newColumns = (now: number) => ({
  id: freshId('job', now),
  state: 'running' as const,
  done: 0,
  created_at: now,
  finished_at: null,
  run_at: now,
})

/** The scope of a replay: the first form of a selection, for one endpoint. Times are inclusive, types a JSON list. */
export type ReplayScope = Pick<JobRow, 'endpoint_id' | 'only' | 'since' | 'until' | 'event_types'>

/** @returns the selection of a replay */
export const selectionFor = (scope: ReplayScope): Selection => selectionOf({ ...scope, selection: null })

/**
 * @param after_rev the revision of health that the endpoint must have by then; null for any
 * @returns the job of a replay, and the statement that inserts it: run it inside `refuseTooManyJobs`
 */
export async function planReplay(
  env: Env,
  scope: ReplayScope,
  now: number,
  alone: Alone,
  after_rev: string | null = null
) {
  const { count, counted_all } = await countSelection(env, 'resend', selectionFor(scope), JOB_COUNT_PAGES)
  const isDone = count === 0 && counted_all
  const job: JobRow = {
    ...scope,
    ...newColumns(now),
    kind: 'replay',
    selection: null,
    cursor: rangeOf(scope).after,
    counted: count,
    counted_all: counted_all ? 1 : 0,
    ...(isDone && { state: 'done', finished_at: now, run_at: null }),
  }
  return { job, statement: insertJob(env, { ...job, must_be_alone: alone, after_rev }) }
}

/** @param write inserts a job. @throws Refusal 409 if too many are running, or one with the same messages */
export function refuseTooManyJobs<T>(write: () => Promise<T>): Promise<T> {
  const tooMany = `${MAX_RUNNING} jobs are running. Wait for one to finish, or cancel one.`
  const running = 'A replay is already running. Wait for it to finish, or cancel it.'
  const limits = {
    'jobs.kind': () => new Refusal(409, 'too_many_jobs', tooMany),
    'jobs.only': () => new Refusal(409, 'replay_running', running),
  }
  return refuseIfNull(limits, write)
}

/** Starts new jobs after the response. Never throws, because the sweep picks up whatever fails here. */
export async function startJobs(env: Env, now: number): Promise<void> {
  try {
    const asked = await runJobs(env, now, budgetLeft(env))
    await resumeAll(env, [...new Set(asked.map(({ endpoint_id }) => endpoint_id))], now)
  } catch (cause) {
    logFault('job.start_failed', cause, {})
  }
}

/** Runs the next pages of jobs. @returns how many deliveries they selected */
export async function sweepJobs(env: Env, now: number, budget: Budget): Promise<number> {
  const asked = await runNext(env, now, upTo(SWEEP_CALLS, budget))
  return asked.reduce((sum, { count }) => sum + count, 0)
}

/** A single endpoint needs no order, which would cost queue operations. */
async function resumeAll(env: Env, ids: string[], now: number): Promise<void> {
  const [only] = ids
  if (only !== undefined && ids.length === 1) await resumeEndpoint(env, only, now)
  else await sendResumes(env, ids)
}

function budgetLeft(env: Env): Budget {
  const budget = openBudget(env)
  budget.take(USED_BEFORE)
  return budget
}

type Asked = { endpoint_id: string; count: number }

/** Runs pages of the jobs that are due until none is, as far as the budget allows. */
async function runJobs(env: Env, now: number, budget: Budget): Promise<Asked[]> {
  const asked: Asked[] = []
  for (let next = await runNext(env, now, budget); next.length > 0; next = await runNext(env, now, budget))
    asked.push(...next)
  return asked
}

/** Runs the next page of each job that is due, as far as the budget allows. */
async function runNext(env: Env, now: number, budget: Budget): Promise<Asked[]> {
  const asked: Asked[] = []
  if (!budget.take(1)) return asked
  for (const job of await listDueJobs(env, now, DUE_JOBS)) {
    if (!budget.take(pageQueries(job))) break
    asked.push(job.state === 'canceled' ? await restore(env, job, now) : await runPage(env, job, now))
  }
  return asked
}

async function runPage(env: Env, job: JobRow, now: number): Promise<Asked> {
  const selection = selectionOf(job)
  const act: SelectionAct = job.kind === 'discard' ? 'discard' : 'resend'
  const endpoint = await nextEndpoint(env, selection, { from: job.endpoint_id })
  // If the endpoint has been deleted in the meantime, the next one begins.
  const after = endpoint?.id === job.endpoint_id ? job.cursor : rangeOf(selection).after
  if (endpoint === null && job.kind === 'replay') {
    await run(stopJob(env, job, false, now))
    return { endpoint_id: job.endpoint_id, count: 0 }
  }
  const limit = Math.max(SELECTION_PAGE, endpoint?.rate_limit ?? 0)
  const page = endpoint && (await readPage(env, act, selection, endpoint, after, limit))
  const next = page && (await positionAfter(env, selection, page))
  const count = page ? page.existing.length + page.missing.length : 0
  await batch(env, [
    ...(page ? statementsFor(env, act, selection, page, job, now) : []),
    advanceJob(env, job, { next, done: count }, now),
  ])
  if (page && selection.ids !== null) await sendSelected(env, act, selection, [page], now)
  log('job.advanced', { job_id: job.id, deliveries: count, is_done: next === null })
  return { endpoint_id: endpoint?.id ?? job.endpoint_id, count }
}

async function positionAfter(env: Env, selection: Selection, page: SelectedPage): Promise<Position | null> {
  const { endpoint, hasMore, cursor } = page
  if (hasMore) return { endpoint_id: endpoint.id, cursor }
  if (selection.endpoints?.length === 1) return null
  const next = await nextEndpoint(env, selection, { after: endpoint.id })
  return next && { endpoint_id: next.id, cursor: rangeOf(selection).after }
}

/** Writes a page. That of a job has no effect if the job has moved on in the meantime. */
function statementsFor(
  env: Env,
  act: SelectionAct,
  { ids, states }: Selection,
  { endpoint, existing, missing }: SelectedPage,
  job: JobRow | null,
  now: number
): Bound<unknown>[] {
  if (existing.length + missing.length === 0) return []
  const acting = { job, endpoint_id: endpoint.id }
  if (act === 'discard') return [discard(env, acting, existing, now)]
  const lease = ids === null ? null : leaseFrom(now)
  return [
    ...(lease === null ? [beginDraining(env, endpoint.id, now)] : []),
    // What a stopped job had asked for is missing, and has a delivery.
    resend(env, acting, states, [...existing, ...missing], lease),
    ...(missing.length > 0 ? [createMissing(env, acting, missing, lease)] : []),
  ]
}

/**
 * Parked deliveries are released when their endpoint lets them, and named ones go at once. The sweep finds what is
 * lost.
 */
async function sendSelected(
  env: Env,
  act: SelectionAct,
  { ids }: Selection,
  pages: SelectedPage[],
  now: number
): Promise<void> {
  if (act === 'discard') return
  if (ids === null)
    return resumeAll(
      env,
      pages.map(({ endpoint }) => endpoint.id),
      now
    )
  for (const { endpoint, existing, missing } of pages) {
    const refs = await listLeased(env, endpoint.id, [...existing, ...missing], leaseFrom(now))
    await sendOrders(env, 'patient', refs, { release: 'manual' })
  }
}

/**
 * Stops a job. What it has asked for and not sent is again what it was before: some of it now, and the sweep restores the
 * rest. What a discard has given up stays discarded. A job that has ended, and of which nothing waits, does not change.
 */
export async function stopSelection(env: Env, id: string, now: number): Promise<JobRow | null> {
  const job = await findJob(env, id)
  if (job === null || job.state === 'canceled') return job
  const restores = job.kind !== 'discard'
  if (job.state === 'done' && !(restores && (await hasParked(env, job)))) return job
  const stopped = await run(stopJob(env, job, restores, now))
  // The sweep has written a page in the meantime.
  if (stopped === 0) return stopSelection(env, id, now)
  if (restores) await runJobs(env, now, budgetLeft(env))
  return findJob(env, id)
}

/** @returns whether something that a job has asked for waits. The endpoints that it reached last are searched */
async function hasParked(env: Env, { id, endpoint_id, ...job }: JobRow): Promise<boolean> {
  const selection = selectionOf({ endpoint_id, ...job })
  for (let at: string | null = endpoint_id, i = 0; at !== null && i < REQUEST_PAGES; i++) {
    if (await isAskedBy(env, { endpoint_id: at, job_id: id, ...rangeOf(selection) })) return true
    at = await endpointBefore(env, selection, at)
  }
  return false
}

/** Restores a page of what a stopped job has asked for, from the endpoint that it has reached back to the first. */
async function restore(env: Env, job: JobRow, now: number): Promise<Asked> {
  const { id: job_id, endpoint_id, cursor: after } = job
  const [scan, restored] = await batch(env, restorePage(env, { job_id, endpoint_id, after }, now))
  const last = scan.results[0]?.last ?? null
  const before = last === null ? await endpointBefore(env, selectionOf(job), endpoint_id) : endpoint_id
  await run(moveBack(env, job, before === null ? null : { endpoint_id: before, cursor: last ?? '' }, now))
  log('job.restored', { job_id, deliveries: restored.meta.changes, is_done: before === null })
  return { endpoint_id, count: restored.meta.changes }
}
