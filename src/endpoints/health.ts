import type { BreakerState } from '../core/delivering/breaker'
import {
  type DisableReason,
  type EndpointHealth,
  enabled,
} from '../core/delivering/endpoint-health'

/*
 * Health as it is stored. It is computed by the pure rules of core/endpoint-health.ts and written over the revision that it was computed
 * from, so that two writers never overwrite each other: who comes second reads again.
 */

export interface StoredHealth {
  health: EndpointHealth
  /** Of the row that it was read from; every write of health gives a new one. */
  rev: string
}

/** To be selected wherever health is needed; see `storedHealth`. */
export const HEALTH_COLUMNS = `breaker, resume_at, probes, consecutive_failures, failing_since, last_failure_at, slow_until,
  warnings, health_rev`

export interface HealthRow {
  breaker: BreakerState
  resume_at: number | null
  probes: number
  consecutive_failures: number
  failing_since: number | null
  last_failure_at: number | null
  slow_until: number | null
  warnings: number
  health_rev: string
}

export function storedHealth(row: HealthRow): StoredHealth {
  return {
    rev: row.health_rev,
    health: {
      breaker: { state: row.breaker, resume_at: row.resume_at, probes: row.probes },
      consecutive_failures: row.consecutive_failures,
      failing_since: row.failing_since,
      last_failure_at: row.last_failure_at,
      slow_until: row.slow_until,
      warnings: row.warnings,
    },
  }
}

export function newRev(): string {
  return crypto.randomUUID()
}

export interface HealthChange {
  id: string
  before: string
  after: StoredHealth
  disable: DisableReason | null
}

/** Writes what may be written: the rows returned have it, the others were changed by somebody else. */
export function saveHealth(env: Env, changes: HealthChange[], now: number): D1PreparedStatement {
  return env.DB.prepare(
    `update endpoints set
       ${SETS},
       status = case when j.value ->> 'disable' is null then status else 'disabled' end,
       disabled_reason = coalesce(j.value ->> 'disable', disabled_reason),
       disabled_at = case when j.value ->> 'disable' is null then disabled_at else ?2 end
     from json_each(?1) j
     where endpoints.id = j.value ->> 'id' and endpoints.status = 'enabled' and endpoints.health_rev = j.value ->> 'before'
     returning id`
  ).bind(JSON.stringify(changes.map(toJson)), now)
}

const SETS = `breaker = j.value ->> 'breaker', resume_at = j.value ->> 'resume_at', probes = j.value ->> 'probes',
  consecutive_failures = j.value ->> 'consecutive_failures', failing_since = j.value ->> 'failing_since',
  last_failure_at = j.value ->> 'last_failure_at', slow_until = j.value ->> 'slow_until',
  warnings = j.value ->> 'warnings', health_rev = j.value ->> 'health_rev'`

function toJson({ id, before, after, disable }: HealthChange) {
  return { id, before, disable, ...toRow(after) }
}

function toRow({ health, rev }: StoredHealth): HealthRow {
  return {
    breaker: health.breaker.state,
    resume_at: health.breaker.resume_at,
    probes: health.breaker.probes,
    consecutive_failures: health.consecutive_failures,
    failing_since: health.failing_since,
    last_failure_at: health.last_failure_at,
    slow_until: health.slow_until,
    warnings: health.warnings,
    health_rev: rev,
  }
}

export interface EndpointHealthRow extends HealthRow {
  id: string
  status: 'enabled' | 'disabled' | 'deleted'
  url: string
  rate_limit: number
}

const ROW = `endpoints.id, status, url, rate_limit, ${HEALTH_COLUMNS}`

export async function readHealth(env: Env, ids: string[]): Promise<EndpointHealthRow[]> {
  const { results } = await env.DB.prepare(
    `select ${ROW} from json_each(?1) j cross join endpoints on endpoints.id = j.value`
  )
    .bind(JSON.stringify(ids))
    .all<EndpointHealthRow>()
  return results
}

/** Endpoints with something to be done about what is parked: a probe, a page, a cleaning up. */
export async function listResuming(
  env: Env,
  now: number,
  limit: number
): Promise<EndpointHealthRow[]> {
  const { results } = await env.DB.prepare(
    `select ${ROW} from endpoints where resume_at is not null and resume_at <= ?1 order by resume_at limit ?2`
  )
    .bind(now, limit)
    .all<EndpointHealthRow>()
  return results
}

const NOTHING_PARKED = `not exists (select 1 from deliveries indexed by deliveries_parked
  where endpoint_id = ?1 and status = 'pending' and next_attempt_at is null)`

/**
 * Closes the breaker when nothing is parked any more. In one statement, so that nothing can be parked behind a breaker that has just been
 * closed: whoever parks looks at the breaker in the statement that parks.
 */
export async function closeIfDrained(env: Env, id: string, rev: string): Promise<boolean> {
  const { meta } = await env.DB.prepare(
    `update endpoints set breaker = 'closed', resume_at = null, health_rev = ?3
     where id = ?1 and health_rev = ?2 and ${NOTHING_PARKED}`
  )
    .bind(id, rev, newRev())
    .run()
  return meta.changes === 1
}

/** Stands before whatever parks deliveries of an endpoint whose breaker may be closed, in the same batch. */
export function beginDraining(env: Env, id: string, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `update endpoints set breaker = 'draining', resume_at = ?2, health_rev = ?3
     where id = ?1 and status = 'enabled' and breaker = 'closed'`
  ).bind(id, now, newRev())
}

/**
 * Enabling forgets old failures, and lets go what was parked; what is enabled already stays as it is.
 * @param reasons only what was disabled for one of these; null for any
 */
export function enableEndpoint(
  env: Env,
  id: string,
  now: number,
  reasons: readonly string[] | null = null
): D1PreparedStatement {
  const fresh = { rev: newRev(), health: enabled(null, now) }
  return env.DB.prepare(
    `update endpoints set ${SETS}, status = 'enabled', updated_at = ?3,
       warnings = case when disabled_reason in ('gone', 'failing') then 2 else 0 end,
       disabled_reason = null, disabled_at = null
     from json_each(?2) j where endpoints.id = ?1 and status = 'disabled'
       and (?4 is null or disabled_reason in (select value from json_each(?4)))`
  ).bind(id, JSON.stringify([toRow(fresh)]), now, reasons && JSON.stringify(reasons))
}

/** What the owner disables stays so, also where it was disabled for another reason before: an integrator cannot resume it then. */
export async function disableEndpoint(
  env: Env,
  id: string,
  reason: 'manual' | 'paused',
  now: number
): Promise<void> {
  await env.DB.prepare(
    `update endpoints set status = 'disabled', disabled_reason = ?2, disabled_at = coalesce(disabled_at, ?3), updated_at = ?3,
       breaker = 'closed', resume_at = null, health_rev = ?4
     where id = ?1 and (status = 'enabled' or (status = 'disabled' and ?2 = 'manual'))`
  )
    .bind(id, reason, now, newRev())
    .run()
}
