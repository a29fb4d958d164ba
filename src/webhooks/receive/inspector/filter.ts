import { readTime, readTyped } from '../../../kit/html/list'
import type { InboundFilter } from '../messages/queries'
import { STATUSES } from './schemas'

const NAMES = ['source', 'status', 'type', 'q', 'since', 'until'] as const

/** The form above the list: the values that were typed in, and the resulting filter. */
export interface TypedFilter {
  typed: Record<(typeof NAMES)[number], string>
  filter: InboundFilter
}

export function readFilter(query: URLSearchParams): TypedFilter {
  const typed = readTyped(query, NAMES)
  const { source, status, type, q, since, until } = typed
  return {
    typed,
    filter: {
      source: source || undefined,
      status: STATUSES.find((each) => each === status),
      type: type || undefined,
      q: q || undefined,
      since: readTime(since),
      until: readTime(until),
    },
  }
}

/** @returns the filter as a query string, for links to further pages */
export function filterQuery({ typed }: TypedFilter): string {
  return new URLSearchParams(Object.entries(typed).filter(([, text]) => text !== '')).toString()
}
