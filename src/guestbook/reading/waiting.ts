import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { forAuthor } from '../rules/entries/statuses'
import { isEditable, recentEntries } from '../signing/guest'
import { type CommentRow, findComments } from '../store'

/** The entries of the guest who asks. A page that shows any of them is made for this guest only, and is not cached. */
export interface OwnEntries {
  /** The ids of those that the guest can change, the latest first. */
  editable: string[]
  /** Those that wait in this book, the latest first. */
  waiting: CommentRow[]
  hasPublished: boolean
}

export const NONE_OWN: OwnEntries = { editable: [], waiting: [], hasPublished: false }

/** More are not looked at: a guest who writes so much on one day sees the latest. */
const MAX_OWN = 20

/** Finds what a guest has written within the last day, by their cookie. Without one, nothing is read. */
export async function findOwn(c: Context<HonoEnv>, slug: string): Promise<OwnEntries> {
  const ids = (await recentEntries(c)).slice(0, MAX_OWN)
  if (ids.length === 0) return NONE_OWN
  const rows = await findComments(c.env, ids)
  const editable = rows.filter((row) => isEditable(row, c.get('now'))).toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const waiting = editable.map(forAuthor).filter((row) => row.book === slug && row.status === 'held')
  const hasPublished = editable.some((row) => row.book === slug && row.status === 'published')
  return { editable: editable.map(({ id }) => id), waiting, hasPublished }
}
