import { Refusal } from '../../kit/http/problem'
import type { Visitor } from '../../kit/http/visitor'
import { hostOf } from '../../kit/lib/url'
import { log } from '../../log'
import { acceptsMentions, type Book } from '../books/book'
import { loadBook } from '../books/cache'
import type { MentionLink } from '../rules/webmentions/address'
import { bytesOf, quotaUse } from '../signing/quota'
import { findComment } from '../store'
import { wakeMentions } from './orders'
import { storeMention } from './store'

/**
 * Stores a mention, and triggers its check unless the source was fetched within the last hour. The entry that will show
 * it counts in the share of the sender's network, because no other network is known.
 * @param by the sender
 * @param inBackground continues with work after the response
 * @returns false if the target does not exist
 * @throws Refusal 403 if the book does not accept mentions, 422 if the source mentions too many pages, or 429 if too
 *   many mentions wait
 */
export async function receiveMention(
  env: Env,
  { source, target, page }: MentionLink,
  by: Visitor,
  now: number,
  inBackground: (work: Promise<unknown>) => void
): Promise<boolean> {
  const book = await bookOf(env, page, now)
  if (!book) return false
  if (!acceptsMentions(book)) throw new Refusal(403, 'not_accepted', 'This guestbook does not accept webmentions.')
  const use = quotaUse(book, bytesOf({ source, target }, undefined) + ENTRY_BYTES, by, now)
  const due = await storeMention(env, { source, target, book: book.slug }, use, now)
  log('webmention.received', { book: book.slug, host: hostOf(source), in_ms: due - now })
  if (due <= now) inBackground(wakeMentions(env, [source]))
  return true
}

/** About what an entry that shows a mention stores, with its event. */
const ENTRY_BYTES = 6_000

/** @returns the book that a page belongs to, or null if there is no such page, or if the entry is not published */
async function bookOf(env: Env, page: MentionLink['page'], now: number): Promise<Book | null> {
  if ('slug' in page) return loadBook(env, page.slug, now)
  const comment = await findComment(env, page.comment_id)
  return comment?.status === 'published' ? loadBook(env, comment.book, now) : null
}
