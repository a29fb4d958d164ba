import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { ENTRY_STATUSES, type EntryStatus } from './rules/entries/statuses'

/**
 * One guestbook. `comment_count` numbers its comments, so it never decreases, even when a comment is removed.
 * `published_count` is how many comments are on its page. `version` changes with everything that its page shows.
 * `quota_bytes` is how many bytes strangers have stored on the day `quota_day` (days since 1970, UTC), and `shares` a
 * JSON object of how many of them came from each network: see books/quota. A book that was deleted at `deleted_at` can
 * be restored for a day. `spam` is a JSON object about the last day with spam or webmentions: the `day`, the `total`,
 * the `bytes` and the number of those that were `kept`, a count for each of the `reasons`, and the number of
 * `mentions`. `sent_forms` is a JSON object with the forms that were sent lately, and the id of the entry that each has
 * created.
 */
export const books = sqliteTable(
  'books',
  {
    slug: text('slug').primaryKey(),
    title: text('title').notNull(),
    settings: text('settings').notNull().default('{}'),
    comment_count: integer('comment_count').notNull().default(0),
    created_at: integer('created_at').notNull(),
    quota_day: integer('quota_day').notNull().default(0),
    quota_bytes: integer('quota_bytes').notNull().default(0),
    published_count: integer('published_count').notNull().default(0),
    version: integer('version').notNull().default(0),
    deleted_at: integer('deleted_at'),
    spam: text('spam').notNull().default('{}'),
    shares: text('shares').notNull().default('{}'),
    sent_forms: text('sent_forms').notNull().default('{}'),
  },
  (t) => [check('books_settings_json', sql`json_valid(${t.settings})`)]
)

/**
 * An entry by a guest. `message_ids` is a JSON list of the messages that contain its text. They are erased when the
 * entry is deleted. `inbound_id` is the inbound message that created the entry. `author_key` is a hash of the guest's
 * network, for bans: see kit/http/visitor.ts. No IP address is stored. `answers` are the answers to the owner's
 * questions, as a JSON list of `{question, answer}`. A private entry is only for the owner, and is never published.
 * `extra` is a JSON object with what few entries have: see `Extra` in guestbook/store.ts. `approved_at` is when the
 * owner published an entry that waited, or NULL. `known_by` is the approved entry that showed that its guest was known:
 * see guestbook/signing/known-guest.ts. `pre` says that the text is a drawing of characters, which keeps every space and
 * line break. `drawing` is for what a guest draws.
 */
export const comments = sqliteTable(
  'comments',
  {
    id: text('id').primaryKey(),
    book: text('book').notNull(),
    number: integer('number').notNull(),
    status: text('status').$type<EntryStatus>().notNull(),
    reason: text('reason'),
    created_at: integer('created_at').notNull(),
    edited_at: integer('edited_at'),
    author_key: text('author_key'),
    country: text('country'),
    name: text('name').notNull(),
    website: text('website'),
    body: text('body').notNull(),
    inbound_id: text('inbound_id'),
    message_ids: text('message_ids').notNull().default('[]'),
    is_private: integer('is_private').notNull().default(0),
    answers: text('answers').notNull().default('[]'),
    reply: text('reply'),
    replied_at: integer('replied_at'),
    edited_by: text('edited_by').$type<'guest' | 'owner'>(),
    extra: text('extra').notNull().default('{}'),
    approved_at: integer('approved_at'),
    known_by: text('known_by'),
    pre: integer('pre').notNull().default(0),
    drawing: text('drawing'),
  },
  (t) => [
    index('comments_of_book').on(t.book, t.status, t.id),
    check('comments_status', sql`${t.status} in (${sql.raw(ENTRY_STATUSES.map((one) => `'${one}'`).join(', '))})`),
  ]
)

/**
 * A claim that a page of another site (`source`) links to a page of ours (`target`). `comment_id` is the entry that
 * shows the mention, or NULL. If that entry no longer exists, the mention was rejected: it does not come back for a
 * year. `due_at` is when the source will be fetched, or NULL. `fetched_at` is when it was last fetched; it also
 * identifies the consumer that may settle the row. `reason` is why the last check failed. No text of the source is
 * stored here.
 */
export const webmentions = sqliteTable(
  'webmentions',
  {
    source: text('source').notNull(),
    target: text('target').notNull(),
    book: text('book').notNull(),
    comment_id: text('comment_id'),
    received_at: integer('received_at').notNull(),
    fetched_at: integer('fetched_at'),
    due_at: integer('due_at'),
    attempts: integer('attempts').notNull().default(0),
    reason: text('reason'),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.target] }),
    index('webmentions_due').on(t.due_at).where(sql`due_at is not null`),
    index('webmentions_failed').on(t.fetched_at).where(sql`due_at is null and comment_id is null`),
  ]
)
