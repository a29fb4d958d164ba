import type { InboundFilter } from '../messages/queries'

/** What was typed into the form above the list, and what it means. */
export interface TypedFilter {
  typed: Record<(typeof NAMES)[number], string>
  filter: InboundFilter
}

const NAMES = ['source', 'status', 'type', 'q', 'since', 'until'] as const

export function readFilter(query: URLSearchParams): TypedFilter {
  const typed = Object.fromEntries(
    NAMES.map((name) => [name, (query.get(name) ?? '').trim().slice(0, 255)])
  ) as TypedFilter['typed']
  const { source, status, type, q, since, until } = typed
  const known = (['new', 'processed', 'failed'] as const).find((each) => each === status)
  return {
    typed,
    filter: {
      source: source || undefined,
      status: known,
      type: type || undefined,
      q: q || undefined,
      since: readTime(since),
      until: readTime(until),
    },
  }
}

/** `2026-11-24T10:00`, as a browser gives it, in UTC; what is no time is no bound. */
function readTime(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text.slice(0, 16)}Z`) : -1
  return at >= 0 ? at : undefined
}

/** The filter as a query, to go on with. */
export function filterQuery({ typed }: TypedFilter): string {
  return new URLSearchParams(Object.entries(typed).filter(([, text]) => text !== '')).toString()
}
