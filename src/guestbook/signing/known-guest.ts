import type { Book } from '../../books/book'
import { all, statement } from '../../db/statements'
import type { CommentRow } from '../store'

/*
 * A guest is known in a book if the owner has approved one of their entries there and it is still published. A guest
 * can withhold the tokens of entries that were marked as spam. So each entry notes in `known_by` which approved entry
 * it relied on. When the owner marks it as spam, that approval ends as well: see `END_APPROVALS` in change-store.ts.
 */

type Decided = Pick<CommentRow, 'id' | 'status'>

/** Selects entries `c` that the owner has approved or marked as spam. Spam without a reason was marked by the owner. */
export const IS_DECIDED = `((c.status = 'published' and c.approved_at is not null)
      or (c.status = 'spam' and c.reason is null))`

/** @returns the approved one; null if there is none, or if one of them is spam */
export function approvedOf(decided: Decided[]): string | null {
  return decided.some(({ status }) => status === 'spam') ? null : (decided[0]?.id ?? null)
}

/** What the owner has decided about some entries, and about those that they relied on. */
const FIND_DECIDED = statement<{ book: string; ids: string }, Decided>(`
  select c.id, c.status
  from json_each(:ids) j
  cross join comments own on own.id = j.value
  cross join comments c on c.id in (own.id, own.known_by)
  where c.book = :book and ${IS_DECIDED}`)

/**
 * Only guests who name entries cost a query, and only in books where first entries wait.
 * @param ids the entries that a guest has proved to have written
 * @returns the one that the owner has approved in this book; null if there is none, or if one was marked as spam
 */
export async function findApproved(env: Env, { slug, moderation }: Book, ids: string[]): Promise<string | null> {
  if (moderation !== 'first' || ids.length === 0) return null
  return approvedOf(await all(FIND_DECIDED(env, { book: slug, ids: JSON.stringify(ids) })))
}
