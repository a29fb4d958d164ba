import { perDatabase } from '../../env'
import { type CommentRow, findComment, type NewComment } from '../store'

/*
 * A book stores only a part of the spam of a day: see `COUNT_SPAM`. The author must not notice whether an entry was
 * dropped, so each isolate remembers the latest ones, and shows them to their authors like those that were stored. The
 * owner never sees them. Accepted: another isolate does not know them, and neither does this one after many more.
 * There, the entry looks like one that the owner has deleted.
 */

/** At most 30 KB each. */
const MAX_DROPPED = 100

/** By id, with the form that the entry came with. */
const droppedIn = perDatabase(() => new Map<string, { row: CommentRow; form_id: string | undefined }>())

const UNCHANGED = { number: 0, edited_at: null, edited_by: null, reply: null, replied_at: null, approved_at: null }

/** @param form_id see form-stamp.ts */
export function rememberDropped(env: Env, entry: NewComment, form_id: string | undefined): void {
  const { author_key: _, country: __, message_ids: ___, ...row } = entry
  const dropped = droppedIn(env.DB)
  dropped.set(entry.id, { row: { ...row, ...UNCHANGED }, form_id })
  const [oldest] = dropped.keys()
  if (dropped.size > MAX_DROPPED && oldest !== undefined) dropped.delete(oldest)
}

export const findDropped = (env: Env, id: string): CommentRow | null => droppedIn(env.DB).get(id)?.row ?? null

/** @returns the dropped entry that came with a form, or null */
export function findDroppedOf(env: Env, form_id: string): CommentRow | null {
  return [...droppedIn(env.DB).values()].find((one) => one.form_id === form_id)?.row ?? null
}

/** Changes a dropped entry. @returns whether there is one */
export function changeDropped(env: Env, row: CommentRow): boolean {
  const known = droppedIn(env.DB).get(row.id)
  if (known) known.row = row
  return known !== undefined
}

/** @returns whether there was such an entry */
export const forgetDropped = (env: Env, id: string): boolean => droppedIn(env.DB).delete(id)

/** @returns an entry for its author */
export async function findForAuthor(env: Env, id: string): Promise<CommentRow | null> {
  return findDropped(env, id) ?? (await findComment(env, id))
}
