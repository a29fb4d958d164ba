import { all, type Statement, statement } from '../../kit/db/statements'
import { originOf } from '../../kit/lib/url'
import { type Book, textFormatOf } from '../books/book'
import { changesIdentity } from '../rules/entries/identity'
import { type CommentRow, extraOf } from '../store'

/*
 * A guest is known in a book if the owner has approved one of their entries there and it is still published. A guest
 * can withhold the tokens of entries that were marked as spam. So each entry notes in `known_by` which approved entry
 * it relied on. When the owner marks it as spam, that approval ends as well: see `END_APPROVALS` in change-store.ts.
 */

/** The entries that a guest has proved to have written, or the page that mentions the book: its site is known. */
export type GuestProof = { entries: () => Promise<string[]> } | { page: string }

type Decided = Pick<CommentRow, 'id' | 'status'>

/**
 * Finds the entries that the owner has approved or marked as spam. Spam without a reason was marked by the owner.
 * @param from SQL that names the entries `c`
 */
function findingDecided<P extends Record<string, string>>(from: string): Statement<P & { book: string }, Decided> {
  return statement(`
  select c.id, c.status
  from ${from}
  where c.book = :book
    and ((c.status = 'published' and c.approved_at is not null) or (c.status = 'spam' and c.reason is null))`)
}

/** Entries, and those that they relied on. */
const OF_ENTRIES = findingDecided<{ ids: string }>(`json_each(:ids) j
  cross join comments own on own.id = j.value
  cross join comments c on c.id in (own.id, own.known_by)`)

/** At most this many mentions of a site are looked at. */
const MAX_LOOKED_AT = 200

const OF_SITE = findingDecided<{ from: string; to: string }>(`(
    select comment_id from webmentions where source >= :from and source < :to limit ${MAX_LOOKED_AT}) w
  cross join comments c on c.id = w.comment_id`)

/** Costs no query without proof. @returns the approved entry in this book; null if none, or if one was marked as spam */
export async function findApproved(env: Env, { slug, moderation }: Book, proof?: GuestProof): Promise<string | null> {
  if (moderation !== 'first' || !proof) return null
  const decided =
    'page' in proof ? await ofSite(env, slug, proof.page) : await ofEntries(env, slug, await proof.entries())
  return decided.some(({ status }) => status === 'spam') ? null : (decided[0]?.id ?? null)
}

async function ofEntries(env: Env, book: string, ids: string[]): Promise<Decided[]> {
  return ids.length === 0 ? [] : all(OF_ENTRIES(env, { book, ids: JSON.stringify(ids) }))
}

async function ofSite(env: Env, book: string, page: string): Promise<Decided[]> {
  const origin = originOf(page)
  // In ASCII, "0" follows "/".
  return all(OF_SITE(env, { book, from: `${origin}/`, to: `${origin}0` }))
}

/**
 * An approval is for what the owner has seen: other links, another name or another website wait again. Who was known by
 * another entry stays known as long as that one is approved. The author of a page has nothing but its identity.
 */
export async function isStillKnown(env: Env, book: Book, before: CommentRow, edited: CommentRow): Promise<boolean> {
  const { approved_at, known_by } = before
  const isMention = extraOf(before).mention !== undefined
  if ((approved_at !== null || isMention) && changesIdentity(before, edited, textFormatOf(book))) return false
  if (approved_at !== null || known_by === null) return approved_at !== null
  return (await findApproved(env, book, { entries: async () => [known_by] })) !== null
}
