import { columnsOf, columnsWithout, type RowOf } from '../../kit/db/rows'
import { all, first, statement } from '../../kit/db/statements'
import { hashToken, isToken } from '../../kit/db/tokens'
import { HOUR_MS } from '../../kit/lib/time'
import { readScopes } from '../scopes'
import { apiKeys } from '../tables'

/* The rows of API keys. Only the hash of a key is stored. */

export const MAX_KEYS = 100
/** How often the time of the last use is written. */
export const USED_EVERY_MS = HOUR_MS

const KEY = columnsWithout(apiKeys, 'token_hash')
export type KeyRow = RowOf<typeof KEY>

/** Inserts NULL, which the column forbids, if there are too many keys. */
export const insertKey = columnsOf(apiKeys).insert<typeof apiKeys.$inferSelect>({
  name: `case when (select count(*) from api_keys) < ${MAX_KEYS} then :name end`,
})

const FIND = KEY.from<{ token_hash: string }>('api_keys where token_hash = :token_hash')
const LIST = KEY.from<Record<never, never>>(`api_keys order by id desc limit ${MAX_KEYS}`)

const USE = statement<{ id: string; now: number; before: number }>(`
  update api_keys set last_used_at = :now
  where id = :id and (last_used_at is null or last_used_at <= :before)`)

export const REMOVE_KEY = statement<{ id: string }>(`
  delete from api_keys where id = :id`)

/**
 * A token without the format of a key is neither hashed nor looked up. @returns null if it is wrong, expired or
 * revoked. `use` is the statement that notes the time of use, or null if a recent time is stored
 */
export async function findKey(env: Env, token: string, now: number) {
  if (!isToken('apikey', token)) return null
  const row = await first(FIND(env, { token_hash: await hashToken(token) }))
  if (!row || isExpired(row, now)) return null
  const before = now - USED_EVERY_MS
  const isDue = (row.last_used_at ?? 0) <= before
  const use = isDue ? USE(env, { id: row.id, now, before }) : null
  return { id: row.id, name: row.name, scopes: readScopes(row.scopes), use }
}

export function isExpired({ expires_at }: Pick<KeyRow, 'expires_at'>, now: number): boolean {
  return expires_at !== null && expires_at <= now
}

/** @returns all keys, newest first */
export const readKeys = async (env: Env): Promise<KeyRow[]> => all(LIST(env, {}))
