import { grantOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { batch, run } from '../../../kit/db/statements'
import { eraseAnswers } from '../../../kit/http/idempotency'
import { changedMeanwhile, notFound, Refusal } from '../../../kit/http/problem'
import { MINUTE_MS } from '../../../kit/lib/time'
import { isHiddenUrl } from '../../rules/delivering/secret-url'
import { eraseLatestResponses } from '../../send/deliver/removal/deleted-endpoints'
import { cancelLatest } from '../../send/deliver/store'
import { planReplay, refuseIfFull, startReplay } from '../../send/replay/replay'
import type { ReplayScope } from '../../send/replay/select-messages'
import type { JobRow } from '../../send/replay/store'
import { sendResume } from '../../work/send-orders'
import { enableEndpoint } from '../health'
import { changeEndpoint, type EndpointChange, requireEndpoint, type UrlRules } from '../manage'
import { IS_UNAPPROVED } from '../self-registered'
import { deleteEndpoint, type EndpointRow } from '../store'
import { URL_HIDDEN } from '../url'

/* Starts and stops deliveries to an endpoint, for the API and the dashboard. */

/** A message that was accepted just before the endpoint was disabled may have been dispatched afterwards. */
const MARGIN_MS = 10 * MINUTE_MS

/** Until it is enabled, messages pass it by. */
const ENABLING_MS = MINUTE_MS

/** The messages that an endpoint has missed since it was disabled. */
export function missedScope(row: EndpointRow, now: number): ReplayScope {
  const since = Math.max((row.disabled_at ?? now) - MARGIN_MS, row.created_at)
  return { endpoint_id: row.id, only: 'missing', since, until: now + ENABLING_MS, event_types: null }
}

/**
 * Enables an endpoint. Parked deliveries, and missed ones if requested, are sent after the response.
 * @param reasons see `enableEndpoint`. @throws Refusal 404, or 409 if its URL is hidden or too many jobs are running
 */
export async function startEndpoint(
  { env, now, later }: Context,
  id: string,
  replayMissing: boolean,
  reasons: readonly string[] | null
): Promise<{ before: EndpointRow; row: EndpointRow; job: JobRow | null }> {
  const before = await requireEndpoint(env, id)
  if (before.status === 'enabled') return { before, row: before, job: null }
  if (isHiddenUrl(before.url)) throw new Refusal(409, 'url_hidden', URL_HIDDEN)
  const replay = replayMissing ? await planReplay(env, missedScope(before, now), now) : null
  const statements = [enableEndpoint(env, before, now, reasons), ...(replay ? [replay.statement] : [])]
  const [changed] = await refuseIfFull(() => batch(env, statements))
  if (changed?.meta.changes === 0) throw changedMeanwhile('The endpoint has changed')
  later(startReplay(env, id, now))
  return { before, row: await requireEndpoint(env, id), job: replay?.job ?? null }
}

/** Changes an endpoint. A new URL gets the parked deliveries. @throws Refusal as `changeEndpoint` does */
export async function alterEndpoint(context: Context, id: string, change: EndpointChange, rules: UrlRules | null) {
  const { env, now, origin, later } = context
  const { before, row } = await changeEndpoint(env, id, change, origin, now, grantOf(context), rules)
  // If this wake-up is lost, the sweep sends the parked deliveries within a minute.
  if (row.breaker === 'draining') later(sendResume(env, id, 0))
  return { before, row }
}

/** How many statements `removeEndpoint` runs, for the budget of a sweep. */
export const REMOVAL_STATEMENTS = 4

/** Deletes an endpoint and its URL, and cancels its pending deliveries. @throws Refusal 404 */
export async function removeEndpoint(env: Env, id: string, now: number): Promise<void> {
  const [deleted] = await batch(env, [deleteEndpoint(env, id, now), ...removing(env, id, now)])
  if (deleted.meta.changes === 0) throw notFound('endpoint')
}

/** What goes with a deleted endpoint. */
const removing = (env: Env, id: string, now: number) => [
  cancelLatest(env, id, now),
  eraseLatestResponses(env, id),
  eraseAnswers(env, id),
]

/** Deletes an endpoint unless it was approved. @returns whether it was deleted */
export async function removeUnapproved(env: Env, id: string, now: number): Promise<boolean> {
  if ((await run(deleteEndpoint(env, id, now, `and ${IS_UNAPPROVED}`))) === 0) return false
  await batch(env, removing(env, id, now))
  return true
}
