import { createRoute, z } from '@hono/zod-openapi'
import { doc } from '#doc'
import { noteNoChange } from '../../access/audit/record'
import { requireAlso } from '../../access/rights'
import { requireEndpoint } from '../../endpoints/manage'
import { acceptOnce, firstAnswerOr } from '../../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { listQuery, pageOf, readCursor, toPage } from '../../http/pagination'
import { notFound } from '../../http/problem'
import { progressOf } from './progress'
import { planReplay, refuseIfFull, requireEnabled, startReplay, stopReplay, toScope } from './replay'
import { jobOut, jobWithProgress, replayCount, replayRequest, toJob } from './schemas'
import { countCandidates } from './select-messages'
import { findJob, type JobRow, listJobs } from './store'

const params = z.object({ id: z.string().max(100) })

/** `POST /api/endpoints/{id}/replay`, for the owner. */
export const replayApi = apiRouter()

replayApi.openapi(
  createRoute({
    tags: ['Endpoints'],
    security: OWNER,
    method: 'post',
    path: '/{id}/replay',
    summary: doc('Replay messages'),
    description: doc(
      'Resends messages that failed, messages that the endpoint missed, or all messages. Each message keeps its id, and its retry schedule starts again. ' +
        'The replay runs as a job, at the `rate_limit` of the endpoint. With `dry_run`, the messages are only counted. An API key also needs the scope `read` for messages that were not meant for the endpoint before: `missing` and `all`.'
    ),
    request: { params, headers: idempotencyKey, body: jsonRequest(replayRequest) },
    responses: {
      200: json(replayCount, doc('With `dry_run`: how many messages would be replayed.')),
      202: json(jobOut, doc('The job that was started.')),
      ...problems(400, 401, 404, 409, 422),
    },
  }),
  async (c) => {
    const now = Date.now()
    const request = c.req.valid('json')
    // What failed was meant for the endpoint. With anything else, a key could have the whole log sent to its own URL.
    if (request.only !== 'failed') requireAlso(c, 'read')
    const endpoint = await requireEndpoint(c.env, c.req.valid('param').id)
    const scope = toScope(endpoint.id, request, now)
    if (request.dry_run) {
      noteNoChange(c)
      return c.json(await countCandidates(c.env, scope), 200)
    }
    return firstAnswerOr(c, 'replay', async () => {
      requireEnabled(endpoint)
      const { job, statement } = await planReplay(c.env, scope, now)
      const acceptance = { status: 202 as const, body: toJob(job), statements: [statement] }
      const { results, response } = await refuseIfFull(() => acceptOnce(c, 'replay', acceptance, now))
      if (results.length > 0) c.executionCtx.waitUntil(startReplay(c.env, endpoint.id, now))
      return response
    })
  }
)

const base = { tags: ['Jobs'], security: OWNER }

/** `/api/jobs`, for the owner: see `requireOwner` in app.tsx. */
export const jobsApi = apiRouter()

jobsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: doc('List jobs, newest first'),
    request: { query: listQuery },
    responses: { 200: json(pageOf(jobOut, 'JobPage'), doc('A page of jobs.')), ...problems(400, 401, 422) },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const rows = await listJobs(c.env, readCursor('job', cursor), limit + 1)
    const { data, next } = toPage(rows, limit)
    return c.json({ data: data.map(toJob), next }, 200)
  }
)

jobsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: doc('Get a job'),
    request: { params },
    responses: { 200: json(jobWithProgress, doc('The job and its progress.')), ...problems(401, 404) },
  }),
  async (c) => {
    const job = await requireJob(c.env, c.req.valid('param').id)
    return c.json({ ...toJob(job), progress: await progressOf(c.env, job) }, 200)
  }
)

jobsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/cancel',
    summary: doc('Cancel a job'),
    description: doc(
      'Works until the last message has been sent: nothing more is queued, and what waits is canceled. Afterwards, the job is not changed.'
    ),
    request: { params },
    responses: { 200: json(jobOut, doc('The job.')), ...problems(401, 404) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const job = await stopReplay(c.env, id, Date.now())
    if (!job) throw notFound('job')
    return c.json(toJob(job), 200)
  }
)

async function requireJob(env: Env, id: string): Promise<JobRow> {
  const job = await findJob(env, id)
  if (!job) throw notFound('job')
  return job
}
