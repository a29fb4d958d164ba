import { and, eq, gt, lte } from 'drizzle-orm'
import { toHex, utf8 } from '../core/lib/bytes'
import { hmacSha256 } from '../core/lib/hmac'
import { sessions } from '../db/schema'
import { bindQuery, columns, compile, first, type Placeholders, query, run } from '../db/statements'
import { freshToken, isToken } from '../db/tokens'

/*
 * Dashboard sessions. A session is a row, so that it really ends on logout, even if its cookie has been copied.
 */

export const SESSION_SECONDS = 12 * 60 * 60

const FIND = compile((p: Placeholders<{ id: string; now: number }>) =>
  query
    .select(columns(sessions, 'id'))
    .from(sessions)
    .where(and(eq(sessions.id, p.id), gt(sessions.expires_at, p.now)))
)

const REMOVE = compile((p: Placeholders<{ id: string }>) => query.delete(sessions).where(eq(sessions.id, p.id)))

const REMOVE_OLD = compile((p: Placeholders<{ now: number }>) =>
  query.delete(sessions).where(lte(sessions.expires_at, p.now))
)

/** Opens a session for the owner. @returns its token, for the cookie */
export async function openSession(env: Env, now: number): Promise<string> {
  const token = freshToken('session')
  const row = { id: await idOf(env, token), created_at: now, expires_at: now + SESSION_SECONDS * 1_000 }
  await run(bindQuery(env, query.insert(sessions).values(row)))
  return token
}

/** @param token the value of the cookie; a value without the format of a token needs no query */
export async function isSessionOpen(env: Env, token: string | undefined, now: number): Promise<boolean> {
  if (token === undefined || !isToken('session', token) || !env.ADMIN_TOKEN) return false
  return (await first(FIND(env, { id: await idOf(env, token), now }))) !== null
}

/** Closes a session for every copy of its cookie. */
export async function closeSession(env: Env, token: string | undefined): Promise<void> {
  if (token === undefined || !isToken('session', token) || !env.ADMIN_TOKEN) return
  await run(REMOVE(env, { id: await idOf(env, token) }))
}

/** Removes sessions that have expired. @returns how many sessions were removed */
export async function removeOldSessions(env: Env, now: number): Promise<number> {
  return run(REMOVE_OLD(env, { now }))
}

/** The id depends on ADMIN_TOKEN, so that changing the token ends every session. */
async function idOf(env: Env, token: string): Promise<string> {
  return toHex(await hmacSha256(utf8(env.ADMIN_TOKEN), utf8(token)))
}
