import type { Choice } from '../../../kit/html/parts/filter'
import { readTimes, readTyped, TIME_NAMES } from '../../../kit/html/typed-filter'
import { DELIVERY_STATUSES } from '../../rules/delivering/delivery-state'
import type { SelectedDeliveries } from './list-deliveries'
import type { MessageFilter } from './list-messages'

/* The filters above the list of messages and above the deliveries of an endpoint. */

const NAMES = ['state', 'type', 'q', ...TIME_NAMES] as const
export type TypedMessageFilter = Record<(typeof NAMES)[number], string>

export const readMessageFilter = (query: URLSearchParams): TypedMessageFilter => readTyped(query, NAMES)

export function toFilter({ state, type, q, ...times }: TypedMessageFilter, now: number): MessageFilter {
  return {
    state: state === 'failed' ? state : undefined,
    type: type || undefined,
    q: q || undefined,
    ...readTimes(times, now),
  }
}

const DELIVERY_NAMES = ['status', 'type', ...TIME_NAMES] as const
export type TypedDeliveryFilter = Record<(typeof DELIVERY_NAMES)[number], string>

export const readDeliveryFilter = (query: URLSearchParams): TypedDeliveryFilter => readTyped(query, DELIVERY_NAMES)

/** What can be listed instead of the deliveries that were attempted. */
export const SELECTIONS: Choice[] = [
  'waiting',
  ...DELIVERY_STATUSES.filter((status) => status !== 'pending'),
  'all',
].map((one) => [one, one])

export function toDeliveryFilter({ status, type, ...times }: TypedDeliveryFilter, now: number): SelectedDeliveries {
  return {
    only: status === 'all' || status === 'waiting' ? status : undefined,
    status: DELIVERY_STATUSES.find((known) => known === status),
    type: type || undefined,
    ...readTimes(times, now),
  }
}
