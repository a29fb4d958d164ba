import type { Act, Place } from '../../../kit/lib/states'

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
 * What each act makes of an entry. An entry that its guest wrote only for the owner never becomes `published` or `held`:
 * see `canHave`. What a change reports and counts is in `effectOf`.
 */
export const ENTRY_ACTS = {
  signed: { by: 'a guest, a source, a mention', to: { none: ['published', 'held', 'hidden', 'spam'] } },
  imported: { by: 'the owner', to: { none: ['published', 'held', 'hidden', 'spam'] } },
  approved: { by: 'the owner', to: { held: 'published', hidden: 'published', spam: 'published' } },
  held: { by: 'the owner', to: { published: 'held', hidden: 'held', spam: 'held' } },
  hidden: { by: 'the owner', to: { published: 'hidden', held: 'hidden', spam: 'hidden' } },
  marked: { by: 'the owner', to: { published: 'spam', held: 'spam', hidden: 'spam' } },
  undone: {
    by: 'the owner',
    to: {
      published: ['held', 'hidden', 'spam'],
      held: ['published', 'hidden', 'spam'],
      hidden: ['published', 'held', 'spam'],
      spam: ['published', 'held', 'hidden'],
    },
  },
  // A private entry becomes hidden if an earlier version had published it, or let it wait.
  edited: {
    by: 'its guest',
    to: {
      published: ['published', 'held', 'hidden', 'spam'],
      held: ['held', 'hidden', 'spam'],
      hidden: ['hidden', 'spam'],
      spam: 'spam',
    },
    also: '`comment.held`, if it waits',
  },
  corrected: {
    by: 'the owner',
    to: { published: 'published', held: 'held', hidden: 'hidden', spam: 'spam' },
  },
  deleted: {
    by: 'the owner, its guest',
    to: { published: 'none', held: 'none', hidden: 'none', spam: 'none' },
  },
  expired: { by: 'retention', to: { spam: 'none' } },
  removed: {
    by: 'retention, with its book',
    to: { published: 'none', held: 'none', hidden: 'none', spam: 'none' },
  },
} as const satisfies Record<string, Act<EntryStatus>>

/** What a change means for the page: the event about it, and by how much the number of published entries changes. */
interface Effect {
  event: 'comment.published' | 'comment.held' | 'comment.updated' | 'comment.removed' | null
  count: -1 | 0 | 1
}

/** Events describe the page, so they do not depend on the act, or on who acts. */
export const EFFECTS = {
  appears: { event: 'comment.published', count: 1 },
  changes: { event: 'comment.updated', count: 0 },
  disappears: { event: 'comment.removed', count: -1 },
  waits: { event: 'comment.held', count: 0 },
  nothing: { event: null, count: 0 },
} as const satisfies Record<string, Effect>

/** @returns what a change does. A published entry that stays published has changed only if it says something else */
export function effectOf(before: Place<EntryStatus>, after: Place<EntryStatus>): Effect {
  if (before !== 'published' && after === 'published') return EFFECTS.appears
  if (before === 'published') return after === 'published' ? EFFECTS.changes : EFFECTS.disappears
  return before === 'none' && after === 'held' ? EFFECTS.waits : EFFECTS.nothing
}

/** Whether an entry can get a status. A private one is for the owner alone: it need not wait, and is never published. */
export function canHave({ is_private }: { is_private: boolean | number }, status: EntryStatus): boolean {
  return !is_private || status === 'hidden' || status === 'spam'
}

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
