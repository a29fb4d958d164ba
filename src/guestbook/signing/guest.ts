import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { bearerToken } from '../../access/owner-auth'
import type { HonoEnv } from '../../env'
import { isSigned, signText } from '../../kit/db/signed'
import { isId, timeOfId } from '../../kit/lib/ids'
import { DAY_MS, MINUTE_MS } from '../../kit/lib/time'
import { hashOf } from '../rules/looks/identicon'

/*
 * What a guest can prove without an account. A token for an entry shows who wrote it. A cookie names the entries that a
 * browser has written. Whether the guest is known is decided by these entries: see known-guest.ts. None of this needs a
 * row.
 */

/** Guests can change their own entries for this long. */
export const EDITABLE_MS = 15 * MINUTE_MS

const YEAR_SECONDS = (365 * DAY_MS) / 1_000
/** The entries of this browser, and one signature over all of them. */
const ENTRIES_COOKIE = 'guesthook_entries'
/** A browser may keep only 4 KB. */
const MAX_ENTRIES = 100

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

/** @returns the ids of the entries that this browser has written: an approved one, then the latest first */
export async function ownEntries(c: Context<HonoEnv>): Promise<string[]> {
  const [, list = '', signature = ''] = /^([\w.]{26,})\.([\w-]{43})$/.exec(getCookie(c, ENTRIES_COOKIE) ?? '') ?? []
  if (!(await isSigned(c.env, 'own entries', list, signature))) return []
  return list.split('.').map((ulid) => `cmt_${ulid}`)
}

/** @returns the ids of the entries that this browser has written, and can still change, the latest first */
export async function editableEntries(c: Context<HonoEnv>): Promise<string[]> {
  const own = await ownEntries(c)
  return own
    .filter((id) => isEditable({ created_at: timeOfId(id) }, c.get('now')))
    .toSorted()
    .toReversed()
}

/** @returns a text that changes when this browser writes an entry, so that it then gets another form */
export function signedMark(c: Context<HonoEnv>): string {
  const list = getCookie(c, ENTRIES_COOKIE)
  return list === undefined ? '' : hashOf(list).toString(36)
}

/** Notes that this browser has written an entry. @param proof the entry that is never dropped: see known-guest.ts */
export async function rememberEntry(c: Context<HonoEnv>, comment_id: string, proof: string | null): Promise<void> {
  const ids = [...new Set([proof ?? comment_id, comment_id, ...(await ownEntries(c))])].slice(0, MAX_ENTRIES)
  const list = ids.map((id) => id.replace('cmt_', '')).join('.')
  const signature = await signText(c.env, 'own entries', list)
  if (signature === '') return
  const secure = new URL(c.req.url).protocol === 'https:'
  const options = { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge: YEAR_SECONDS } as const
  setCookie(c, ENTRIES_COOKIE, `${list}.${signature}`, options)
}
