import { first, statement } from '../../../kit/db/statements'
import { DAY_MS } from '../../../kit/lib/time'
import { type Explanations, readExplanations } from '../../explanations'
import { isBetweenCalls } from '../../rules/delivering/waiting'
import { type Count, countParked, withoutEcho } from '../../send/messages/queries'
import { selectionFor } from '../../send/resend/run-jobs'
import { countSelection } from '../../send/resend/selection'
import { type LastAttempt, lastAnswers } from '../last-answers'
import { missedScope } from './lifecycle'
import type { Viewed } from './viewer'

/* What the top of an endpoint's page needs to know about its health. */

export interface Health {
  parked: Count
  watch: Watch
  /** How many of what waited has been sent since then. Counted only while it is being sent. */
  sent: number
  /** Null if nothing was sent. */
  last: LastAttempt | null
  /** The latest test, if nothing else was sent, or if it failed since the last delivery. */
  test: LastAttempt | null
  explanations: Explanations
  /** How many messages a disabled endpoint has missed; null for an enabled one, and for an integrator. */
  missed: Count | null
}

/** When the viewer began to watch, in epoch milliseconds, and how many deliveries waited then. */
type Watch = { at: number; of: number }

/** @returns what the address of a page says. Anybody can write anything there */
export function readWatch(query: URLSearchParams): Watch | null {
  const [at, of] = [Number(query.get('at') ?? 'NaN'), Number(query.get('of') ?? 'NaN')]
  return Number.isSafeInteger(at) && at >= 0 && Number.isSafeInteger(of) && of >= 0 ? { at, of } : null
}

/** Each attempt that is counted costs a row. */
const MAX_SENT = 1_000

/** What has waited is late, and late attempts are found by their time: see webhooks/rules/delivering/late-attempts.ts. */
const COUNT_SENT = statement<{ endpoint_id: string; since: number }, { sent: number }>(`
  select coalesce(sum(outcome = 'delivered'), 0) as sent
  from (
    select outcome
    from attempts indexed by attempts_late
    where endpoint_id = :endpoint_id and late_at is not null and late_at >= :since
    order by late_at
    limit ${MAX_SENT})`)

/** @param before what the address says about the watch; null if it begins now */
export async function readHealth(env: Env, { endpoint, viewer, now }: Viewed, before: Watch | null): Promise<Health> {
  const { id, status, moderation_links } = endpoint
  const since = Math.max(before?.at ?? now, now - DAY_MS)
  const [parked, { last, test }, explanations, missed, counted] = await Promise.all([
    countParked(env, id),
    lastAnswers(env, id),
    readExplanations(env),
    status === 'disabled' && viewer.isOwner
      ? countSelection(env, 'resend', selectionFor(missedScope(endpoint, now)))
      : null,
    endpoint.breaker === 'draining' ? first(COUNT_SENT(env, { endpoint_id: id, since })) : null,
  ])
  const watch = before ?? { at: now, of: parked.count }
  const links = viewer.isOwner || moderation_links === 1
  const seen = last && withoutEcho(last, last.event_type, endpoint, { links, secrets: true, headers: true })
  return { parked, watch, sent: counted?.sent ?? 0, last: seen, test, explanations, missed }
}

/** What the top of the page offers to do. A page has one primary action, and this one comes first. */
export function mainAct({ endpoint, viewer }: Viewed, { parked, last }: Health): 'enable' | 'approve' | 'try' | null {
  if (endpoint.status === 'disabled') {
    if (viewer.isOwner && endpoint.disabled_reason === 'awaiting_approval') return 'approve'
    return viewer.may.enable ? 'enable' : null
  }
  const isBusy = endpoint.breaker === 'draining' || endpoint.breaker === 'probing' || isBetweenCalls(endpoint)
  const hasFailed = last !== null && last.outcome !== 'delivered'
  return !isBusy && (parked.count > 0 || hasFailed) ? 'try' : null
}
