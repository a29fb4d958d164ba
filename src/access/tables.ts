import { integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { doc } from '#doc'
import { index, integerNotNull, textNotNull } from '../kit/db/sql/columns'

/** A dashboard session. `id` is the hash of the cookie's token. `last_seen_at` is written every 10 minutes at most. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text().primaryKey(),
    created_at: integerNotNull(),
    expires_at: integerNotNull(),
    last_seen_at: integer(),
    browser: textNotNull().default(''),
    country: text(),
  },
  (t) => [index('sessions_age').of(doc(() => (i) => i.on(t.expires_at)))]
)

/** `token_hash` is the SHA-256 of the key. `scopes` is a list of words. `last_used_at` is exact to an hour. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text().primaryKey(),
    name: textNotNull(),
    scopes: textNotNull(),
    created_at: integerNotNull(),
    expires_at: integer(),
    last_used_at: integer(),
    token_hash: textNotNull(),
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
  act: textNotNull(),
  actor: textNotNull(),
  actor_name: text(),
  subject: text(),
  created_at: integerNotNull(),
  browser: textNotNull(),
  country: text(),
  changes: text(),
})
