import { columnsOf, type RowOf } from '../../kit/db/sql/rows'
import { all, type Bound, run, statement } from '../../kit/db/statements'
import { type EndpointHealth, HEALTH_FIELDS, newStart } from '../rules/delivering/endpoint-health'
import { FIRST_CALL, paceOf } from '../rules/delivering/pace'
import { endpoints } from '../tables/outgoing'

/*
 * The health of endpoints in D1, computed by the rules in webhooks/rules/delivering/endpoint-health.ts. New health
 * replaces only the revision (`health_rev`) that it was computed from, so two writers never overwrite each other's
 * changes. Attempts write their changes with health/save.ts.
 */

type EndpointRow = typeof endpoints.$inferSelect

/** The columns of health, with the revision that was read. Every write to health creates a new revision. */
export const HEALTH = columnsOf(endpoints, ...HEALTH_FIELDS, 'health_rev')
export type StoredHealth = RowOf<typeof HEALTH>

/** @returns only the health columns of a row */
export const healthOf = (row: EndpointHealth): EndpointHealth => JSON.parse(JSON.stringify(row, HEALTH_FIELDS))

/** @returns the revision of a fresh start: the results of earlier attempts are not added to it */
export const newRev = (): string => crypto.randomUUID()

/** The part of a revision before the colon, which identifies the last fresh start. */
export const startOfRev = (rev: string): string => rev.split(':', 1)[0] ?? ''

/** @returns the revision after `before`, with the same start */
export const nextRev = (before: string): string => `${startOfRev(before)}:${crypto.randomUUID()}`

/** SQL for `startOfRev`. */
export const startInSql = (rev: string): string => `substr(${rev}, 1, instr(${rev} || ':', ':') - 1)`

/** SQL for what `nextRev` returns. */
const NEXT_REV = `${startInSql('health_rev')} || ':' || :health_rev`

const RESUMING = columnsOf(
  endpoints,
  'id',
  'status',
  'url',
  'description',
  'rate_limit',
  'min_interval_minutes',
  'digest_hour',
  'health_rev',
  ...HEALTH_FIELDS
)
export type ResumingEndpoint = RowOf<typeof RESUMING>

const FIND_RESUMING = RESUMING.of().from<{ id: string; now: number }>('endpoints where id = :id and resume_at <= :now')

/** @returns a statement that finds the endpoint if its `resume_at` has been reached */
export function findResuming(env: Env, id: string, now: number): Bound<ResumingEndpoint> {
  return FIND_RESUMING(env, { id, now })
}

const LIST_RESUMING = RESUMING.of().from<{ now: number; limit: number }>(`
  endpoints
  where resume_at is not null and resume_at <= :now
  order by resume_at
  limit :limit`)

/** Lists endpoints whose parked deliveries need a probe, the next page, or canceling now. */
export async function listResuming(env: Env, now: number, limit: number): Promise<ResumingEndpoint[]> {
  return all(LIST_RESUMING(env, { now, limit }))
}

/** Repeats the condition `isParked` from webhooks/send/parked.ts; delivery-states.test.ts checks that the two agree. */
const CLOSE_IF_DRAINED = statement<{ id: string; before: string; health_rev: string }>(`
  update endpoints
  set breaker = 'closed', resume_at = stable_at, health_rev = :health_rev
  where id = :id
    and health_rev = :before
    and not exists (
      select 1 from deliveries indexed by deliveries_parked
      where endpoint_id = :id and status = 'pending' and next_attempt_at is null)`)

/**
 * Closes the breaker if no delivery is parked anymore. A single statement, so that none is parked behind a breaker that
 * has just closed: what parks a delivery checks the breaker. @param change the revisions that were read and are written
 */
export const closeIfDrained = (env: Env, change: { id: string; before: string; health_rev: string }): Bound<never> =>
  CLOSE_IF_DRAINED(env, change)

const END_OUTAGE = statement<{ id: string; before: string; by: number; health_rev: string }>(`
  update endpoints
  set outage_since = null, outage_failures = 0, stable_at = null, resume_at = null, health_rev = :health_rev
  where id = :id and health_rev = :before and status = 'enabled' and breaker = 'closed' and stable_at <= :by`)

/** Ends the outage of an endpoint that waits for nothing. @param change `by`: the outage was to end by then */
export const endOutage = (env: Env, change: { id: string; before: string; by: number; health_rev: string }) =>
  END_OUTAGE(env, change)

const BEGIN_DRAINING = statement<{ id: string; now: number; health_rev: string }>(`
  update endpoints
  set breaker = iif(coalesce(min_interval_minutes, 0) > 0, 'held', 'draining'),
    resume_at = iif(coalesce(min_interval_minutes, 0) > 0, ${FIRST_CALL}, :now),
    health_rev = ${NEXT_REV}
  where id = :id and status = 'enabled' and breaker = 'closed'`)

/** Must precede, in the same batch, statements that park deliveries to an endpoint whose breaker may be closed. */
export function beginDraining(env: Env, id: string, now: number): Bound<never> {
  return BEGIN_DRAINING(env, { id, now, health_rev: newRev() })
}

const BEGIN_CALLS = statement<{ ids: string; now: number; health_rev: string }, Pick<EndpointRow, 'id' | 'resume_at'>>(`
  update endpoints
  set breaker = 'held', probes = 0, resume_at = ${FIRST_CALL}, health_rev = ${NEXT_REV}
  from json_each(:ids) j
  where endpoints.id = j.value
    and status = 'enabled'
    and breaker = 'closed'
    and min_interval_minutes > 0
  returning id, resume_at`)

/**
 * Endpoints that get calls, and whose breaker is closed, wait for their next call, so that their deliveries are parked.
 * @returns those that were changed
 */
export function beginCalls(env: Env, ids: string[], now: number): Bound<Pick<EndpointRow, 'id' | 'resume_at'>> {
  return BEGIN_CALLS(env, { ids: JSON.stringify(ids), now, health_rev: newRev() })
}

type Enabling = StoredHealth & Pick<EndpointRow, 'id' | 'url'> & { now: number; reasons: string | null }

/** An outage goes on until an attempt succeeds. */
const STAYS: readonly string[] = ['outage_since', 'outage_failures']

const ENABLE = statement<Enabling>(`
  update endpoints
  set status = 'enabled',
    ${HEALTH.assigned((name) => (STAYS.includes(name) ? name : `:${name}`))},
    disabled_reason = null,
    disabled_at = null,
    updated_at = :now
  where id = :id
    and status = 'disabled'
    and url = :url
    and (:reasons is null or disabled_reason in (select value from json_each(:reasons)))`)

/**
 * Enables a disabled endpoint: a fresh start. @param before its URL must still be the same
 * @param change `reasons`: only if it was disabled for one of these; null for any. `health_rev`: what this writes
 */
export function enableEndpoint(
  env: Env,
  before: EndpointRow,
  now: number,
  { reasons, health_rev }: { reasons: readonly string[] | null; health_rev: string }
) {
  const { id, url } = before
  const health = newStart('enabled', before, paceOf(before), now)
  return ENABLE(env, { ...health, id, url, now, health_rev, reasons: reasons && JSON.stringify(reasons) })
}

const DISABLE = statement<{ id: string; reason: string; now: number; health_rev: string }>(`
  update endpoints
  set status = 'disabled',
    disabled_reason = :reason,
    disabled_at = coalesce(disabled_at, :now),
    updated_at = :now,
    breaker = 'closed',
    resume_at = null,
    health_rev = :health_rev
  where id = :id
    and (status = 'enabled' or (status = 'disabled' and :reason = 'manual' and disabled_reason is not 'manual'))`)

/**
 * Disables an endpoint. The owner's reason replaces any other, so that an integrator cannot resume the endpoint.
 * @returns whether this has changed it
 */
export async function disableEndpoint(env: Env, id: string, reason: 'manual' | 'paused', now: number) {
  return (await run(DISABLE(env, { id, reason, now, health_rev: newRev() }))) > 0
}
