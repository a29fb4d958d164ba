import { columnsOf, type RowOf } from '../../kit/db/sql/rows'
import { all, type Bound, run, statement } from '../../kit/db/statements'
import { NEXT_DIGEST } from '../rules/delivering/digest-hour'
import { type EndpointHealth, enabled, HEALTH_FIELDS } from '../rules/delivering/endpoint-health'
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

/** @returns the revision after `before`. The part before the colon stays: it identifies the last fresh start */
export const nextRev = (before: string): string => `${before.split(':')[0]}:${crypto.randomUUID()}`

/** SQL for the part of a revision before the colon. */
export const startOf = (rev: string): string => `substr(${rev}, 1, instr(${rev} || ':', ':') - 1)`

/** SQL for what `nextRev` returns. */
const NEXT_REV = `${startOf('health_rev')} || ':' || :health_rev`

const RESUMING = columnsOf(
  endpoints,
  'id status url rate_limit min_interval_minutes digest_hour health_rev',
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
  set breaker = 'closed', resume_at = null, health_rev = :health_rev
  where id = :id
    and health_rev = :before
    and not exists (
      select 1 from deliveries indexed by deliveries_parked
      where endpoint_id = :id and status = 'pending' and next_attempt_at is null)`)

/**
 * Closes the breaker if no delivery is parked anymore. A single statement, so that none is parked behind a breaker that
 * has just closed: what parks a delivery checks the breaker. @param before the revision that was read
 */
export async function closeIfDrained(env: Env, id: string, before: string): Promise<boolean> {
  return (await run(CLOSE_IF_DRAINED(env, { id, before, health_rev: nextRev(before) }))) === 1
}

const BEGIN_DRAINING = statement<{ id: string; now: number; health_rev: string }>(`
  update endpoints
  set breaker = 'draining', resume_at = :now, health_rev = ${NEXT_REV}
  where id = :id and status = 'enabled' and breaker = 'closed'`)

/** Must precede, in the same batch, statements that park deliveries to an endpoint whose breaker may be closed. */
export function beginDraining(env: Env, id: string, now: number): Bound<never> {
  return BEGIN_DRAINING(env, { id, now, health_rev: newRev() })
}

const BEGIN_CALLS = statement<{ ids: string; now: number; health_rev: string }, Pick<EndpointRow, 'id'>>(`
  update endpoints
  set breaker = iif(digest_hour is null, 'draining', 'held'),
    resume_at = iif(digest_hour is null, :now, ${NEXT_DIGEST}),
    health_rev = ${NEXT_REV}
  from json_each(:ids) j
  where endpoints.id = j.value
    and status = 'enabled'
    and breaker = 'closed'
    and min_interval_minutes > 0
  returning id`)

/**
 * Starts to drain paced endpoints with a closed breaker, so that their deliveries are parked, and released in turn. A
 * digest is held until its hour. @returns the endpoints that were changed
 */
export function beginCalls(env: Env, ids: string[], now: number): Bound<Pick<EndpointRow, 'id'>> {
  return BEGIN_CALLS(env, { ids: JSON.stringify(ids), now, health_rev: newRev() })
}

type Enabling = StoredHealth & {
  id: string
  url: string
  now: number
  reasons: string | null
  warnings_if_failed: number
}

const WARNINGS = `iif(disabled_reason in ('gone', 'failing'), :warnings_if_failed, :warnings)`

const ENABLE = statement<Enabling>(`
  update endpoints
  set status = 'enabled',
    ${HEALTH.assigned((name) => (name === 'warnings' ? WARNINGS : `:${name}`))},
    disabled_reason = null,
    disabled_at = null,
    updated_at = :now
  where id = :id
    and status = 'disabled'
    and url = :url
    and (:reasons is null or disabled_reason in (select value from json_each(:reasons)))`)

/**
 * Enables a disabled endpoint: a fresh start. @param before its URL must still be the same
 * @param reasons only if it was disabled for one of these; null for any
 */
export function enableEndpoint(
  env: Env,
  { id, url }: Pick<EndpointRow, 'id' | 'url'>,
  now: number,
  reasons: readonly string[] | null
) {
  return ENABLE(env, {
    ...enabled(null, now),
    warnings_if_failed: enabled('failing', now).warnings,
    id,
    url,
    now,
    health_rev: newRev(),
    reasons: reasons && JSON.stringify(reasons),
  })
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
