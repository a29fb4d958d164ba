import type { DeliveryState } from '../core/delivery-state'
import type { EndpointHealth } from '../core/endpoint-health'
import type { AttemptRequest } from './attempt'

/** One delivery to attempt, with all that it takes: nothing is looked up on the way. */
export interface Sending {
  endpoint: AttemptRequest['endpoint'] & { health: EndpointHealth }
  message: AttemptRequest['message']
  state: DeliveryState
}

/** Health as an endpoint's row has it. */
export function healthOf(row: {
  consecutive_failures: number
  slow_until: number | null
}): EndpointHealth {
  return { consecutiveFailures: row.consecutive_failures, slowUntil: row.slow_until }
}
