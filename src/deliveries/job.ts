import type { DeliveryState } from '../core/delivery-state'
import type { EndpointHealth } from '../core/endpoint-health'
import type { AttemptRequest } from './attempt'

/** One delivery to attempt, with all that it takes: nothing is looked up on the way. */
export interface Job {
  endpoint: AttemptRequest['endpoint'] & { health: EndpointHealth }
  message: AttemptRequest['message']
  state: DeliveryState
}
