import { BREAKER_STATES, type BreakerState, mayPass, type Release } from '../rules/delivering/breaker'

/*
 * When a delivery is parked: pending, but not scheduled, until its endpoint's breaker releases it (release-parked.ts).
 * Behind a closed breaker, none is: what parks one checks the breaker, and what closes the breaker checks for them.
 */

/** SQL: a row in `deliveries` is parked, as in the index `deliveries_parked`. @param delivery the alias of the row */
export function isParked(delivery: string): string {
  return `${delivery}.status = 'pending' and ${delivery}.next_attempt_at is null`
}

/** Why a delivery is parked, by breaker state. While a breaker is closing, its endpoint is still draining. */
const PARKED_REASONS = {
  open: 'breaker_open',
  probing: 'breaker_open',
  held: 'throttled',
  draining: 'endpoint_draining',
  closed: 'endpoint_draining',
} as const satisfies Record<BreakerState, string>

export type ParkedReason = (typeof PARKED_REASONS)[BreakerState] | 'endpoint_disabled' | 'paced'

/** SQL for `isPaced` in webhooks/rules/delivering/pace.ts. It is never null. @param endpoint the alias of the row */
export const isPacing = (endpoint: string): string => `coalesce(${endpoint}.min_interval_minutes, 0) > 0`

/** SQL: the paced endpoint `e` waits for its next call. After a Retry-After, `probes` is not 0. */
export const IS_BETWEEN_CALLS = `${isPacing('e')} and e.breaker in ('held', 'draining') and e.probes = 0`

const CASES = BREAKER_STATES.map((state) => `when '${state}' then '${PARKED_REASONS[state]}'`)

/** SQL: why the deliveries of the endpoint `e` are parked, as a `ParkedReason`. */
export const PARKED_REASON = `case when e.status <> 'enabled' then 'endpoint_disabled'
      when ${IS_BETWEEN_CALLS} then 'paced'
      else case e.breaker ${CASES.join(' ')} end end`

const listOf = (states: BreakerState[]): string => states.map((state) => `'${state}'`).join(', ')

/** Breaker states in which a delivery may be sent, as an SQL list. */
export function passingStates(release?: Release): string {
  return listOf(BREAKER_STATES.filter((state) => mayPass(state, release)))
}

/** Breaker states in which a delivery is parked, as an SQL list. */
export function parkingStates(release?: Release): string {
  return listOf(BREAKER_STATES.filter((state) => !mayPass(state, release)))
}

/**
 * SQL: deliveries to the endpoint `e` are parked, not sent. False for a deleted endpoint: they are canceled.
 * @param release undefined for a first attempt or a scheduled retry
 */
export function isParking(release?: Release): string {
  return `(e.status = 'disabled'
    or (e.status = 'enabled' and e.breaker in (${parkingStates(release)})))`
}
