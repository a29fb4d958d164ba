import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/*
 * The tables. Object keys are the column names, so a row has the same shape in D1, in TypeScript, and on the wire.
 *
 * D1 bills each row that is written, and an index entry counts as a row. Therefore, tables that are read by key are
 * WITHOUT ROWID (added by hand to the generated migration, because drizzle-kit cannot express it), indexes are partial
 * where possible, and nothing that can be derived is stored. Long columns come last, so that reading short columns does
 * not touch overflow pages. Times are in epoch milliseconds and are always bound as parameters.
 */

/** Settings for the whole deployment. `value` is JSON. */
export const settings = sqliteTable('settings', { name: text().primaryKey(), value: text().notNull() })

/**
 * The first response to a request with an Idempotency-Key. The response is sealed, because it may contain a secret.
 * `subject` is the id of what the request created, so that the response can be erased together with it.
 */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    id: text().primaryKey(),
    created_at: integer().notNull(),
    fingerprint: text().notNull(),
    answer: text().notNull(),
    subject: text(),
  },
  (t) => [
    index('idempotency_keys_age').on(t.created_at),
    index('idempotency_keys_subject').on(t.subject).where(sql`subject is not null`),
  ]
)

/** The random key that identifies visitors on one day (days since 1970, UTC). It is deleted after two days. */
export const visitorKeys = sqliteTable('visitor_keys', { day: integer().primaryKey(), key: text().notNull() })

/** The position of each step of the sweep that works page by page. `value` is JSON. */
export const sweepState = sqliteTable('sweep_state', { name: text().primaryKey(), value: text().notNull() })
