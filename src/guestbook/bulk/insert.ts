import { portable } from '../../kit/db/portable'
import { columnsOf, columnsWithout, type RowOf } from '../../kit/db/rows'
import { type Bound, statement } from '../../kit/db/statements'
import { insertingMessages, newMessage } from '../../webhooks/send/publish/publish'
import type { Book } from '../books/book'
import { COUNT_IMPORTED } from '../books/store'
import { commentEvent, toComment } from '../schemas'
import { comments } from '../tables'

/* Inserts entries from an import or a backup. Nobody signs them here, so no rule applies: see signing/doors.ts. */

const KEPT = columnsWithout(comments, 'author_key', 'approved_at', 'known_by')

/** An entry with everything that is kept of it. `number` is null for the next number of its book. */
export type BulkEntry = Omit<RowOf<typeof KEPT>, 'number'> & { number: number | null }

/** The columns of an entry from elsewhere that nobody has changed here. */
export const BARE = { edited_at: null, edited_by: null, country: null, inbound_id: null, message_ids: '[]' }

/** Entries that exist are left as they are. */
const INSERT = KEPT.insertEach<BulkEntry, { entries: string }>(
  'entries',
  { number: `coalesce(j.value ->> 'number', b.comment_count + 1 + j.key)` },
  `
  cross join books b on b.slug = j.value ->> 'book'
  where true
  on conflict (id) do nothing`
)

/** @returns the statement that inserts entries with their numbers */
export function insertEntries(env: Env, entries: BulkEntry[]): Bound<never> {
  return INSERT(env, { entries: JSON.stringify(entries) })
}

/**
 * What identifies a guest is not moved: neither the network nor who is known. A restore sets `approved_at` only for
 * spam, to the time of the restore.
 */
export const PORTABLE_ENTRIES = portable(
  comments,
  [
    'id',
    'book',
    'number',
    'status',
    'reason',
    'created_at',
    'edited_at',
    'edited_by',
    'name',
    'website',
    'body',
    'answers',
    'is_private',
    'country',
    'reply',
    'replied_at',
    'inbound_id',
    'extra',
    'pre',
    'drawing',
  ],
  { hidden: ['approved_at'] }
)

/** A reply by the owner to an entry that has none yet. */
export type BulkReply = { id: string; reply: string; replied_at: number }

/** @param replies a JSON list of `BulkReply` */
const SET_REPLIES = statement<{ replies: string }>(`
  update comments
  set ${columnsOf(comments, 'reply', 'replied_at').assigned()}
  from json_each(:replies) j
  where comments.id = j.value ->> 'id' and comments.reply is null`)

const INSERT_EVENTS = insertingMessages('true')

/**
 * Plans the entries of one step of an import. @param origin of the guestbook, or null to publish no events
 * @returns statements to run in one batch, in this order. If there are events, the last statement inserts them
 */
export function planImported(
  env: Env,
  book: Book,
  { entries, replies }: { entries: BulkEntry[]; replies: BulkReply[] },
  origin: string | null,
  now: number
) {
  const published = entries.filter(({ status }) => status === 'published')
  const messages = origin === null ? [] : published.flatMap((entry) => announcing(entry, book, origin, now) ?? [])
  const changes = entries.length + replies.length
  const count = { book: book.slug, entries: entries.length, published: published.length }
  const statements: Bound<never>[] = [
    ...(entries.length > 0 ? [insertEntries(env, entries)] : []),
    ...(replies.length > 0 ? [SET_REPLIES(env, { replies: JSON.stringify(replies) })] : []),
    ...(changes > 0 ? [COUNT_IMPORTED(env, count)] : []),
  ]
  const inserting = messages.length > 0 ? [INSERT_EVENTS(env, { messages: JSON.stringify(messages) })] : []
  return { messages, statements: [...statements, ...inserting] }
}

/** Plans the event about an entry, and notes it in the entry. */
function announcing(entry: BulkEntry, book: Book, origin: string, now: number) {
  const type = 'comment.published'
  const data = commentEvent(type, toComment(entry, origin), book)
  if (!data) return null
  const message = newMessage(type, data, book.slug, now)
  entry.message_ids = JSON.stringify([message.id])
  return message
}
