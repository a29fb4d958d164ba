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
 * created. `wall_version` is the version to which the table `buttons` was adapted, or 0 if the book has no wall.
 */
export const books = sqliteTable(
  'books',
  {
    slug: text().primaryKey(),
    title: text().notNull(),
    settings: text().notNull().default('{}'),
    comment_count: integer().notNull().default(0),
    created_at: integer().notNull(),
    quota_day: integer().notNull().default(0),
    quota_bytes: integer().notNull().default(0),
    published_count: integer().notNull().default(0),
    version: integer().notNull().default(0),
    deleted_at: integer(),
    spam: text().notNull().default('{}'),
    shares: text().notNull().default('{}'),
    sent_forms: text().notNull().default('{}'),
    wall_version: integer().notNull().default(0),
  },
  (t) => [check('books_settings_json', sql`json_valid(${t.settings})`)]
)

/**
 * An entry by a guest. `message_ids` is a JSON list of the messages that contain its text. They are erased when the
 * entry is deleted. `inbound_id` is the inbound message that created the entry. `author_key` is a hash of the guest's
 * network, for bans: see kit/http/visitor.ts. No IP address is stored. `answers` are the answers to the owner's
 * questions, as a JSON list of `{question, answer}`. A private entry is only for the owner, and is never published.
 * `extra` is a JSON object with what few entries have: see `Extra` in guestbook/store.ts. `approved_at` is when the
 * owner published an entry that waited, or when an entry became spam, or NULL. `known_by` is the approved entry that
 * showed that its guest was known: see guestbook/signing/known-guest.ts. `pre` says that the text is a drawing of
 * characters, which keeps every space and line break. `drawing` is for what a guest draws.
 */
export const comments = sqliteTable(
  'comments',
  {
    id: text().primaryKey(),
    book: text().notNull(),
    number: integer().notNull(),
    status: text().notNull().$type<EntryStatus>(),
    reason: text(),
    created_at: integer().notNull(),
    edited_at: integer(),
    author_key: text(),
    country: text(),
    name: text().notNull(),
    website: text(),
    body: text().notNull(),
    inbound_id: text(),
    message_ids: text().notNull().default('[]'),
    is_private: integer().notNull().default(0),
    answers: text().notNull().default('[]'),
    reply: text(),
    replied_at: integer(),
    edited_by: text().$type<'guest' | 'owner'>(),
    extra: text().notNull().default('{}'),
    approved_at: integer(),
    known_by: text(),
    pre: integer().notNull().default(0),
    drawing: text(),
  },
  (t) => [
    index('comments_of_book').on(t.book, t.status, t.id),
    check('comments_status', sql`${t.status} in (${sql.raw(ENTRY_STATUSES.map((one) => `'${one}'`).join(', '))})`),
  ]
)

/** The file of a picture, in base64. The settings of its book say where it is shown: see rules/looks/picture.ts. */
export const pictures = sqliteTable(
  'pictures',
  { book: text().notNull(), id: text().notNull(), content: text().notNull() },
  (t) => [primaryKey({ columns: [t.book, t.id] })]
)

/**
 * The button of a guest's site, for the wall of a book. `comment_id` is the latest published entry whose website has this
 * `host`. `url` is where the button is expected. `due_at` is when it will be fetched next, or NULL. `reason` is why the
 * last attempt failed. `content` is the file in base64, and `hash` identifies it, once it was fetched.
 */
export const buttons = sqliteTable(
  'buttons',
  {
    book: text().notNull(),
    host: text().notNull(),
    comment_id: text().notNull(),
    url: text().notNull(),
    due_at: integer(),
    attempts: integer().notNull().default(0),
    reason: text(),
    hash: text(),
    content: text(),
  },
  (t) => [
    primaryKey({ columns: [t.book, t.host] }),
    index('buttons_shown').on(t.book, t.comment_id).where(sql`hash is not null`),
    index('buttons_due').on(t.due_at).where(sql`due_at is not null`),
  ]
)

/**
 * A claim that a page of another site (`source`) links to a page of ours (`target`). `comment_id` is the entry that
 * shows the mention, or NULL. If that entry no longer exists, the mention was rejected: it does not come back for a
 * year. `due_at` is when the source will be fetched, or NULL. `fetched_at` is when it was last fetched; it also
 * identifies the consumer that may settle the row. `reason` is why the last check failed. No source text is stored.
 */
export const webmentions = sqliteTable(
  'webmentions',
  {
    source: text().notNull(),
    target: text().notNull(),
    book: text().notNull(),
    comment_id: text(),
    received_at: integer().notNull(),
    fetched_at: integer(),
    due_at: integer(),
    attempts: integer().notNull().default(0),
    reason: text(),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.target] }),
    index('webmentions_due').on(t.due_at).where(sql`due_at is not null`),
    index('webmentions_failed').on(t.fetched_at).where(sql`due_at is null and comment_id is null`),
  ]
)
