import type { Publishing } from '../../kit/context'
import { log } from '../../log'
import { type Message, newMessage, wakeInserted } from '../../webhooks/send/publish/publish'
import type { Book } from '../books/book'
import { loadAnyBooks } from '../books/cache'
import type { CommentText } from '../rules/entries/entry-content'
import { effectOf } from '../rules/entries/statuses'
import { type CommentOut, commentEvent, toComment } from '../schemas'
import type { CommentRow } from '../store'

/* The events that report changes of entries. */

/** A change of an entry. */
export interface ChangedEntry {
  before: CommentRow
  after: CommentRow
  /** Whether anyone but the owner makes the change. If the entry waits, the owner has to look at it again. */
  isByStranger?: boolean
  /** How long its events wait for a further change, in milliseconds. */
  wait_ms?: number
}

export type Event = Message & { book: string; comment_id: string; wait_ms?: number | undefined }

export async function planEvents({ env, now, linkOrigin }: Publishing, pairs: ChangedEntry[]): Promise<Event[]> {
  const origin = linkOrigin()
  // A deleted book can be restored. Receivers must not keep what was taken away from it in the meantime.
  const anyOf = await loadAnyBooks(
    env,
    pairs.map(({ after }) => after.book),
    now
  )
  return pairs
    .flatMap((pair) => eventsOf(pair, anyOf(pair.after.book)?.book ?? null, origin, now))
    .filter((event) => event !== null)
}

/** That an entry appears or disappears is reported at once. What it says, or that it waits, can be reported later. */
function eventsOf(pair: ChangedEntry, book: Book | null, origin: string, now: number): (Event | null)[] {
  const { before, after, wait_ms } = pair
  const type = eventFor(before, after)
  // A removal reports the entry that was on the page. An edit made in the same request was never public.
  const reported = type === 'comment.removed' ? { ...before, status: after.status } : after
  const wait = type === 'comment.updated' ? wait_ms : undefined
  return [
    type === null ? null : planEvent(type, toComment(reported, origin), book, now, wait),
    isHeldAgain(pair) ? planEvent('comment.held', toComment(after, origin), book, now, wait_ms) : null,
  ]
}

/** @returns null if no event is due, or if there is no such book */
export function planEvent(
  type: string,
  comment: CommentOut,
  book: Book | null,
  now: number,
  wait_ms?: number
): Event | null {
  const data = book && commentEvent(type, comment, book)
  return data && { ...newMessage(type, data, comment.book, now), comment_id: comment.id, wait_ms }
}

/**
 * Events describe the public page, so a comment that is not on it before or after the change causes none. An entry that
 * waits has an event of its own: see `isHeldAgain`.
 */
export function eventFor(before: CommentRow, after: CommentRow): string | null {
  const { event } = effectOf(before.status, after.status)
  const isSame = saysTheSame(before, after) && before.reply === after.reply
  return event === 'comment.updated' && isSame ? null : event
}

/**
 * Whether a change publishes or edits something, which its book must allow: a deleted book allows it only after it was
 * restored. Other changes only take something away.
 */
export function needsBook({ before, after }: Pick<ChangedEntry, 'before' | 'after'>): boolean {
  const isPublished = after.status === 'published' && before.status !== 'published'
  return isPublished || !saysTheSame(before, after) || before.reply !== after.reply
}

function isHeldAgain({ before, after, isByStranger = false }: ChangedEntry): boolean {
  return isByStranger && after.status === 'held' && !saysTheSame(before, after)
}

/** What an entry says. */
export type Says = CommentText & Pick<CommentRow, 'answers' | 'extra' | 'pre' | 'drawing'>

const SAYS = ['name', 'body', 'website', 'answers', 'extra', 'pre', 'drawing'] as const satisfies (keyof Says)[]

export const saysTheSame = (one: Says, other: Says): boolean => SAYS.every((column) => one[column] === other[column])

/** @param inserted the messages that were inserted */
export async function announce(env: Env, events: Event[], inserted: { id: string; dispatched_at: number | null }[]) {
  await wakeInserted(env, events, inserted)
  const ids = new Set(inserted.map(({ id }) => id))
  for (const { id, type } of events) {
    if (ids.has(id)) log('comment.moderated', { message_id: id, event_type: type })
  }
}
