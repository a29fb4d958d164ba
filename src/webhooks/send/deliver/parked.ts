import { BREAKER_STATES, type BreakerState, mayPass, type Release } from '../../rules/delivering/breaker'
import { isParked, isUnderWay } from '../../rules/delivering/delivery-state'
import { IS_WAITING_FOR_CALL } from '../../rules/delivering/waiting'

/*
 * When a delivery is parked: pending, but not scheduled, until its endpoint's breaker releases it (release-parked.ts).
 * Behind a closed breaker, none is: what parks one checks the breaker, and what closes the breaker checks for them.
 */

/** SQL: a call that is under way covers a row in `deliveries`. @param delivery the alias of the row */
export function isCalling(delivery: string): string {
  return `exists (
      select 1 from deliveries c
      where c.endpoint_id = ${delivery}.endpoint_id and c.message_id = ${delivery}.covered_by and ${isUnderWay('c')})`
}

/** SQL: a row in `deliveries` is parked, and no call that is under way covers it. */
export const IS_FREE = `${isParked('deliveries')} and not ${isCalling('deliveries')}`

/** Why a delivery is parked, by breaker state. While a breaker is closing, its endpoint is still draining. */
const PARKED_REASONS = {
  open: 'breaker_open',
  probing: 'breaker_open',
  held: 'throttled',
  draining: 'endpoint_draining',
  closed: 'endpoint_draining',
} as const satisfies Record<BreakerState, string>

export type ParkedReason = (typeof PARKED_REASONS)[BreakerState] | 'endpoint_disabled' | 'paced'

const CASES = BREAKER_STATES.map((state) => `when '${state}' then '${PARKED_REASONS[state]}'`)

/** SQL: why the deliveries of the endpoint `e` are parked, as a `ParkedReason`. */
export const PARKED_REASON = `case when e.status <> 'enabled' then 'endpoint_disabled'
      when ${IS_WAITING_FOR_CALL} then 'paced'
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
