import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { ENTRY_STATUSES, type EntryStatus } from '../../guestbook/rules/entries/statuses'
import type { ImportFormat } from '../../owner/rules/importing/records'
import type { Span } from '../../owner/rules/stats/periods'
import type { BreakerState } from '../../webhooks/rules/delivering/breaker'
import {
  DELIVERY_STATUSES,
  type DeliveryReason,
  type DeliveryStatus,
  type Trigger,
} from '../../webhooks/rules/delivering/delivery-state'
import type { ErrorClass, Outcome } from '../../webhooks/rules/delivering/outcome'
import type { Format } from '../../webhooks/rules/events/formats'

/*
 * The tables. Object keys are the column names, so a row has the same shape in D1, in TypeScript, and on the wire.
 *
 * D1 bills each row that is written, and an index entry counts as a row. Therefore, tables that are read by key are
 * WITHOUT ROWID (added by hand to the generated migration, because drizzle-kit cannot express it), indexes are partial
 * where possible, and nothing that can be derived is stored. Long columns come last, so that reading short columns does
 * not touch overflow pages. Times are in epoch milliseconds and are always bound as parameters.
 */

/** An SQL list of text values, for a check constraint. */
function oneOf(values: readonly string[]) {
  return sql.raw(`(${values.map((value) => `'${value}'`).join(', ')})`)
}

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
 * network, for bans: see kit/http/visitor.ts. No IP address is stored. `answers` are the answers to the owner's questions,
 * as a JSON list of `{question, answer}`. A private entry is only for the owner, and is never published. `extra` is a
 * JSON object with what few entries have: see `Extra` in guestbook/store.ts. `approved_at` is when the owner published
 * an entry that waited, or NULL. `known_by` is the approved entry that showed that its guest was known: see
 * guestbook/signing/known-guest.ts.
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
  },
  (t) => [
    index('comments_of_book').on(t.book, t.status, t.id),
    check('comments_status', sql`${t.status} in (${sql.raw(ENTRY_STATUSES.map((one) => `'${one}'`).join(', '))})`),
  ]
)

/**
 * One event. `cursor` is the last endpoint that dispatch has looked at; `dispatched_at` is set when no endpoints are
 * left. Until then, the sweep continues the dispatch at `wake_at`. `payload` contains the exact bytes that are signed
 * and sent. `about` is an endpoint that never gets the message, because the message is about that endpoint. `audience`
 * is set only for a test, and is then the only endpoint that gets the message. `hops` is how many guestbooks the event
 * has already passed through. When an entry is deleted, the payloads of its messages are emptied at `erased_at`.
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
    hops: integer('hops').notNull().default(0),
    erased_at: integer('erased_at'),
  },
  () => [index('messages_waking').on(sql`wake_at`).where(sql`dispatched_at is null`)]
)

/**
 * The endpoints that need the owner: they fail, were disabled because they failed, or wait for approval. An endpoint
 * that the owner or its integrator has disabled needs nobody.
 */
export const NEEDS_ATTENTION = `(status = 'enabled' and failing_since is not null)
  or (status = 'disabled' and disabled_reason in ('failing', 'gone', 'awaiting_approval'))`

/**
 * A receiver. `secrets` is one sealed box with the signing secrets and the values of custom headers; `headers` contains
 * the headers as the dashboard shows them. The health columns are written only when they change. They
 * are replaced only if `health_rev` still has the value from which they were computed: see webhooks/endpoints/health/save.ts.
 * `resume_at` is when parked deliveries are due (see
 * webhooks/rules/delivering/breaker.ts). `books` contains slugs, or NULL for all books. `manage_token_hash` is the hash of the
 * token in an integrator's private link, or NULL if the owner registered the endpoint. `rate_limit` limits how many
 * parked deliveries are sent per minute. `min_interval_minutes` is the pace of a build hook, or NULL for other formats
 * (see webhooks/rules/delivering/pace.ts). A deleted endpoint's row is kept as long as it has deliveries, without its
 * secrets and its URL, so the log stays readable. Its receiver's responses are removed, too; `excerpts_removed_to` is
 * the last message for which this has been done.
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
    breaker: text('breaker').$type<BreakerState>().notNull().default('closed'),
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
    excerpts_removed_to: text('excerpts_removed_to').notNull().default(''),
    min_interval_minutes: integer('min_interval_minutes'),
    /** The condition that an event must meet. Dispatch reads it, so it is short. */
    when: text('when'),
    /** The hour (UTC) of the daily digest; NULL for an endpoint that gets each event. */
    digest_hour: integer('digest_hour'),
    /**
     * The owner's own texts: a JSON object of templates by event type. Among the last columns, because it can be long.
     */
    texts: text('texts'),
    /** Whether `comment.held` has links with which the receiver can moderate. */
    moderation_links: integer('moderation_links').notNull().default(1),
  },
  (t) => [
    index('endpoints_present').on(t.id).where(sql`status <> 'deleted'`),
    index('endpoints_deleted').on(t.excerpts_removed_to, t.id).where(sql`status = 'deleted'`),
    index('endpoints_enabled').on(t.id).where(sql`status = 'enabled'`),
    // The first characters of a box identify the SECRETS_KEY that decrypts it: see kit/lib/secret-box.ts.
    index('endpoints_sealed').on(sql`substr(secrets, 1, 8)`).where(sql`secrets <> ''`),
    index('endpoints_managed').on(t.manage_token_hash).where(sql`manage_token_hash is not null`),
    index('endpoints_resuming').on(t.resume_at).where(sql`resume_at is not null`),
    index('endpoints_needing')
      .on(t.id)
      .where(sql`${sql.raw(NEEDS_ATTENTION)}`),
    check('endpoints_status', sql`${t.status} in ('enabled', 'disabled', 'deleted')`),
    check('endpoints_event_types_json', sql`json_valid(${t.event_types})`),
  ]
)

/**
 * The delivery of one message to one endpoint. `next_attempt_at` doubles as a lease: while an attempt is under way, it
 * is the time after which the sweep may take over. NULL means that the delivery is parked (if pending) or settled.
 * `step` is how much of the retry schedule has been used up; `attempt_count` is how many requests have been made.
 */
export const deliveries = sqliteTable(
  'deliveries',
  {
    endpoint_id: text('endpoint_id').notNull(),
    message_id: text('message_id').notNull(),
    status: text('status').$type<DeliveryStatus>().notNull(),
    reason: text('reason').$type<DeliveryReason>(),
    trigger: text('trigger').$type<Trigger>().notNull().default('auto'),
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
    check('deliveries_status', sql`${t.status} in ${oneOf(DELIVERY_STATUSES)}`),
  ]
)

/**
 * One HTTP request made for a delivery, and its result. `response_headers` is a JSON list of pairs. `late_at` is
 * `started_at` if the attempt started long after its message, and NULL otherwise: the statistics find only late
 * attempts by their time (see webhooks/rules/delivering/late.ts).
 */
export const attempts = sqliteTable(
  'attempts',
  {
    endpoint_id: text('endpoint_id').notNull(),
    message_id: text('message_id').notNull(),
    number: integer('number').notNull(),
    trigger: text('trigger').$type<Trigger>().notNull(),
    started_at: integer('started_at').notNull(),
    duration_ms: integer('duration_ms').notNull(),
    outcome: text('outcome').$type<Outcome>().notNull(),
    status_code: integer('status_code'),
    error_class: text('error_class').$type<ErrorClass>(),
    response_excerpt: text('response_excerpt'),
    response_headers: text('response_headers'),
    late_at: integer('late_at'),
  },
  (t) => [
    primaryKey({ columns: [t.endpoint_id, t.message_id, t.number] }),
    index('attempts_late').on(t.endpoint_id, t.late_at).where(sql`late_at is not null`),
  ]
)

/**
 * A replay, which can take longer than one request is allowed to run. `cursor` is the last message that the replay has
 * looked at; `run_at` is when the next page is due, or NULL once the replay has finished.
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

/**
 * What happened in a period, in numbers (see core/stats/). `start` is when the period started, 0 for the total.
 * `counted_to` is until when was counted. `figures` is JSON. That of the total also has the `gap`, which is counted
 * later.
 */
export const rollups = sqliteTable(
  'rollups',
  {
    span: text('span').$type<Span>().notNull(),
    start: integer('start').notNull(),
    counted_to: integer('counted_to').notNull(),
    figures: text('figures').notNull(),
  },
  (t) => [primaryKey({ columns: [t.span, t.start] })]
)

/**
 * An import of entries from a file: see moving/importing. `position` is how many bytes have been read, and `parser` what
 * the parser remembers between two steps. `rev` changes with each step, so that two consumers never do the same step.
 * `report` is JSON: what was counted, and the first records that were skipped. `run_at` is when the sweep looks after
 * the import; NULL once it has ended. Then its chunks are gone.
 */
export const imports = sqliteTable(
  'imports',
  {
    id: text('id').primaryKey(),
    state: text('state').$type<'uploading' | 'running' | 'done' | 'canceled' | 'failed'>().notNull(),
    format: text('format').$type<ImportFormat>().notNull(),
    book: text('book').notNull(),
    dry_run: integer('dry_run').notNull(),
    webhooks: integer('webhooks').notNull(),
    origin: text('origin').notNull(),
    size: integer('size').notNull(),
    position: integer('position').notNull().default(0),
    rev: text('rev').notNull(),
    created_at: integer('created_at').notNull(),
    finished_at: integer('finished_at'),
    run_at: integer('run_at'),
    report: text('report').notNull().default('{}'),
    parser: text('parser').notNull().default('{}'),
  },
  (t) => [index('imports_running').on(t.run_at).where(sql`run_at is not null`)]
)

/** A piece of a file while it is being imported, in base64. */
export const importChunks = sqliteTable(
  'import_chunks',
  {
    import_id: text('import_id').notNull(),
    number: integer('number').notNull(),
    content: text('content').notNull(),
  },
  (t) => [primaryKey({ columns: [t.import_id, t.number] })]
)

/**
 * What has been imported, so that nothing is imported twice. `id` is a hash of where a record comes from, or of what it
 * says. The row outlives its entry: what the owner has deleted does not come back with the next import, for a year.
 */
export const importedRecords = sqliteTable('imported_records', {
  id: text('id').primaryKey(),
  comment_id: text('comment_id').notNull(),
  /** The default is the day on which this column was added, for the records from before. */
  imported_at: integer('imported_at').notNull().default(1_795_824_000_000),
})

/** Settings for the whole deployment. `value` is JSON. */
export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})

/**
 * The deployment's Ed25519 key pairs, for receivers that verify with a public key. The newest key has no `retire_at`;
 * an older key keeps signing until its `retire_at`. `seed` is sealed.
 */
export const signingKeys = sqliteTable('signing_keys', {
  kid: text('kid').primaryKey(),
  public_key: text('public_key').notNull(),
  created_at: integer('created_at').notNull(),
  retire_at: integer('retire_at'),
  seed: text('seed').notNull(),
})

/** Event types that the owner has defined, in addition to the built-in ones. `schema` and `example` are JSON. */
export const eventTypes = sqliteTable('event_types', {
  name: text('name').primaryKey(),
  description: text('description').notNull(),
  created_at: integer('created_at').notNull(),
  updated_at: integer('updated_at').notNull(),
  schema: text('schema').notNull(),
  example: text('example').notNull(),
})

/**
 * The first response to a request with an Idempotency-Key. The response is sealed, because it may contain a secret.
 * `subject` is the id of what the request created, so that the response can be erased together with it.
 */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    id: text('id').primaryKey(),
    created_at: integer('created_at').notNull(),
    fingerprint: text('fingerprint').notNull(),
    answer: text('answer').notNull(),
    subject: text('subject'),
  },
  (t) => [
    index('idempotency_keys_age').on(t.created_at),
    index('idempotency_keys_subject').on(t.subject).where(sql`subject is not null`),
  ]
)

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

/** The random key that identifies visitors on one day (days since 1970, UTC). It is deleted after two days. */
export const visitorKeys = sqliteTable('visitor_keys', {
  day: integer('day').primaryKey(),
  key: text('key').notNull(),
})

/**
 * A dashboard session. `id` is the hash of the token in the cookie. `browser` is in words, such as "Firefox on Linux".
 * `last_seen_at` is written at most every ten minutes.
 */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    created_at: integer('created_at').notNull(),
    expires_at: integer('expires_at').notNull(),
    last_seen_at: integer('last_seen_at'),
    browser: text('browser').notNull().default(''),
    country: text('country'),
  },
  (t) => [index('sessions_age').on(t.expires_at)]
)

/**
 * A key for the owner's programs. `token_hash` is the SHA-256 of the key, which is shown only once. `scopes` is a list
 * of words. `last_used_at` is written at most once an hour.
 */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    scopes: text('scopes').notNull(),
    created_at: integer('created_at').notNull(),
    expires_at: integer('expires_at'),
    last_used_at: integer('last_used_at'),
    token_hash: text('token_hash').notNull(),
  },
  (t) => [uniqueIndex('api_keys_token').on(t.token_hash)]
)

/**
 * What the owner did: one row for each act. `actor` starts with the kind of credential, such as `key:key_01J...`;
 * `actor_name` is the name of the API key at that time. `subject` is an id, a slug or a name, or several ids. It never
 * contains addresses, secrets or the text of an entry. Ids sort by time, so no index is needed.
 */
export const auditLog = sqliteTable('audit_log', {
  id: text('id').primaryKey(),
  act: text('act').notNull(),
  actor: text('actor').notNull(),
  actor_name: text('actor_name'),
  subject: text('subject'),
  created_at: integer('created_at').notNull(),
  browser: text('browser').notNull(),
  country: text('country'),
})

/** The position of each step of the sweep that works page by page. `value` is JSON. */
export const sweepState = sqliteTable('sweep_state', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})
