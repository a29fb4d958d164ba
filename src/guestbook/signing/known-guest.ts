import type { Book } from '../../books/book'
import { findDecided } from '../store'

/*
 * A guest is known in a book if the owner has approved an entry of theirs there, which is still published. Whoever has a
 * token or a cookie can leave out the entries that were marked as spam, so an entry notes in `known_by` which approved
 * entry it relied on. When the owner marks it as spam, that approval ends as well: see `END_APPROVALS` in change-store.ts.
 */

/**
 * Only guests who name entries cost a query, and only in books where first entries wait.
 * @param ids the entries that a guest has proved to have written
 * @returns the one that the owner has approved in this book; null if there is none, or if the owner has marked one as spam
 */
export async function findApproved(env: Env, { slug, moderation }: Book, ids: string[]): Promise<string | null> {
  if (moderation !== 'first' || ids.length === 0) return null
  const decided = await findDecided(env, slug, ids)
  return decided.some(({ status }) => status === 'spam') ? null : (decided[0]?.id ?? null)
}
