/**
 * The statuses of an entry. They decide who sees it:
 * - `published`: everybody. It is on pages, in feeds and in lists, and endpoints receive events about it.
 * - `held`: the owner, until they decide, and endpoints that want `comment.held`.
 * - `hidden`: the owner, who took it off the page, or for whom alone the guest wrote it (`is_private`).
 * - `spam`: the owner, in a list of its own, for 30 days.
 */
export const ENTRY_STATUSES = ['published', 'held', 'hidden', 'spam'] as const
export type EntryStatus = (typeof ENTRY_STATUSES)[number]

/**
 * What the guest who wrote an entry learns. Spam looks like an entry that waits, or like another private one, so that
 * bots learn nothing. That is also true for a person who was mistaken for a bot: the owner can approve the entry.
 */
export function statusForAuthor(entry: { status: EntryStatus; is_private: boolean | number }) {
  if (entry.status !== 'spam') return entry.status
  return entry.is_private ? 'hidden' : 'held'
}

/** @returns an entry as its author may see it: with its status for the author, and no reply before it is published */
export function forAuthor<E extends { status: EntryStatus; is_private: boolean | number; reply: unknown }>(entry: E) {
  const status = statusForAuthor(entry)
  return { ...entry, status, reply: status === 'published' ? entry.reply : null }
}

/** @returns the `approved_at` of an entry that gets a status now. Spam is kept for 30 days from this time on */
export function approvedAt(status: EntryStatus, now: number): number | null {
  return status === 'published' || status === 'spam' ? now : null
}
