import { isSigned } from '../../kit/db/signed'
import { isId } from '../../kit/lib/ids'
import type { LinkAction, ModerationLink } from '../for-webhooks/moderation-links'

/*
 * A link of guestbook/for-webhooks/moderation-links.ts works once: only as long as the entry still waits, and the event
 * that contains the link is its latest one.
 */

const TOKEN = /^(mod_(approve|hide|spam)\.(cmt_\w{26})\.(msg_\w{26})\.(\d{1,15}))\.([\w-]{43})$/

/** @returns what a token allows, or null if it is not one of ours. It may have expired */
export async function readToken(env: Env, token: string): Promise<ModerationLink | null> {
  const [, content = '', action = '', comment_id = '', message_id = '', expires = '', signature = ''] =
    TOKEN.exec(token) ?? []
  if (!isId('cmt', comment_id) || !(await isSigned(env, 'moderation link', content, signature))) return null
  return { action: action as LinkAction, comment_id, message_id, expires_at: Number(expires) }
}
