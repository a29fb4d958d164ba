import { all, first, statement } from '../../kit/db/statements'
import { DASHBOARD } from '../../kit/lib/paths'
import { type DeliveryOutcome, listMessagesById, outcomesOf } from '../../webhooks/send/messages/list-messages'
import type { MessageRow } from '../../webhooks/send/messages/queries'
import { type CommentRow, ENTRY } from '../store'

/* The events about entries, for the owner: what was sent, and what became of it. */

const MESSAGES_OF = statement<{ ids: string }, { id: string; message_ids: string }>(`
  select c.id, c.message_ids
  from json_each(:ids) j
  cross join comments c on c.id = j.value`)

/** @returns the ids of the messages about each entry, oldest first */
export async function messageIdsOf(env: Env, ids: string[]): Promise<Map<string, string[]>> {
  const rows = await all(MESSAGES_OF(env, { ids: JSON.stringify(ids) }))
  return new Map(rows.map(({ id, message_ids }) => [id, JSON.parse(message_ids)]))
}

/** SQL that joins a message `m` with the entry `c` that it reports. */
const JOIN_ENTRY = `cross join comments c on c.id = nullif(m.payload, '') ->> '$.data.comment.id'`

const FIND_ENTRY = statement<{ id: string }, { id: string }>(`
  select c.id
  from messages m
  ${JOIN_ENTRY}
  where m.id = :id and m.type like 'comment.%'`)

/** @returns the page of the entry that a message reports; null if it reports none, or if the entry was deleted */
export async function findEntryOf(env: Env, { id }: Pick<MessageRow, 'id'>) {
  const entry = await first(FIND_ENTRY(env, { id }))
  return entry && { href: `${DASHBOARD.entries}/${entry.id}`, label: 'Open the entry' }
}

const ENTRIES_OF = ENTRY.of('c')
  .and<{ message_id: string }>('m.id as message_id')
  .from<{ ids: string }>(`
  json_each(:ids) j
  cross join messages m on m.id = j.value
  ${JOIN_ENTRY}`)

/** @returns the entry that each message reports, by the id of the message. One that was deleted is left out */
export async function entriesOfChange(env: Env, messages: MessageRow[]): Promise<Map<string, CommentRow>> {
  const ids = messages.flatMap(({ id, type }) => (type.startsWith('comment.') ? id : []))
  const rows = ids.length === 0 ? [] : await all(ENTRIES_OF(env, { ids: JSON.stringify(ids) }))
  return new Map(rows.map(({ message_id, ...entry }) => [message_id, entry]))
}

export interface EventsOf {
  messages: MessageRow[]
  /** By the id of the message; null if there are too many endpoints to look at. */
  outcomes: Map<string, DeliveryOutcome[]> | null
  hasMore: boolean
}

/** Each edit is an event. */
const SHOWN = 5

/** @returns the latest events about an entry, newest first. Old messages are deleted, so there may be none */
export async function eventsOf(env: Env, id: string): Promise<EventsOf> {
  const known = (await messageIdsOf(env, [id])).get(id) ?? []
  const ids = known.slice(-SHOWN).reverse()
  const [messages, outcomes] = await Promise.all([
    listMessagesById(env, ids),
    outcomesOf(
      env,
      ids.map((message_id) => ({ id: message_id }))
    ),
  ])
  return { messages, outcomes, hasMore: known.length > SHOWN }
}
