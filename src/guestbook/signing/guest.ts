import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { bearerToken } from '../../access/owner-auth'
import { isId } from '../../core/lib/ids'
import { hashOf } from '../../core/looks/identicon'
import { isSigned, signText } from '../../db/signed'
import type { HonoEnv } from '../../env'

/*
 * What a guest can prove without an account. A token for an entry shows who wrote it. A guest whose entry was published
 * gets a cookie that says so, and is then known: see core/guestbook/decide.ts. None of this needs a row.
 */

/** Guests can change their own entry for this long. */
export const EDITABLE_MS = 15 * 60_000

const YEAR_SECONDS = 365 * 24 * 60 * 60
/** The token of the guest's latest entry. */
const ENTRY_COOKIE = 'guesthook_entry'
/** When the guest stops being known, and the signature of this time. */
const KNOWN_COOKIE = 'guesthook_known'

/** @returns the token of an entry: `edit_`, the rest of its id, and a signature; null if SECRETS_KEY is unusable */
export async function editToken(env: Env, comment_id: string): Promise<string | null> {
  const signature = await signText(env, 'edit entry', comment_id)
  return signature === '' ? null : `edit_${comment_id.replace('cmt_', '')}_${signature}`
}

/** @returns whether a request has the token of an entry instead of the owner's token */
export function hasEditToken(c: Context<HonoEnv>): boolean {
  return bearerToken(c).startsWith('edit_')
}

/** @returns the id of the entry that a token belongs to, or null */
export async function entryOf(env: Env, token: string): Promise<string | null> {
  const [, ulid, signature = ''] = /^edit_(\w{26})_([\w-]{43})$/.exec(token) ?? []
  const id = `cmt_${ulid}`
  return isId('cmt', id) && (await isSigned(env, 'edit entry', id, signature)) ? id : null
}

export function isEditable({ created_at }: { created_at: number }, now: number): boolean {
  return now < created_at + EDITABLE_MS
}

/** @returns the id of the entry that this browser wrote last, or null */
export async function ownEntry(c: Context<HonoEnv>): Promise<string | null> {
  return entryOf(c.env, getCookie(c, ENTRY_COOKIE) ?? '')
}

/** @returns a text that changes when this browser writes an entry, so that it then gets another form */
export function signedMark(c: Context<HonoEnv>): string {
  const token = getCookie(c, ENTRY_COOKIE)
  return token === undefined ? '' : hashOf(token).toString(36)
}

/** Notes which entry this browser has written. */
export async function rememberEntry(c: Context<HonoEnv>, comment_id: string): Promise<void> {
  const token = await editToken(c.env, comment_id)
  if (token) setGuestCookie(c, ENTRY_COOKIE, token)
}

/** @returns whether an entry of this guest was published, as far as its browser knows */
export async function isKnownGuest(c: Context<HonoEnv>, now: number): Promise<boolean> {
  const [expires = '', signature = ''] = getCookie(c, KNOWN_COOKIE)?.split('.') ?? []
  return Number(expires) > now && (await isSigned(c.env, 'known guest', expires, signature))
}

/** Notes that an entry of this guest was published. */
export async function rememberGuest(c: Context<HonoEnv>, now: number): Promise<void> {
  const expires = String(now + YEAR_SECONDS * 1_000)
  setGuestCookie(c, KNOWN_COOKIE, `${expires}.${await signText(c.env, 'known guest', expires)}`)
}

function setGuestCookie(c: Context<HonoEnv>, name: string, value: string): void {
  const secure = new URL(c.req.url).protocol === 'https:'
  setCookie(c, name, value, { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge: YEAR_SECONDS })
}
