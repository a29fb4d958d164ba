import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { forAuthor } from '../rules/entries/statuses'
import { findDropped } from '../signing/dropped-spam'
import { isEditable, recentEntries } from '../signing/guest'
import { type CommentRow, findComments } from '../store'

/** More are not looked at: a guest who writes so much on one day sees the latest. */
const MAX_OWN = 20

/**
 * Finds what a guest has written in a book and can still change, by their cookie. Without one, nothing is read. A page
 * that shows any of them is made for this guest only, and is not cached. @returns the entries as the guest may see them,
 * the latest first
 */
export async function findOwn(c: Context<HonoEnv>, slug: string): Promise<CommentRow[]> {
  const ids = (await recentEntries(c)).slice(0, MAX_OWN)
  if (ids.length === 0) return []
  const dropped = ids.flatMap((id) => findDropped(c.env, id) ?? [])
  const rows = [...dropped, ...(await findComments(c.env, ids))]
  const own = rows.filter((row) => row.book === slug && isEditable(row, c.get('now')))
  return own.map(forAuthor).toSorted((a, b) => (a.id < b.id ? 1 : -1))
}
