import { readTimes, readTyped, TIME_NAMES } from '../../../kit/html/typed-filter'
import { INBOUND_STATUSES } from '../../rules/receiving/inbound-state'
import type { InboundFilter } from '../messages/queries'

const NAMES = ['source', 'status', 'type', 'q', ...TIME_NAMES] as const

/** The form above the list: the values that were typed in, and the resulting filter. */
export type TypedRequestFilter = { typed: Record<(typeof NAMES)[number], string>; filter: InboundFilter }

export function readFilter(query: URLSearchParams, now: number): TypedRequestFilter {
  const typed = readTyped(query, NAMES)
  const { source, status, type, q, ...times } = typed
  return {
    typed,
    filter: {
      source: source || undefined,
      // The overview counts every request that failed, and leads here.
      others: source === '' && status !== 'failed',
      status: INBOUND_STATUSES.find((each) => each === status),
      type: type || undefined,
      q: q || undefined,
      ...readTimes(times, now),
    },
  }
}

/** @returns the filter as a query string, for links to further pages */
export function filterQuery({ typed }: TypedRequestFilter): string {
  return new URLSearchParams(Object.entries(typed).filter(([, text]) => text !== '')).toString()
}
