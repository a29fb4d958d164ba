import { isId } from '../../core/lib/ids'
import { DAY_MS } from '../../core/lib/time'
import { isSigned, signText } from '../../db/signed'
import { iso } from '../../http/pagination'

/*
 * Links in `comment.held` with which the owner moderates an entry from wherever the event arrives, without logging in.
 * A link works once: only as long as the entry still waits, and the event that contains the link is its latest one.
 */

const LIFETIME_MS = 7 * DAY_MS

export const LINK_ACTIONS = { approve: 'published', hide: 'hidden', spam: 'spam' } as const
export type LinkAction = keyof typeof LINK_ACTIONS

export interface ModerationLink {
  action: LinkAction
  comment_id: string
  /** The message that contains the link. */
  message_id: string
  /** Epoch milliseconds. */
  expires_at: number
}

type Ids = Pick<ModerationLink, 'comment_id' | 'message_id'>

/** @returns the part of an event with the links; only `comment.held` has one. It is null if SECRETS_KEY is unusable */
export async function linksIn(env: Env, type: string, ids: Ids, origin: string, now: number) {
  return type === 'comment.held' ? { moderation: await moderationLinks(env, ids, origin, now) } : {}
}

/** @returns null if SECRETS_KEY is unusable */
async function moderationLinks(env: Env, { comment_id, message_id }: Ids, origin: string, now: number) {
  const expires_at = now + LIFETIME_MS
  const urlOf = async (action: LinkAction) => {
    const token = await tokenOf(env, { action, comment_id, message_id, expires_at })
    return token && `${origin}/moderate/${token}`
  }
  const [approve_url, hide_url, spam_url] = await Promise.all([urlOf('approve'), urlOf('hide'), urlOf('spam')])
  if (!approve_url) return null
  return { approve_url, hide_url, spam_url, expires_at: iso(expires_at) }
}

/** @returns null if SECRETS_KEY is unusable */
async function tokenOf(env: Env, { action, comment_id, message_id, expires_at }: ModerationLink) {
  const content = `mod_${action}.${comment_id}.${message_id}.${expires_at}`
  const signature = await signText(env, 'moderation link', content)
  return signature === '' ? null : `${content}.${signature}`
}

const TOKEN = /^(mod_(approve|hide|spam)\.(cmt_\w{26})\.(msg_\w{26})\.(\d{1,15}))\.([\w-]{43})$/
/** The tokens in a longer text. */
export const LINK_IN_TEXT = new RegExp(TOKEN.source.slice(1, -1), 'g')

/** @returns what a token allows, or null if it is not one of ours. It may have expired */
export async function readToken(env: Env, token: string): Promise<ModerationLink | null> {
  const [, content = '', action = '', comment_id = '', message_id = '', expires = '', signature = ''] =
    TOKEN.exec(token) ?? []
  if (!isId('cmt', comment_id) || !(await isSigned(env, 'moderation link', content, signature))) return null
  return { action: action as LinkAction, comment_id, message_id, expires_at: Number(expires) }
}
