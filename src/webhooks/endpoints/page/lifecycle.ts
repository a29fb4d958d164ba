import { grantOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { batch, run } from '../../../kit/db/statements'
import { eraseAnswers } from '../../../kit/http/act-once'
import { changedMeanwhile, notFound, Refusal } from '../../../kit/http/problem'
import { MINUTE_MS } from '../../../kit/lib/time'
import { isHiddenUrl } from '../../rules/delivering/secret-url'
import { resumeEndpoint } from '../../send/deliver/release-parked'
import { eraseLatestResponses } from '../../send/deliver/retention'
import { cancelLatest } from '../../send/deliver/store'
import type { JobRow } from '../../send/resend/jobs'
import { planReplay, type ReplayScope, refuseTooManyJobs, startJobs } from '../../send/resend/run-jobs'
import { sendResume } from '../../work/send-orders'
import { enableEndpoint, newRev } from '../health'
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
 * @param act see `enableEndpoint`. @throws Refusal 404, or 409 if its URL is hidden or too many jobs are running
 */
export async function startEndpoint(
  { env, now, later }: Context,
  id: string,
  replayMissing: boolean,
  act: 'enabled' | 'resumed'
): Promise<{ before: EndpointRow; row: EndpointRow; job: JobRow | null }> {
  const before = await requireEndpoint(env, id)
  if (before.status === 'enabled') return { before, row: before, job: null }
  if (isHiddenUrl(before.url)) throw new Refusal(409, 'url_hidden', URL_HIDDEN)
  const health_rev = newRev()
  // Another replay that is still running has asked for some of these already, and they are no longer missing.
  const replay = replayMissing ? await planReplay(env, missedScope(before, now), now, 'nothing', health_rev) : null
  const enabling = enableEndpoint(env, before, now, { act, health_rev })
  const statements = [enabling, ...(replay ? [replay.statement] : [])]
  const [changed] = await refuseTooManyJobs(() => batch(env, statements))
  if (changed?.meta.changes === 0) throw changedMeanwhile('The endpoint has changed')
  later(startAgain(env, id, now))
  return { before, row: await requireEndpoint(env, id), job: replay?.job ?? null }
}

/** If these are lost, the sweep sends what has waited. */
async function startAgain(env: Env, id: string, now: number): Promise<void> {
  await startJobs(env, now)
  await resumeEndpoint(env, id, now)
}

/** Changes an endpoint. A new URL gets the parked deliveries. @throws Refusal as `changeEndpoint` does */
export async function alterEndpoint(context: Context, id: string, change: EndpointChange, rules: UrlRules | null) {
  const { env, now, origin, later } = context
  const { before, row } = await changeEndpoint(env, id, change, origin, now, grantOf(context), rules)
  // If this wake-up is lost, the sweep sends the parked deliveries within a minute.
  if (row.resume_at !== null && row.resume_at <= now) later(sendResume(env, id, 0))
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
