import type { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { disableEndpoint, enableEndpoint } from '../../endpoints/health'
import { changeEndpoint, requireEndpoint } from '../../endpoints/manage'
import type { endpointChange } from '../../endpoints/schemas'
import { deleteEndpoint, type EndpointRow } from '../../endpoints/store'
import type { HonoEnv } from '../../env'
import { publicOrigin } from '../../http/origin'
import { notFound } from '../../http/problem'
import { sendResume } from '../../queue/send'
import { cancelLatest } from '../deliver/store'
import { planReplay, startReplay } from '../replay/replay'
import type { ReplayScope } from '../replay/select-messages'
import type { JobRow } from '../replay/store'

/*
 * What starts and stops an endpoint's deliveries, for the API and the dashboard alike.
 */

/** What was accepted just before an endpoint was disabled may have been dispatched after that. */
const MARGIN_MS = 10 * 60_000

/** What happened while an endpoint was disabled, and was not kept for it. */
export function missedScope(row: EndpointRow, now: number): ReplayScope {
  const since = Math.max((row.disabled_at ?? now) - MARGIN_MS, row.created_at)
  return { endpoint_id: row.id, only: 'missing', since, until: now, event_types: null }
}

/**
 * Enables an endpoint; what was parked begins to go after the answer, and what was missed, if asked for.
 * @param reasons only if it was disabled for one of these; null for any
 * @throws Refusal 404, or 409 when there are too many jobs
 */
export async function startEndpoint(
  c: Context<HonoEnv>,
  id: string,
  replayMissing: boolean,
  now: number,
  reasons: readonly string[] | null = null
): Promise<{ row: EndpointRow; job: JobRow | null }> {
  const before = await requireEndpoint(c.env, id)
  if (before.status === 'enabled') return { row: before, job: null }
  const replay = replayMissing ? await planReplay(c.env, missedScope(before, now), now) : null
  await c.env.DB.batch([
    enableEndpoint(c.env, id, now, reasons),
    ...(replay ? [replay.statement] : []),
  ])
  c.executionCtx.waitUntil(startReplay(c.env, id, now))
  return { row: await requireEndpoint(c.env, id), job: replay?.job ?? null }
}

/** Changes an endpoint; what waited for its old URL begins to go to the new one, after the answer. @throws Refusal as `changeEndpoint` does */
export async function alterEndpoint(
  c: Context<HonoEnv>,
  id: string,
  change: z.infer<typeof endpointChange>,
  now: number
): Promise<EndpointRow> {
  const row = await changeEndpoint(c.env, id, change, publicOrigin(c), now)
  // Where the queue does not take it, the sweep comes within the minute.
  if (row.breaker === 'draining') c.executionCtx.waitUntil(sendResume(c.env, id, 0))
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
