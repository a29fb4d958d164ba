import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { textsInSql } from '../../kit/lib/states'
import type { BreakerState } from '../rules/delivering/breaker'
import {
  DELIVERY_STATUSES,
  type DeliveryReason,
  type DeliveryStatus,
  type Trigger,
} from '../rules/delivering/delivery-state'
import { type DisabledReason, ENDPOINT_STATUSES, type EndpointStatus } from '../rules/delivering/endpoint-state'
import type { ErrorClass, Outcome } from '../rules/delivering/outcome'
import type { Format } from '../rules/events/formats'

/**
 * One event. `cursor` is the last endpoint that dispatch has looked at; `dispatched_at` is set when no endpoints are
 * left. Until then, the sweep continues the dispatch at `wake_at`. `payload` contains the exact bytes that are signed
 * and sent. `about` is an endpoint that never gets the message, because the message is about that endpoint. `audience`
 * is set only for a test, and is then the only endpoint that gets the message. `hops` is how many guestbooks the event
 * has passed through. When an entry is deleted, the payloads of its messages are emptied at `erased_at`.
 */
export const messages = sqliteTable(
  'messages',
  {
    id: text().primaryKey(),
    type: text().notNull(),
    created_at: integer().notNull(),
    cursor: text().notNull().default(''),
    dispatched_at: integer(),
    wake_at: integer().notNull().default(0),
    payload: text().notNull(),
    book: text(),
    about: text(),
    audience: text(),
    hops: integer().notNull().default(0),
    erased_at: integer(),
  },
  () => [index('messages_waking').on(sql`wake_at`).where(sql`dispatched_at is null`)]
)

/**
 * A receiver. `secrets` is one sealed box with the signing secrets and the values of custom headers; `headers` contains
 * the headers as the dashboard shows them. The health columns are written only when they change. They are replaced only
 * if `health_rev` still has the value from which they were computed: see webhooks/endpoints/health.ts. `resume_at`
 * is when the clock acts on the endpoint next (see webhooks/rules/delivering/waiting.ts). `books` contains slugs, or
 * NULL for all books. `manage_token_hash` is the hash of the token in an integrator's private link, or NULL if the
 * owner registered the endpoint. `rate_limit` limits how many parked deliveries are sent per minute.
 * `min_interval_minutes` is the pace of a build hook, or NULL for other formats (see
 * webhooks/rules/delivering/pace.ts). A deleted endpoint's row is kept as long as it has deliveries, without its
 * secrets and its URL, so the log stays readable. Its receiver's responses are removed, too; `excerpts_removed_to` is
 * the last message for which this has been done.
 */
export const endpoints = sqliteTable(
  'endpoints',
  {
    id: text().primaryKey(),
    status: text().notNull().$type<EndpointStatus>(),
    disabled_reason: text().$type<DisabledReason>(),
    url: text().notNull(),
    description: text().notNull().default(''),
    event_types: text().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    failing_since: integer(),
    consecutive_failures: integer().notNull().default(0),
    slow_until: integer(),
    resume_at: integer(),
    probes: integer().notNull().default(0),
    secrets: text().notNull(),
    breaker: text().notNull().$type<BreakerState>().default('closed'),
    last_failure_at: integer(),
    warnings: integer().notNull().default(0),
    health_rev: text().notNull().default(''),
    disabled_at: integer(),
    rate_limit: integer().notNull().default(300),
    books: text(),
    format: text().notNull().$type<Format>().default('standard'),
    legacy_signature: text().$type<'hub'>(),
    headers: text(),
    pull_token_hash: text(),
    manage_token_hash: text(),
    excerpts_removed_to: text().notNull().default(''),
    min_interval_minutes: integer(),
    /** The condition that an event must meet. Dispatch reads it, so it is short. */
    when: text(),
    /** The hour (UTC) of the daily digest; NULL for an endpoint that gets each event. */
    digest_hour: integer(),
    /** The owner's own texts: a JSON object of templates by event type. A late column, because it can be long. */
    texts: text(),
    /** Whether `comment.held` has links with which the receiver can moderate. */
    moderation_links: integer().notNull().default(1),
    /** When the current outage began, with how many failures, and when it ends: see endpoint-health.ts. */
    outage_since: integer(),
    outage_failures: integer().notNull().default(0),
    stable_at: integer(),
    /** The owner's private note. */
    note: text().notNull().default(''),
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
    check('endpoints_status', sql`${t.status} in (${sql.raw(textsInSql(ENDPOINT_STATUSES))})`),
    check('endpoints_event_types_json', sql`json_valid(${t.event_types})`),
  ]
)

/**
 * The delivery of one message to one endpoint. `next_attempt_at` doubles as a lease: while an attempt is under way, it
 * is the time after which the sweep may take over. NULL means that the delivery is parked (if pending) or settled.
 * `step` is how much of the retry schedule has been used up; `attempt_count` is how many requests have been made.
 * `covered_by` is the message whose call reports this one, too: a digest, or a call to a build hook (see
 * send/deliver/calls.ts). `job_id` is the selection that asked for the delivery, until it is sent, and `prior_state` is
 * what the delivery was then: JSON, or NULL if the selection created it (see send/deliver/resend-store.ts).
 */
export const deliveries = sqliteTable(
  'deliveries',
  {
    endpoint_id: text().notNull(),
    message_id: text().notNull(),
    status: text().notNull().$type<DeliveryStatus>(),
    reason: text().$type<DeliveryReason>(),
    trigger: text().notNull().$type<Trigger>().default('auto'),
    attempt_count: integer().notNull().default(0),
    step: integer().notNull().default(0),
    next_attempt_at: integer(),
    last_status_code: integer(),
    settled_at: integer(),
    covered_by: text(),
    job_id: text(),
    prior_state: text(),
  },
  (t) => [
    primaryKey({ columns: [t.endpoint_id, t.message_id] }),
    index('deliveries_due').on(t.next_attempt_at).where(sql`next_attempt_at is not null`),
    index('deliveries_parked')
      .on(t.endpoint_id, t.message_id)
      .where(sql`status = 'pending' and next_attempt_at is null`),
    index('deliveries_failed').on(t.endpoint_id, t.message_id).where(sql`status = 'failed'`),
    check('deliveries_status', sql`${t.status} in (${sql.raw(textsInSql(DELIVERY_STATUSES))})`),
  ]
)

/**
 * One HTTP request made for a delivery, and its result. `response_headers` is a JSON list of pairs. `late_at` is
 * `started_at` if the attempt started long after (or before) the time in its message's id, and NULL otherwise: the
 * statistics find only such attempts by their time (see webhooks/rules/delivering/late-attempts.ts). `job_id` is the selection that
 * asked for the attempt; its retries are not the selection's.
 */
export const attempts = sqliteTable(
  'attempts',
  {
    endpoint_id: text().notNull(),
    message_id: text().notNull(),
    number: integer().notNull(),
    trigger: text().notNull().$type<Trigger>(),
    started_at: integer().notNull(),
    duration_ms: integer().notNull(),
    outcome: text().notNull().$type<Outcome>(),
    status_code: integer(),
    error_class: text().$type<ErrorClass>(),
    response_excerpt: text(),
    response_headers: text(),
    late_at: integer(),
    job_id: text(),
  },
  (t) => [
    primaryKey({ columns: [t.endpoint_id, t.message_id, t.number] }),
    index('attempts_late').on(t.endpoint_id, t.late_at).where(sql`late_at is not null`),
  ]
)

/**
 * A selection of deliveries that are sent again or discarded, if that takes longer than one request is allowed to run.
 * A `replay` is the first form of `resend`, for one endpoint. The selection walks endpoint by endpoint, so `endpoint_id`
 * is the one that it has reached, and `cursor` the last message there that it has looked at; `run_at` is when the next
 * page is due, or NULL once the job has finished. `selection` is JSON, or NULL for a replay, whose `only` says what it
 * selects.
 */
export const jobs = sqliteTable(
  'jobs',
  {
    id: text().primaryKey(),
    kind: text().notNull().$type<'replay' | 'resend' | 'discard'>(),
    state: text().notNull().$type<'running' | 'done' | 'canceled'>(),
    endpoint_id: text().notNull(),
    only: text().notNull().$type<'failed' | 'missing' | 'all'>(),
    since: integer().notNull(),
    until: integer().notNull(),
    event_types: text(),
    counted: integer().notNull(),
    counted_all: integer().notNull(),
    done: integer().notNull().default(0),
    cursor: text().notNull(),
    created_at: integer().notNull(),
    finished_at: integer(),
    run_at: integer(),
    selection: text(),
  },
  (t) => [index('jobs_running').on(t.run_at).where(sql`run_at is not null`)]
)

/**
 * The deployment's Ed25519 key pairs, for receivers that verify with a public key. The newest key has no `retire_at`;
 * an older key keeps signing until its `retire_at`. `seed` is sealed.
 */
export const signingKeys = sqliteTable('signing_keys', {
  kid: text().primaryKey(),
  public_key: text().notNull(),
  created_at: integer().notNull(),
  retire_at: integer(),
  seed: text().notNull(),
})

/** Event types that the owner has defined, in addition to the built-in ones. `schema` and `example` are JSON. */
export const eventTypes = sqliteTable('event_types', {
  name: text().primaryKey(),
  description: text().notNull(),
  created_at: integer().notNull(),
  updated_at: integer().notNull(),
  schema: text().notNull(),
  example: text().notNull(),
})

/** Endpoints that fail, were disabled because of it, or wait for approval. Others that are disabled need nobody. */
export const NEEDS_ATTENTION = `(status = 'enabled' and failing_since is not null)
  or (status = 'disabled' and disabled_reason in ('failing', 'gone', 'awaiting_approval'))`
