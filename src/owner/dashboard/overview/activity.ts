import { ANYWHERE, searchComments } from '../../../guestbook/moderation/search'
import type { CommentRow } from '../../../guestbook/store'
import { type ListedInbound, listInbound } from '../../../webhooks/receive/messages/queries'
import { findMessages } from '../../../webhooks/send/messages/list-messages'
import type { MessageRow } from '../../../webhooks/send/messages/queries'

/* What happened last, of every kind, as one list. */

export type Activity =
  | { kind: 'entry'; at: number; entry: CommentRow }
  | { kind: 'message'; at: number; message: MessageRow }
  | { kind: 'inbound'; at: number; inbound: ListedInbound }

/** How many of each kind are read. */
const EACH = 8
/** How many are shown. */
const SHOWN = 12

/** @returns the newest first */
export async function listActivity(env: Env): Promise<Activity[]> {
  const [entries, messages, inbound] = await Promise.all([
    searchComments(env, ANYWHERE, '', undefined, EACH),
    findMessages(env, {}, undefined, EACH),
    listInbound(env, {}, undefined, EACH),
  ])
  const all: Activity[] = [
    ...entries.data.map((entry) => ({ kind: 'entry' as const, at: entry.created_at, entry })),
    ...messages.data.map((message) => ({ kind: 'message' as const, at: message.created_at, message })),
    ...inbound.data.map((one) => ({ kind: 'inbound' as const, at: one.received_at, inbound: one })),
  ]
  return all.toSorted((a, b) => b.at - a.at).slice(0, SHOWN)
}
