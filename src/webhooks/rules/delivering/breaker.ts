/**
 * An endpoint's circuit breaker, which decides which deliveries are sent and which are parked:
 *   closed    deliveries are sent as they arrive
 *   open      too many failures in a row: deliveries are parked, and one of them is sent as a probe at `resume_at`
 *   probing   a probe is under way; `resume_at` is the end of its lease
 *   held      deliveries are parked until `resume_at`: the receiver named that time, or the next call is due then
 *   draining  parked deliveries are being sent, oldest first, one page per minute; new ones are parked behind them. Or a
 *             call is under way; `resume_at` is when it counts as lost
 *
 * waiting.ts says what an endpoint waits for in each state, and how it gets from one to another.
 */
export const BREAKER_STATES = ['closed', 'open', 'probing', 'held', 'draining'] as const
export type BreakerState = (typeof BREAKER_STATES)[number]

/** The columns of `endpoints` that contain the breaker's state. */
export interface Breaker {
  breaker: BreakerState
  /** When the clock acts on the endpoint next, in epoch milliseconds; null while it waits for nothing. */
  resume_at: number | null
  /** How many probes in a row have failed, or how many responses in a row have named a time. */
  probes: number
}

export const CLOSED: Breaker = { breaker: 'closed', resume_at: null, probes: 0 }

/** Whether nothing is sent except for a probe, or what a person asks for. */
export const isOpen = ({ breaker }: Pick<Breaker, 'breaker'>): boolean => breaker === 'open' || breaker === 'probing'

/** Why a parked delivery is sent: to probe the endpoint, to drain it, or because a person requested it. */
export type Release = 'probe' | 'drain' | 'manual'

/** Whether a delivery is sent, not parked. @param release undefined for a first attempt or a scheduled retry */
export function mayPass(state: BreakerState, release: Release | undefined): boolean {
  if (release === 'drain') return state === 'closed' || state === 'draining'
  return release !== undefined || state === 'closed'
}
