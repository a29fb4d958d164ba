import { readTime, readTyped } from '../../ui/list'
import type { MessageFilter } from './list-messages'

/* The filter above the list of messages. */

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
