import type { Release } from '../core/breaker'
import type { DeliveryState } from '../core/delivery-state'
import type { StoredHealth } from '../endpoints/health'
import type { AttemptRequest } from './attempt'

/** One delivery to attempt, with all that it takes: nothing is looked up on the way. */
export interface Sending {
  endpoint: AttemptRequest['endpoint'] & { description: string; stored: StoredHealth }
  message: AttemptRequest['message'] & { type: string }
  state: DeliveryState
  /** What let it go although its endpoint's breaker is not closed; undefined for a first attempt or a retry of the schedule. */
  release: Release | undefined
}
