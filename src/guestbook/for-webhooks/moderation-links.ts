import { isSigned, signText } from '../../kit/db/signed'
import { iso } from '../../kit/http/pagination'
import { isId } from '../../kit/lib/ids'
import { DAY_MS } from '../../kit/lib/time'
import type { messages } from '../../webhooks/tables/outgoing'
import { readHeld, withModeration } from '../rules/events/moderation'

/*
 * Links in `comment.held` with which the owner moderates an entry from wherever the event arrives, without logging in.
 * They are not stored: they follow from the event, so each attempt sends the same ones.
 */

const LIFETIME_MS = 7 * DAY_MS
export const LINK_ACTIONS = { approve: 'published', hide: 'hidden', spam: 'spam' } as const
export type LinkAction = keyof typeof LINK_ACTIONS

interface ModerationLink {
  action: LinkAction
  comment_id: string
  message_id: string
  /** Epoch milliseconds. */
  expires_at: number
}

type Event = Pick<typeof messages.$inferSelect, 'id' | 'type' | 'payload'>

/** @returns the payload with the links. It stays as it is if it contains them, or if SECRETS_KEY is unusable */
export async function addLinks(env: Env, { id, type, payload }: Event): Promise<string> {
  const held = readHeld(type, payload)
  if (!held || !isId('cmt', held.comment_id)) return payload
  const { comment_id, origin, at } = held
  const expires_at = at + LIFETIME_MS
  const urlOf = async (action: LinkAction) => {
    const token = await tokenOf(env, { action, comment_id, message_id: id, expires_at })
    return token && `${origin}/moderate/${token}`
  }
  const [approve_url, hide_url, spam_url] = await Promise.all([urlOf('approve'), urlOf('hide'), urlOf('spam')])
  if (!approve_url) return payload
  return withModeration(type, payload, { approve_url, hide_url, spam_url, expires_at: iso(expires_at) })
}

/** @returns null if SECRETS_KEY is unusable */
async function tokenOf(env: Env, { action, comment_id, message_id, expires_at }: ModerationLink) {
  const content = `mod_${action}.${comment_id}.${message_id}.${expires_at}`
  const signature = await signText(env, 'moderation link', content)
  return signature === '' ? null : `${content}.${signature}`
}

/** A link works once: while the entry waits, and while the event with the link is the latest one about the entry. */
const TOKEN = /^(mod_(approve|hide|spam)\.(cmt_\w{26})\.(msg_\w{26})\.(\d{1,15}))\.([\w-]{43})$/

/** @returns what a token allows, or null if it is not one of ours. It may have expired */
export async function readToken(env: Env, token: string): Promise<ModerationLink | null> {
  const [, content = '', action = '', comment_id = '', message_id = '', expires = '', signature = ''] =
    TOKEN.exec(token) ?? []
  if (!isId('cmt', comment_id) || !(await isSigned(env, 'moderation link', content, signature))) return null
  return { action: action as LinkAction, comment_id, message_id, expires_at: Number(expires) }
}
