import { type Choice, readTime, readTyped } from '../../../kit/html/list'
import { DELIVERY_STATUSES } from '../../rules/delivering/delivery-state'
import type { SelectedDeliveries } from './list-deliveries'
import type { MessageFilter } from './list-messages'

/* The filters above the list of messages and above the deliveries of an endpoint. */

const NAMES = ['state', 'type', 'q', 'since', 'until'] as const
export type TypedFilter = Record<(typeof NAMES)[number], string>

export function readMessageFilter(query: URLSearchParams): TypedFilter {
  return readTyped(query, NAMES)
}

export function toFilter({ state, type, q, since, until }: TypedFilter): MessageFilter {
  return {
    state: state === 'failed' ? state : undefined,
    type: type || undefined,
    q: q || undefined,
    since: readTime(since),
    until: readTime(until),
  }
}

const DELIVERY_NAMES = ['status', 'type', 'since', 'until'] as const
export type TypedDeliveryFilter = Record<(typeof DELIVERY_NAMES)[number], string>

export function readDeliveryFilter(query: URLSearchParams): TypedDeliveryFilter {
  return readTyped(query, DELIVERY_NAMES)
}

/** What can be listed instead of the deliveries that were attempted. */
export const SELECTIONS: Choice[] = [
  'waiting',
  ...DELIVERY_STATUSES.filter((status) => status !== 'pending'),
  'all',
].map((one) => [one, one])

export function toDeliveryFilter({ status, type, since, until }: TypedDeliveryFilter): SelectedDeliveries {
  return {
    only: status === 'all' || status === 'waiting' ? status : undefined,
    status: DELIVERY_STATUSES.find((known) => known === status),
    type: type || undefined,
    since: readTime(since),
    until: readTime(until),
  }
}
