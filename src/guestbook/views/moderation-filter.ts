import type { CommentRow } from '../store'

/** Which entries are listed. Without a status, the entries of all books. */
export interface Filter {
  status: CommentRow['status'] | null
  book: string
  cursor: string | null
  /** Text to find, or empty. */
  q: string
}

export const SECTION = '/admin/comments' as const

export function pathOf(wanted: Filter, more: Record<string, string> = {}): string {
  const query = queryOf(wanted, more)
  return query === '' ? SECTION : `${SECTION}?${query}`
}

export function queryOf({ status, book, cursor, q }: Filter, more: Record<string, string> = {}): string {
  const filter = status === null ? {} : { status, book }
  return new URLSearchParams({
    ...filter,
    ...(cursor !== null && { cursor }),
    ...(q !== '' && { q }),
    ...more,
  }).toString()
}

export const STATUS_LABELS = { held: 'Waiting', published: 'Published', hidden: 'Hidden', spam: 'Spam' } as const
export const STATUSES = Object.keys(STATUS_LABELS) as (keyof typeof STATUS_LABELS)[]

/** The action that leads to each status. */
export const ACTION_FOR = { published: 'publish', held: 'hold', hidden: 'hide', spam: 'spam' } as const
/** The label of the button for each status. */
export const LABELS = { published: 'Publish', held: 'Hold', hidden: 'Hide', spam: 'Spam' } as const
