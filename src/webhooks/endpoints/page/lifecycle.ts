import type * as z from 'zod'
import { grantOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { batch } from '../../../kit/db/statements'
import { eraseAnswers } from '../../../kit/http/idempotency'
import { notFound } from '../../../kit/http/problem'
import { MINUTE_MS } from '../../../kit/lib/time'
import { eraseLatestResponses } from '../../send/deliver/removal/deleted-endpoints'
import { cancelLatest } from '../../send/deliver/store'
import { planReplay, refuseIfFull, startReplay } from '../../send/replay/replay'
import type { ReplayScope } from '../../send/replay/select-messages'
import type { JobRow } from '../../send/replay/store'
import { sendResume } from '../../work/send-orders'
import { enableEndpoint } from '../health'
import { changeEndpoint, requireEndpoint } from '../manage'
import type { endpointChange } from '../schemas'
import { deleteEndpoint, type EndpointRow } from '../store'

/* Starts and stops deliveries to an endpoint, for the API and the dashboard. */

/** A message that was accepted just before the endpoint was disabled may have been dispatched afterwards. */
const MARGIN_MS = 10 * MINUTE_MS

/** The messages that an endpoint has missed since it was disabled. */
export function missedScope(row: EndpointRow, now: number): ReplayScope {
  const since = Math.max((row.disabled_at ?? now) - MARGIN_MS, row.created_at)
  return { endpoint_id: row.id, only: 'missing', since, until: now, event_types: null }
}

/**
 * Enables an endpoint. Parked deliveries, and missed ones if requested, are sent after the response.
 * @param reasons see `enableEndpoint`. @throws Refusal 404, or 409 if too many jobs are running
 */
export async function startEndpoint(
  { env, now, later }: Context,
  id: string,
  replayMissing: boolean,
  reasons: readonly string[] | null = null
): Promise<{ row: EndpointRow; job: JobRow | null }> {
  const before = await requireEndpoint(env, id)
  if (before.status === 'enabled') return { row: before, job: null }
  const replay = replayMissing ? await planReplay(env, missedScope(before, now), now) : null
  const statements = [enableEndpoint(env, id, now, reasons), ...(replay ? [replay.statement] : [])]
  await refuseIfFull(() => batch(env, statements))
  later(startReplay(env, id, now))
  return { row: await requireEndpoint(env, id), job: replay?.job ?? null }
}

/** Changes an endpoint. A new URL gets the parked deliveries. @throws Refusal as `changeEndpoint` does */
export async function alterEndpoint(context: Context, id: string, change: z.infer<typeof endpointChange>) {
  const { env, now, origin, later } = context
  const row = await changeEndpoint(env, id, change, origin, now, grantOf(context))
  // If this wake-up is lost, the sweep sends the parked deliveries within a minute.
  if (row.breaker === 'draining') later(sendResume(env, id, 0))
  return row
}

/** How many statements `removeEndpoint` runs, for the budget of a sweep. */
export const REMOVAL_STATEMENTS = 4

/** Deletes an endpoint and its URL, and cancels its pending deliveries. @throws Refusal 404 */
export async function removeEndpoint(env: Env, id: string, now: number): Promise<void> {
  const [deleted] = await batch(env, [
    deleteEndpoint(env, id, now),
    cancelLatest(env, id, now),
    eraseLatestResponses(env, id),
    eraseAnswers(env, id),
  ])
  if (deleted.meta.changes === 0) throw notFound('endpoint')
}
