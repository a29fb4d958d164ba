import { columnsOf } from '../../kit/db/rows'
import { all, first, run, statement } from '../../kit/db/statements'
import { freshToken, isToken } from '../../kit/db/tokens'
import { toHex, utf8 } from '../../kit/lib/bytes'
import { hmacSha256 } from '../../kit/lib/hmac'
import { HOUR_MS, MINUTE_MS } from '../../kit/lib/time'
import { keeping } from '../../kit/sweep/retention'
import type { Client } from '../client'
import { sessions } from '../tables'

/* Dashboard sessions. A session is a row, so that it really ends on logout, even if its cookie has been copied. */

export const SESSION_SECONDS = (12 * HOUR_MS) / 1_000
/** How often the time of the last request is written. */
export const SEEN_EVERY_MS = 10 * MINUTE_MS
/** How many sessions are listed. */
export const MAX_LISTED = 100
/** The hexadecimal digits of an id that people see. 64 bits are enough to tell sessions apart. */
const SHORT_ID = 16

export type SessionRow = typeof sessions.$inferSelect

const INSERT = columnsOf(sessions).insert<SessionRow>({})

const FIND = columnsOf(sessions, 'id', 'last_seen_at').from<{ id: string; now: number }>(`
  sessions where id = :id and expires_at > :now`)

const LIST = columnsOf(sessions).from<{ now: number }>(`
  sessions
  where expires_at > :now
  order by expires_at desc
  limit ${MAX_LISTED}`)

const SEE = statement<{ id: string; now: number; before: number }>(`
  update sessions set last_seen_at = :now
  where id = :id and (last_seen_at is null or last_seen_at <= :before)`)

const REMOVE = statement<{ id: string }>(`
  delete from sessions where id = :id`)

/** Finds the row by the start of its id. `g` sorts after every hexadecimal digit. */
const REMOVE_SHORT = statement<{ id: string }>(`
  delete from sessions where id >= :id and id < :id || 'g'`)

/** The condition on `expires_at` lets the statement use its index. */
const REMOVE_OTHERS = statement<{ id: string }>(`
  delete from sessions where expires_at > 0 and substr(id, 1, ${SHORT_ID}) <> :id`)

/** @returns the token for the cookie, the id that people see, and the statement that opens the session */
export async function planSession(env: Env, client: Client, now: number) {
  const token = freshToken('session')
  const id = await idOf(env, token)
  const times = { created_at: now, expires_at: now + SESSION_SECONDS * 1_000, last_seen_at: now }
  return { token, id: shortId(id), statement: INSERT(env, { id, ...times, ...client }) }
}

/**
 * @param token from the cookie. If it does not have the format of a token, it is not looked up
 * @returns null if no session is open. `see` is the statement that notes that the session was seen, if one is due
 */
export async function findSession(env: Env, token: string | undefined, now: number) {
  if (token === undefined || !isToken('session', token) || !env.ADMIN_TOKEN) return null
  const row = await first(FIND(env, { id: await idOf(env, token), now }))
  if (!row) return null
  const before = now - SEEN_EVERY_MS
  const isDue = (row.last_seen_at ?? 0) <= before
  return { id: shortId(row.id), see: isDue ? SEE(env, { id: row.id, now, before }) : null }
}

/** @returns the sessions that are open, the latest first */
export const readSessions = async (env: Env, now: number): Promise<SessionRow[]> => all(LIST(env, { now }))

/** @returns the start of an id, which identifies a session for people */
export const shortId = (id: string): string => id.slice(0, SHORT_ID)

/** Closes a session for every copy of its cookie. @returns the id that people see, or null if no session was open */
export async function closeSession(env: Env, token: string | undefined): Promise<string | null> {
  if (token === undefined || !isToken('session', token) || !env.ADMIN_TOKEN) return null
  const id = await idOf(env, token)
  return (await run(REMOVE(env, { id }))) > 0 ? shortId(id) : null
}

/** @param id the id that people see. @returns whether there was such a session */
export async function revokeSession(env: Env, id: string): Promise<boolean> {
  return new RegExp(`^[0-9a-f]{${SHORT_ID}}$`).test(id) && (await run(REMOVE_SHORT(env, { id }))) > 0
}

/** @param id the session that stays, or an empty string. @returns how many sessions were closed */
export const revokeOtherSessions = async (env: Env, id: string): Promise<number> => run(REMOVE_OTHERS(env, { id }))

export const removeOldSessions = keeping(sessions, {
  at: 'expires_at',
  index: 'sessions_age',
  kept: 0,
  limit: { free: 500, paid: 500 },
})

/** The id depends on ADMIN_TOKEN, so that changing the token ends every session. */
async function idOf(env: Env, token: string): Promise<string> {
  return toHex(await hmacSha256(utf8(env.ADMIN_TOKEN), utf8(token)))
}
