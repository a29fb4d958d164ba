import type { Context } from 'hono'
import { disableEndpoint, enableEndpoint } from '../endpoints/health'
import { requireEndpoint } from '../endpoints/manage'
import { deleteEndpoint, type EndpointRow } from '../endpoints/store'
import type { HonoEnv } from '../env'
import { notFound } from '../middleware/problem'
import { resumeEndpoint } from './resume'
import { cancelLatest } from './store'

/*
 * What starts and stops an endpoint's deliveries, for the API and the dashboard alike.
 */

/** Enables an endpoint; what was parked begins to go after the answer. @throws Refusal 404 */
export async function startEndpoint(
  c: Context<HonoEnv>,
  id: string,
  now: number
): Promise<EndpointRow> {
  await enableEndpoint(c.env, id, now)
  const row = await requireEndpoint(c.env, id)
  if (row.resumeAt !== null) c.executionCtx.waitUntil(resumeEndpoint(c.env, id, now))
  return row
}

/** Disables an endpoint: what waits is parked when its time comes. @throws Refusal 404 */
export async function stopEndpoint(env: Env, id: string, now: number): Promise<EndpointRow> {
  await disableEndpoint(env, id, 'manual', now)
  return requireEndpoint(env, id)
}

/** Deletes an endpoint, and cancels what still waits for it. @throws Refusal 404 */
export async function removeEndpoint(env: Env, id: string, now: number): Promise<void> {
  const [deleted] = await env.DB.batch([deleteEndpoint(env, id, now), cancelLatest(env, id, now)])
  if (!deleted?.meta.changes) throw notFound('endpoint')
}
