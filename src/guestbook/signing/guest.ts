import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { keepCookie } from '../../access/cookies'
import { bearerToken } from '../../access/owner-auth'
import type { HonoEnv } from '../../env'
import { isSigned, signText } from '../../kit/db/signed'
import { isId, timeOfId } from '../../kit/lib/ids'
import { hashOf } from '../../kit/lib/text/hash'
import { DAY_MS, MINUTE_MS, spanOf } from '../../kit/lib/time'
import { statusForAuthor } from '../rules/entries/statuses'
import type { CommentRow } from '../store'

/*
 * What a guest can prove without an account. A token for an entry shows who wrote it, and names the earlier entries
 * that the same guest has shown with a token. A cookie names the entries that a browser has written. These entries
 * decide whether the guest is known: see known-guest.ts. No row is needed.
 */

/** Guests can change their own entries for this long. */
export const EDITABLE_MS = 15 * MINUTE_MS
/** While an entry waits, nobody but its author and the owner has seen it. So it can be changed, and is shown to them. */
const WAITING_MS = DAY_MS
export const EDITABLE = `${spanOf(EDITABLE_MS)}, or for ${spanOf(WAITING_MS)} while the entry waits for approval`

const YEAR_SECONDS = (365 * DAY_MS) / 1_000
/** The entries of this browser, and one signature over all of them. */
const ENTRIES_COOKIE = 'guesthook_entries'
/** A browser may keep only 4 KB of a cookie. */
const MAX_ENTRIES = 100

const ulidsOf = (ids: string[]): string => ids.map((id) => id.replace('cmt_', '')).join('.')
const idsOf = (ulids: string): string[] => ulids.split('.').map((ulid) => `cmt_${ulid}`)

/** @returns the first entries of a list, each of them once */
const firstOf = (...ids: string[]): string[] => [...new Set(ids)].slice(0, MAX_ENTRIES)

/**
 * @param proof the entry that showed that the guest is known, or null. It is never dropped, as in `rememberEntry`
 * @param earlier other entries of the guest, the latest first
 * @returns the token of an entry: `edit_`, its id and those of earlier entries, and a signature; null if SECRETS_KEY is
 *   unusable. Only the first entry can be changed with it
 */
export async function editToken(env: Env, id: string, proof: string | null, earlier: string[]): Promise<string | null> {
  const ids = firstOf(id, proof ?? id, ...earlier)
  const signature = await signText(env, 'edit entry', ids.join('.'))
  return signature === '' ? null : `edit_${ulidsOf(ids)}_${signature}`
}

/** @returns whether a request has the token of an entry instead of the owner's token */
export const hasEditToken = (c: Context<HonoEnv>): boolean => bearerToken(c).startsWith('edit_')

/** @returns the id of the entry that a token belongs to, then those of earlier entries; empty if it is not one of ours */
export async function entriesOfGuest(env: Env, token: string): Promise<string[]> {
  const [, ulids = '', signature = ''] = /^edit_(\w{26}(?:\.\w{26})*)_([\w-]{43})$/.exec(token) ?? []
  const ids = idsOf(ulids)
  return ids.every((id) => isId('cmt', id)) && (await isSigned(env, 'edit entry', ids.join('.'), signature)) ? ids : []
}

type Judged = Pick<CommentRow, 'status' | 'created_at'> & { is_private: boolean | number }

/** @returns until when the author of an entry can change it, in epoch milliseconds */
export function editableUntil(entry: Judged): number {
  return entry.created_at + (statusForAuthor(entry) === 'held' ? WAITING_MS : EDITABLE_MS)
}

export const isEditable = (entry: Judged, now: number): boolean => now < editableUntil(entry)

/** @returns the ids of the entries that this browser has written: an approved one, then the latest first */
export async function ownEntries(c: Context<HonoEnv>): Promise<string[]> {
  const [, list = '', signature = ''] = /^([\w.]{26,})\.([\w-]{43})$/.exec(getCookie(c, ENTRIES_COOKIE) ?? '') ?? []
  if (!(await isSigned(c.env, 'own entries', list, signature))) return []
  return idsOf(list)
}

/** @returns the ids of the entries that this browser has written within the last day, the latest first */
export async function recentEntries(c: Context<HonoEnv>): Promise<string[]> {
  const own = getCookie(c, ENTRIES_COOKIE) === undefined ? [] : await ownEntries(c)
  return own
    .filter((id) => c.get('now') < timeOfId(id) + WAITING_MS)
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
  const list = ulidsOf(firstOf(proof ?? comment_id, comment_id, ...(await ownEntries(c))))
  const signature = await signText(c.env, 'own entries', list)
  if (signature === '') return
  keepCookie(c, ENTRIES_COOKIE, `${list}.${signature}`, '/', YEAR_SECONDS)
}
