import { DASHBOARD } from '../../kit/lib/paths'
import type { CommentRow } from '../store'

/** Which entries are listed. */
export interface Filter {
  /** Null for any status. */
  status: CommentRow['status'] | null
  /** Null for all books. */
  book: string | null
  cursor: string | null
  /** Text to find, or empty. */
  q: string
  /** Of those that wait. */
  isOldestFirst?: boolean
  /** Limits the list of all entries to a range of times, in the format of the inputs. */
  times?: Record<string, string>
}

/** The list of all entries. Without a status, the page shows what waits. */
export const ALL = `${DASHBOARD.entries}?status=all`

export function pathOf(wanted: Filter, more: Record<string, string> = {}): string {
  return `${DASHBOARD.entries}?${queryOfFilter(wanted, more)}`
}

export function queryOfFilter(
  { status, book, cursor, q, isOldestFirst, times }: Filter,
  more: Record<string, string> = {}
): string {
  return new URLSearchParams({
    status: status ?? 'all',
    ...(book !== null && { book }),
    ...(cursor !== null && { cursor }),
    ...(q !== '' && { q }),
    ...(isOldestFirst && status === 'held' && { order: 'oldest' }),
    ...(status === null && times),
    ...more,
  }).toString()
}

/** Whether entries leave the list when their status changes. */
export const isQueue = ({ status }: Filter): boolean => status !== null

export const STATUS_LABELS = { held: 'Waiting', published: 'Published', hidden: 'Hidden', spam: 'Spam' } as const
export const FILTERED_STATUSES = Object.keys(STATUS_LABELS) as (keyof typeof STATUS_LABELS)[]

/** The action that leads to each status. */
export const ACTION_FOR = { published: 'publish', held: 'hold', hidden: 'hide', spam: 'spam' } as const
/** The label of the button for each status. */
export const LABELS = { published: 'Publish', held: 'Hold', hidden: 'Hide', spam: 'Spam' } as const
