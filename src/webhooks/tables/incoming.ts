import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/**
 * A sender of inbound webhooks. `token_hash` is the hash of the token in the source's URL, or NULL once the source has
 * been deleted; `secrets` is one sealed box with the token and the signing secrets. `options`, `template` and `fields`
 * are JSON. The row of a deleted source is kept, so that its log stays readable. `quota_bytes` is roughly how many
 * bytes the source has stored on the day `quota_day` (days since 1970, UTC).
 */
export const sources = sqliteTable(
  'sources',
  {
    id: text('id').primaryKey(),
    status: text('status').$type<'active' | 'paused' | 'deleted'>().notNull(),
    provider: text('provider').notNull(),
    name: text('name').notNull(),
    act: text('act').$type<'keep' | 'publish' | 'sign'>().notNull(),
    strict: integer('strict').notNull().default(0),
    retention_days: integer('retention_days').notNull(),
    body_retention_days: integer('body_retention_days'),
    /** The last message whose body has been removed. The next page starts after that message. */
    bodies_removed_to: text('bodies_removed_to').notNull().default(''),
    created_at: integer('created_at').notNull(),
    updated_at: integer('updated_at').notNull(),
    token_hash: text('token_hash'),
    secrets: text('secrets').notNull(),
    options: text('options').notNull().default('{}'),
    fields: text('fields').notNull().default('[]'),
    template: text('template'),
    daily_quota_mb: integer('daily_quota_mb').notNull().default(50),
    quota_day: integer('quota_day').notNull().default(0),
    quota_bytes: integer('quota_bytes').notNull().default(0),
  },
  (t) => [
    index('sources_token').on(t.token_hash).where(sql`token_hash is not null`),
    index('sources_present').on(t.id).where(sql`status <> 'deleted'`),
    index('sources_deleted').on(t.id).where(sql`status = 'deleted'`),
    index('sources_sealed').on(sql`substr(secrets, 1, 8)`).where(sql`secrets <> ''`),
    check('sources_status', sql`${t.status} in ('active', 'paused', 'deleted')`),
    check('sources_act', sql`${t.act} in ('keep', 'publish', 'sign')`),
    check('sources_options_json', sql`json_valid(${t.options})`),
  ]
)

/**
 * One request that a source has received, without its body. `dedupe_key` is the same for a repeat: the provider's
 * delivery id, or a hash of the request; NULL for a handshake. `fingerprint` covers the body and its signature: a
 * request repeats a refused message only if both are the same. `next_attempt_at` is when the sweep will process a new
 * message; NULL while the source is paused, and once the message has been processed. `rev` changes with the state, so
 * that two consumers cannot both finish a message. `step` is how much of the retry schedule our own errors have used
 * up. `sample_key` is set only for a sample: the sealed key that verifies the sample, or empty if the source's secret
 * verifies it. `token_mark` identifies which of the source's URLs received the request. `copy_of` is an earlier message
 * with the same body and signature but another delivery id.
 */
export const inboundMessages = sqliteTable(
  'inbound_messages',
  {
    id: text('id').primaryKey(),
    source_id: text('source_id').notNull(),
    status: text('status').$type<'new' | 'processed' | 'failed'>().notNull(),
    reason: text('reason'),
    verified: integer('verified'),
    event_type: text('event_type'),
    external_id: text('external_id'),
    dedupe_key: text('dedupe_key'),
    repeats: integer('repeats').notNull().default(0),
    method: text('method').notNull(),
    size: integer('size').notNull(),
    received_at: integer('received_at').notNull(),
    processed_at: integer('processed_at'),
    next_attempt_at: integer('next_attempt_at'),
    rev: integer('rev').notNull().default(0),
    step: integer('step').notNull().default(0),
    message_id: text('message_id'),
    comment_id: text('comment_id'),
    fingerprint: text('fingerprint').notNull(),
    sample_key: text('sample_key'),
    origin: text('origin').notNull(),
    query: text('query').notNull(),
    fields: text('fields').notNull().default('{}'),
    body_prefix: text('body_prefix'),
    log: text('log').notNull().default('[]'),
    headers: text('headers').notNull(),
    token_mark: text('token_mark').notNull().default(''),
    copy_of: text('copy_of'),
  },
  (t) => [
    index('inbound_of_source').on(t.source_id, t.id),
    index('inbound_repeats').on(t.source_id, t.dedupe_key).where(sql`dedupe_key is not null`),
    index('inbound_fingerprints').on(t.source_id, t.fingerprint),
    index('inbound_due').on(t.next_attempt_at).where(sql`next_attempt_at is not null`),
    index('inbound_parked').on(t.source_id, t.id).where(sql`status = 'new' and next_attempt_at is null`),
    index('inbound_all_failed').on(t.id).where(sql`status = 'failed'`),
    index('inbound_failed').on(t.source_id, t.id).where(sql`status = 'failed'`),
    check('inbound_status', sql`${t.status} in ('new', 'processed', 'failed')`),
  ]
)

/** The body of an inbound message, in pieces: text if it is UTF-8 without control characters, otherwise base64. */
export const inboundChunks = sqliteTable(
  'inbound_chunks',
  {
    message_id: text('message_id').notNull(),
    number: integer('number').notNull(),
    encoding: text('encoding').$type<'utf8' | 'base64'>().notNull(),
    content: text('content').notNull(),
  },
  (t) => [primaryKey({ columns: [t.message_id, t.number] })]
)
