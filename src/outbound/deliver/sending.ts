import type { Release } from '../../core/delivering/breaker'
import type { DeliveryState } from '../../core/delivering/delivery-state'
import type { Format } from '../../core/events/formats'
import {
  HEALTH_COLUMNS,
  type HealthRow,
  type StoredHealth,
  storedHealth,
} from '../../endpoints/health'
import type { AttemptRequest } from './attempt'

/** One delivery to attempt, with all that it takes: nothing is looked up on the way. */
export interface Sending {
  endpoint: AttemptRequest['endpoint'] & { description: string; stored: StoredHealth }
  message: AttemptRequest['message'] & { type: string }
  state: DeliveryState
  /** What let it go although its endpoint's breaker is not closed; undefined for a first attempt or a retry of the schedule. */
  release: Release | undefined
}

/** What a sending takes of the endpoint's row. */
export const ENDPOINT_COLUMNS = `url, description, secrets, format, legacy_signature, ${HEALTH_COLUMNS}`

export interface SendingEndpointRow extends HealthRow {
  url: string
  description: string
  secrets: string
  format: Format
  legacy_signature: 'hub' | null
}

export function sendingEndpoint(id: string, row: SendingEndpointRow): Sending['endpoint'] {
  const { url, description, secrets, format, legacy_signature: legacySignature } = row
  return {
    id,
    url,
    description,
    secrets,
    format,
    legacy_signature: legacySignature,
    stored: storedHealth(row),
  }
}
