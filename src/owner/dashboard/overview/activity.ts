import { ANYWHERE, searchComments } from '../../../guestbook/moderation/search'
import type { CommentRow } from '../../../guestbook/store'
import { all, statement } from '../../../kit/db/statements'
import { type ListedInbound, listInbound } from '../../../webhooks/receive/messages/queries'
import { findMessages, outcomesOf, type StatusCounts } from '../../../webhooks/send/messages/list-messages'
import type { MessageRow } from '../../../webhooks/send/messages/queries'
import { titlesOf } from '../../../webhooks/send/messages/titles'

/*
 * What happened last, of every kind, as one list. What follows from something is in its row: an entry or a request, and
 * what became of the event that it caused. What the built-in receiver gets is left out: it is a copy.
 */

/** `message_id`: the event that it caused, or null. */
interface Common {
  at: number
  message_id: string | null
  outcome?: StatusCounts | undefined
}

export type Activity = Common &
  (
    | { kind: 'entry'; entry: CommentRow }
    | { kind: 'message'; message: MessageRow; title?: string | undefined }
    | { kind: 'inbound'; inbound: ListedInbound }
  )

/** How many of each kind are read. */
const EACH = 5
/** How many are shown. */
const SHOWN = 12

const MESSAGES_OF = statement<{ ids: string }, { id: string; message_ids: string }>(`
  select c.id, c.message_ids
  from json_each(:ids) j
  cross join comments c on c.id = j.value`)

/** @returns the newest first */
export async function listActivity(env: Env): Promise<Activity[]> {
  const [entries, messages, inbound] = await Promise.all([
    searchComments(env, ANYWHERE, '', undefined, EACH),
    findMessages(env, {}, undefined, EACH),
    listInbound(env, { others: true }, undefined, EACH),
  ])
  const events = await eventsOf(env, entries.data)
  const caused = new Set([...events.values()].flat().concat(inbound.data.flatMap(({ message_id }) => message_id ?? [])))
  const rows: Activity[] = [
    ...entries.data.map((entry) => {
      return { kind: 'entry' as const, at: entry.created_at, message_id: events.get(entry.id)?.at(-1) ?? null, entry }
    }),
    ...messages.data
      .filter(({ id }) => !caused.has(id))
      .map((message) => ({ kind: 'message' as const, at: message.created_at, message_id: message.id, message })),
    ...inbound.data.map((one) => {
      return { kind: 'inbound' as const, at: one.received_at, message_id: one.message_id, inbound: one }
    }),
  ]
  return withOutcomes(env, rows.toSorted((a, b) => b.at - a.at).slice(0, SHOWN))
}

/** @returns the events about each entry, oldest first */
async function eventsOf(env: Env, entries: CommentRow[]): Promise<Map<string, string[]>> {
  const rows = await all(MESSAGES_OF(env, { ids: JSON.stringify(entries.map(({ id }) => id)) }))
  return new Map(rows.map(({ id, message_ids }) => [id, JSON.parse(message_ids)]))
}

async function withOutcomes(env: Env, rows: Activity[]): Promise<Activity[]> {
  const events = rows.flatMap(({ message_id }) => (message_id === null ? [] : { id: message_id }))
  const [outcomes, titles] = await Promise.all([
    outcomesOf(env, events),
    titlesOf(
      env,
      rows.flatMap((row) => (row.kind === 'message' ? row.message : []))
    ),
  ])
  return rows.map((row) => {
    const id = row.message_id ?? ''
    return { ...row, outcome: outcomes?.get(id), ...(row.kind === 'message' && { title: titles.get(id) }) }
  })
}
