import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Format } from '../core/events/formats'

/*
 * Every row written is billed, and an index entry is a row. So: tables looked up by key are
 * WITHOUT ROWID (added by hand to the generated migration, the kit cannot say it), indexes are
 * partial and hold only what waits, and nothing is stored that can be derived. Long columns come
 * last, so that reading the short ones does not touch their overflow pages.
 * Times are epoch milliseconds, always a bound parameter.
 */

/** One guestbook. `comment_count` numbers its comments: it only grows, also when one is removed. */
export const books = sqliteTable(
  'books',
  {
    slug: text('slug').primaryKey(),
    title: text('title').notNull(),
    settings: text('settings').notNull().default('{}'),
    comment_count: integer('comment_count').notNull().default(0),
    created_at: integer('created_at').notNull(),
  },
  (t) => [check('books_settings_json', sql`json_valid(${t.settings})`)]
)

/** What a guest left. `author_key` is an HMAC under a key that rotates daily: no address is stored. */
export const comments = sqliteTable(
  'comments',
  {
    id: text('id').primaryKey(),
    book: text('book').notNull(),
    number: integer('number').notNull(),
    status: text('status').$type<'published' | 'held' | 'hidden' | 'spam'>().notNull(),
    reason: text('reason'),
    created_at: integer('created_at').notNull(),
    edited_at: integer('edited_at'),
    author_key: text('author_key'),
    country: text('country'),
    name: text('name').notNull(),
    website: text('website'),
    body: text('body').notNull(),
  },
  (t) => [
    index('comments_published').on(t.book, t.id).where(sql`status = 'published'`),
    index('comments_held').on(t.book, t.id).where(sql`status = 'held'`),
    check('comments_status', sql`${t.status} in ('published', 'held', 'hidden', 'spam')`),
  ]
)

/**
 * One event that happened. `cursor` is the last endpoint that dispatch has looked at;
 * `dispatched_at` says that there are no more; until then, `wake_at` is when the sweep wakes it again. `payload` holds the exact bytes that are signed and sent.
 * `about` is the one endpoint that never gets it, `audience` the only one that does: a test.
 */
export const messages = sqliteTable(
  'messages',
  {
    id: text('id').primaryKey(),
    type: text('type').notNull(),
    created_at: integer('created_at').notNull(),
    cursor: text('cursor').notNull().default(''),
    dispatched_at: integer('dispatched_at'),
    wake_at: integer('wake_at').notNull().default(0),
    payload: text('payload').notNull(),
    book: text('book'),
    about: text('about'),
    audience: text('audience'),
  },
  () => [index('messages_waking').on(sql`wake_at`).where(sql`dispatched_at is null`)]
)

/**
 * A receiver. `secrets` is one sealed box holding the signing secret and, while it rotates, the previous one.
 * Health is written only when it changes, and only over the `health_rev` that it was computed from. `resume_at`: when something is to be done about what is
 * parked (core/breaker.ts). `books`: slugs, NULL for all. `headers`: as they are shown, the values being in the box. `manage_token_hash`: of
 * the link of an integrator who registered it alone; NULL for one of the owner's. `rate_limit`: deliveries a minute of what was parked. A deleted endpoint keeps its row, emptied, so that its log stays readable.
 */
export const endpoints = sqliteTable(
  'endpoints',
  {
    id: text('id').primaryKey(),
    status: text('status').$type<'enabled' | 'disabled' | 'deleted'>().notNull(),
    disabled_reason: text('disabled_reason'),
    url: text('url').notNull(),
    description: text('description').notNull().default(''),
    event_types: text('event_types').notNull(),
    created_at: integer('created_at').notNull(),
    updated_at: integer('updated_at').notNull(),
    failing_since: integer('failing_since'),
    consecutive_failures: integer('consecutive_failures').notNull().default(0),
    slow_until: integer('slow_until'),
    resume_at: integer('resume_at'),
    probes: integer('probes').notNull().default(0),
    secrets: text('secrets').notNull(),
    breaker: text('breaker')
      .$type<'closed' | 'open' | 'probing' | 'held' | 'draining'>()
      .notNull()
      .default('closed'),
    last_failure_at: integer('last_failure_at'),
    warnings: integer('warnings').notNull().default(0),
    health_rev: text('health_rev').notNull().default(''),
    disabled_at: integer('disabled_at'),
    rate_limit: integer('rate_limit').notNull().default(300),
    books: text('books'),
    format: text('format').$type<Format>().notNull().default('standard'),
    legacy_signature: text('legacy_signature').$type<'hub'>(),
    headers: text('headers'),
    pull_token_hash: text('pull_token_hash'),
    manage_token_hash: text('manage_token_hash'),
  },
  (t) => [
    index('endpoints_present').on(t.id).where(sql`status <> 'deleted'`),
    index('endpoints_enabled').on(t.id).where(sql`status = 'enabled'`),
    // Where a box begins says which SECRETS_KEY it opens with: see core/secret-box.ts.
    index('endpoints_sealed').on(sql`substr(secrets, 1, 8)`).where(sql`secrets <> ''`),
    index('endpoints_managed').on(t.manage_token_hash).where(sql`manage_token_hash is not null`),
    index('endpoints_resuming').on(t.resume_at).where(sql`resume_at is not null`),
    check('endpoints_status', sql`${t.status} in ('enabled', 'disabled', 'deleted')`),
    check('endpoints_event_types_json', sql`json_valid(${t.event_types})`),
  ]
)

/**
 * message x endpoint, until delivered or given up. `next_attempt_at` doubles as the lease: while an attempt is
 * under way it holds the time after which the sweep may call it lost; NULL is parked (pending) or settled.
 * `step` is how much of the retry schedule is used up; `attempt_count` is how many requests were made.
 */
export const deliveries = sqliteTable(
  'deliveries',
  {
    endpoint_id: text('endpoint_id').notNull(),
    message_id: text('message_id').notNull(),
    status: text('status').$type<'pending' | 'delivered' | 'failed' | 'canceled'>().notNull(),
    reason: text('reason'),
    trigger: text('trigger').$type<'auto' | 'manual' | 'test'>().notNull().default('auto'),
    attempt_count: integer('attempt_count').notNull().default(0),
    step: integer('step').notNull().default(0),
    next_attempt_at: integer('next_attempt_at'),
    last_status_code: integer('last_status_code'),
    settled_at: integer('settled_at'),
  },
  (t) => [
    primaryKey({ columns: [t.endpoint_id, t.message_id] }),
    index('deliveries_due').on(t.next_attempt_at).where(sql`next_attempt_at is not null`),
    index('deliveries_parked')
      .on(t.endpoint_id, t.message_id)
      .where(sql`status = 'pending' and next_attempt_at is null`),
    index('deliveries_failed').on(t.endpoint_id, t.message_id).where(sql`status = 'failed'`),
    check('deliveries_status', sql`${t.status} in ('pending', 'delivered', 'failed', 'canceled')`),
  ]
)

/** One HTTP request of a delivery, and what came of it. */
export const attempts = sqliteTable(
  'attempts',
  {
    endpoint_id: text('endpoint_id').notNull(),
    message_id: text('message_id').notNull(),
    number: integer('number').notNull(),
    trigger: text('trigger').$type<'auto' | 'manual' | 'test'>().notNull(),
    started_at: integer('started_at').notNull(),
    duration_ms: integer('duration_ms').notNull(),
    outcome: text('outcome')
      .$type<'delivered' | 'refused' | 'timed_out' | 'unreachable' | 'blocked'>()
      .notNull(),
    status_code: integer('status_code'),
    error_class: text('error_class'),
    response_excerpt: text('response_excerpt'),
  },
  (t) => [primaryKey({ columns: [t.endpoint_id, t.message_id, t.number] })]
)

/**
 * Work that takes longer than a request: a replay. `cursor` is the last message looked at; `run_at` is when the next page is due, NULL when it is over.
 */
export const jobs = sqliteTable(
  'jobs',
  {
    id: text('id').primaryKey(),
    kind: text('kind').$type<'replay'>().notNull(),
    state: text('state').$type<'running' | 'done' | 'canceled'>().notNull(),
    endpoint_id: text('endpoint_id').notNull(),
    only: text('only').$type<'failed' | 'missing' | 'all'>().notNull(),
    since: integer('since').notNull(),
    until: integer('until').notNull(),
    event_types: text('event_types'),
    counted: integer('counted').notNull(),
    counted_all: integer('counted_all').notNull(),
    done: integer('done').notNull().default(0),
    cursor: text('cursor').notNull(),
    created_at: integer('created_at').notNull(),
    finished_at: integer('finished_at'),
    run_at: integer('run_at'),
  },
  (t) => [index('jobs_running').on(t.run_at).where(sql`run_at is not null`)]
)

/** What the owner set for the whole deployment. `value` is JSON. */
export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})

/**
 * Key pairs of the deployment: Ed25519, for receivers that verify with a public key. The newest one has no `retire_at`; until it comes, what
 * is sent is signed with an old one too. `seed` is sealed.
 */
export const signingKeys = sqliteTable('signing_keys', {
  kid: text('kid').primaryKey(),
  public_key: text('public_key').notNull(),
  created_at: integer('created_at').notNull(),
  retire_at: integer('retire_at'),
  seed: text('seed').notNull(),
})

/** Event types that the owner publishes, beside those of the catalogue. `schema` and `example` are JSON. */
export const eventTypes = sqliteTable('event_types', {
  name: text('name').primaryKey(),
  description: text('description').notNull(),
  created_at: integer('created_at').notNull(),
  updated_at: integer('updated_at').notNull(),
  schema: text('schema').notNull(),
  example: text('example').notNull(),
})

/** The first answer to a request that carried an Idempotency-Key, sealed: it may hold a secret. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    id: text('id').primaryKey(),
    created_at: integer('created_at').notNull(),
    fingerprint: text('fingerprint').notNull(),
    answer: text('answer').notNull(),
  },
  (t) => [index('idempotency_keys_age').on(t.created_at)]
)

/**
 * A sender we accept webhooks from. `token_hash` is of the token in its address, NULL once it is deleted; `secrets` is one sealed box with the token itself and the
 * signing secrets. `options`, `template` and `fields` are JSON. A deleted source keeps its row, so that its log stays readable.
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
    /** The last message whose body was removed: the next page goes on from there. */
    bodies_removed_to: text('bodies_removed_to').notNull().default(''),
    created_at: integer('created_at').notNull(),
    updated_at: integer('updated_at').notNull(),
    token_hash: text('token_hash'),
    secrets: text('secrets').notNull(),
    options: text('options').notNull().default('{}'),
    fields: text('fields').notNull().default('[]'),
    template: text('template'),
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
 * One request received at a source, without its body. `dedupe_key` is what a repeat has too: the provider's delivery id, else a hash of the request; NULL for
 * a handshake. `fingerprint` is of the body with its signature: what differs in it is no repeat of what was refused. `next_attempt_at`: when the sweep looks at one that is new; NULL while its source is paused, and when it was dealt with. `rev` changes with
 * the state, so that two at work on one message cannot both finish it. `step` is how much of the retry schedule a fault of ours has used up.
 * `sample_key` is of a sample that we sent ourselves: what it is to be verified with, sealed, or empty when that is the secret of its source.
 * `token_mark` tells to which of the addresses of its source it came.
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
  },
  (t) => [
    index('inbound_of_source').on(t.source_id, t.id),
    index('inbound_repeats').on(t.source_id, t.dedupe_key).where(sql`dedupe_key is not null`),
    index('inbound_due').on(t.next_attempt_at).where(sql`next_attempt_at is not null`),
    index('inbound_parked')
      .on(t.source_id, t.id)
      .where(sql`status = 'new' and next_attempt_at is null`),
    index('inbound_all_failed').on(t.id).where(sql`status = 'failed'`),
    index('inbound_failed').on(t.source_id, t.id).where(sql`status = 'failed'`),
    check('inbound_status', sql`${t.status} in ('new', 'processed', 'failed')`),
  ]
)

/** The body of an inbound message, in pieces: as text where it is UTF-8 without control characters, else in base64. */
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
