import type { InboundFilter } from '../messages/queries'
import { STATUSES } from './schemas'

const NAMES = ['source', 'status', 'type', 'q', 'since', 'until'] as const
const MAX_LENGTH = 255

/** The form above the list: the values that were typed in, and the resulting filter. */
export interface TypedFilter {
  typed: Record<(typeof NAMES)[number], string>
  filter: InboundFilter
}

export function readFilter(query: URLSearchParams): TypedFilter {
  const typed = Object.fromEntries(
    NAMES.map((name) => [name, (query.get(name) ?? '').trim().slice(0, MAX_LENGTH)])
  ) as TypedFilter['typed']
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

/** Reads the value of a datetime-local input, such as `2026-11-24T10:00`, as UTC. Any other value sets no limit. */
function readTime(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text.slice(0, 16)}Z`) : -1
  return at >= 0 ? at : undefined
}

/** @returns the filter as a query string, for links to further pages */
export function filterQuery({ typed }: TypedFilter): string {
  return new URLSearchParams(Object.entries(typed).filter(([, text]) => text !== '')).toString()
}
