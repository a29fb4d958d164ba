import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/** A dashboard session. `id` is the hash of the cookie's token. `last_seen_at` is written every 10 minutes at most. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    created_at: integer().notNull(),
    expires_at: integer().notNull(),
    last_seen_at: integer(),
    browser: text().notNull().default(''),
    country: text(),
  },
  (t) => [index('sessions_age').on(t.expires_at)]
)

/** `token_hash` is the SHA-256 of the key. `scopes` is a list of words. `last_used_at` is exact to an hour. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    scopes: text().notNull(),
    created_at: integer().notNull(),
    expires_at: integer(),
    last_used_at: integer(),
    token_hash: text().notNull(),
  },
  (t) => [uniqueIndex('api_keys_token').on(t.token_hash)]
)

/**
 * What the owner did: one row for each act. `actor` starts with the kind of credential, such as `key:key_01J...`;
 * `actor_name` is the name of the API key at that time. `subject` is an id, a slug or a name, or several ids. It never
 * contains addresses, secrets or the text of an entry. `changes` says what changed, a line each. Ids sort by time, so
 * no index is needed.
 */
export const auditLog = sqliteTable('audit_log', {
  id: text().primaryKey(),
  act: text().notNull(),
  actor: text().notNull(),
  actor_name: text(),
  subject: text(),
  created_at: integer().notNull(),
  browser: text().notNull(),
  country: text(),
  changes: text(),
})
