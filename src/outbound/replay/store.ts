import type { ReplayScope } from './select-messages'

/*
 * The table of jobs: work that takes longer than a request, and outlives whatever dies. Moved on by compare-and-set on the cursor, so that
 * two sweeps do not do a page twice.
 */

export const JOB_STATES = ['running', 'done', 'canceled'] as const

export interface JobRow {
  id: string
  kind: 'replay'
  state: (typeof JOB_STATES)[number]
  endpoint_id: string
  only: ReplayScope['only']
  since: number
  until: number
  event_types: string | null
  counted: number
  counted_all: number
  done: number
  cursor: string
  created_at: number
  finished_at: number | null
  run_at: number | null
}

const COLUMNS = `j.id, j.kind, j.state, j.endpoint_id, j.only, j.since, j.until, j.event_types, j.counted, j.counted_all, j.done,
  j.cursor, j.created_at, j.finished_at, j.run_at`

export function insertJob(env: Env, job: JobRow): D1PreparedStatement {
  return env.DB.prepare(
    `insert into jobs (id, kind, state, endpoint_id, only, since, until, event_types, counted, counted_all, cursor, created_at, run_at)
     select value ->> 'id', value ->> 'kind', value ->> 'state', value ->> 'endpoint_id', value ->> 'only', value ->> 'since',
       value ->> 'until', value ->> 'event_types', value ->> 'counted', value ->> 'counted_all', value ->> 'cursor',
       value ->> 'created_at', value ->> 'run_at' from json_each(?1)`
  ).bind(JSON.stringify([job]))
}

export async function findJob(env: Env, id: string): Promise<JobRow | null> {
  return env.DB.prepare(`select ${COLUMNS} from jobs j where j.id = ?1`).bind(id).first<JobRow>()
}

/** Newest first. @param before an id, exclusive */
export async function listJobs(
  env: Env,
  before: string | undefined,
  limit: number
): Promise<JobRow[]> {
  const { results } = await env.DB.prepare(
    `select ${COLUMNS} from jobs j where j.id < ?1 order by j.id desc limit ?2`
  )
    .bind(before ?? '~', limit)
    .all<JobRow>()
  return results
}

/** Those that are under way, soonest first: there are never many. */
export async function listRunning(env: Env, limit: number): Promise<JobRow[]> {
  const { results } = await env.DB.prepare(
    `select ${COLUMNS} from jobs j indexed by jobs_running where j.run_at is not null order by j.run_at limit ?1`
  )
    .bind(limit)
    .all<JobRow>()
  return results
}

const LATEST = 20

/** Of one endpoint: those that are under way, and those that are over among the latest of all. */
export async function listEndpointJobs(
  env: Env,
  endpointId: string
): Promise<{ running: JobRow[]; over: JobRow[] }> {
  const [running, latest] = await Promise.all([
    listRunning(env, LATEST),
    listJobs(env, undefined, LATEST),
  ])
  const ofIt = (job: JobRow) => job.endpoint_id === endpointId
  return {
    running: running.filter(ofIt),
    over: latest.filter((job) => ofIt(job) && job.state !== 'running'),
  }
}

export interface DueJob extends JobRow {
  endpoint_status: 'enabled' | 'deleted'
  rate_limit: number
}

/**
 * Jobs whose next page is due. One whose endpoint is disabled or not taking anything waits without being written.
 */
export async function listDueJobs(env: Env, now: number, limit: number): Promise<DueJob[]> {
  const { results } = await env.DB.prepare(
    `select ${COLUMNS}, e.status as endpoint_status, e.rate_limit
     from jobs j indexed by jobs_running cross join endpoints e on e.id = j.endpoint_id
     where j.run_at is not null and j.run_at <= ?1
       and (e.status = 'deleted' or (e.status = 'enabled' and e.breaker in ('closed', 'draining')))
     order by j.run_at limit ?2`
  )
    .bind(now, limit)
    .all<DueJob>()
  return results
}

/** Stands last in the batch that does a page, and only moves on if that could be done: not past an endpoint that was disabled meanwhile. */
export function advanceJob(
  env: Env,
  job: JobRow,
  page: { cursor: string; done: number; run_at: number | null },
  now: number
): D1PreparedStatement {
  return env.DB.prepare(
    `update jobs set cursor = ?3, done = done + ?4, run_at = ?5, state = case when ?5 is null then 'done' else state end,
       finished_at = case when ?5 is null then ?6 end
     where id = ?1 and cursor = ?2 and state = 'running' and exists (
       select 1 from endpoints e where e.id = jobs.endpoint_id and e.status = 'enabled' and e.breaker <> 'closed')`
  ).bind(job.id, job.cursor, page.cursor, page.done, page.run_at, now)
}

/** @returns whether it was running */
export async function cancelJob(env: Env, id: string, now: number): Promise<boolean> {
  const { meta } = await env.DB.prepare(
    `update jobs set state = 'canceled', run_at = null, finished_at = ?2 where id = ?1 and state = 'running'`
  )
    .bind(id, now)
    .run()
  return meta.changes > 0
}
