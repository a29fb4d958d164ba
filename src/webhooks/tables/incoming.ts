import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { textsInSql } from '../../kit/lib/states'
import { INBOUND_STATUSES, type InboundStatus } from '../rules/receiving/inbound-state'

/**
 * A sender of inbound webhooks. `token_hash` is the hash of the token in the source's URL, or NULL once the source has
 * been deleted; `secrets` is one sealed box with the token and the signing secrets. `options`, `template` and `fields`
 * are JSON. The row of a deleted source is kept, so that its log stays readable. `quota_bytes` is roughly how many
 * bytes the source has stored on the day `quota_day` (days since 1970, UTC).
 */
export const sources = sqliteTable(
  'sources',
  {
    id: text().primaryKey(),
    status: text().notNull().$type<'active' | 'paused' | 'deleted'>(),
    provider: text().notNull(),
    name: text().notNull(),
    act: text().notNull().$type<'keep' | 'publish' | 'sign'>(),
    strict: integer().notNull().default(0),
    retention_days: integer().notNull(),
    body_retention_days: integer(),
    /** The last message whose body has been removed. The next page starts after that message. */
    bodies_removed_to: text().notNull().default(''),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    token_hash: text(),
    secrets: text().notNull(),
    options: text().notNull().default('{}'),
    fields: text().notNull().default('[]'),
    template: text(),
    daily_quota_mb: integer().notNull().default(50),
    quota_day: integer().notNull().default(0),
    quota_bytes: integer().notNull().default(0),
    note: text().notNull().default(''),
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

/** @param m the prefix for the columns @returns SQL for the status of a message, or for `acted` once it has acted */
export const statusOrActed = (m: string): string =>
  `case when ${m}message_id is null and ${m}comment_id is null then ${m}status else 'acted' end`

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
    id: text().primaryKey(),
    source_id: text().notNull(),
    status: text().notNull().$type<InboundStatus>(),
    reason: text(),
    verified: integer(),
    event_type: text(),
    external_id: text(),
    dedupe_key: text(),
    repeats: integer().notNull().default(0),
    method: text().notNull(),
    size: integer().notNull(),
    received_at: integer().notNull(),
    processed_at: integer(),
    next_attempt_at: integer(),
    rev: integer().notNull().default(0),
    step: integer().notNull().default(0),
    message_id: text(),
    comment_id: text(),
    fingerprint: text().notNull(),
    sample_key: text(),
    origin: text().notNull(),
    query: text().notNull(),
    fields: text().notNull().default('{}'),
    body_prefix: text(),
    log: text().notNull().default('[]'),
    headers: text().notNull(),
    token_mark: text().notNull().default(''),
    copy_of: text(),
  },
  (t) => [
    index('inbound_of_source').on(t.source_id, t.id),
    index('inbound_repeats')
      .on(t.source_id, t.dedupe_key, sql.raw(statusOrActed('')), t.fingerprint)
      .where(sql`dedupe_key is not null`),
    index('inbound_fingerprints').on(t.source_id, t.fingerprint),
    index('inbound_due').on(t.next_attempt_at).where(sql`next_attempt_at is not null`),
    index('inbound_parked').on(t.source_id, t.id).where(sql`status = 'new' and next_attempt_at is null`),
    index('inbound_all_failed').on(t.id).where(sql`status = 'failed'`),
    index('inbound_failed').on(t.source_id, t.id).where(sql`status = 'failed'`),
    check('inbound_status', sql`${t.status} in (${sql.raw(textsInSql(INBOUND_STATUSES))})`),
  ]
)

/** The body of an inbound message, in pieces: text if it is UTF-8 without control characters, otherwise base64. */
export const inboundChunks = sqliteTable(
  'inbound_chunks',
  {
    message_id: text().notNull(),
    number: integer().notNull(),
    encoding: text().notNull().$type<'utf8' | 'base64'>(),
    content: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.message_id, t.number] })]
)
