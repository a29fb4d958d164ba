import { loadBooks } from '../../../guestbook/books/cache'
import { entriesOfChange, messageIdsOf } from '../../../guestbook/moderation/events-of'
import { ANYWHERE, searchComments } from '../../../guestbook/moderation/search'
import type { CommentRow } from '../../../guestbook/store'
import type { ScannedPage } from '../../../kit/db/scanned'
import { timeOfId } from '../../../kit/lib/ids'
import { type ListedInbound, listInbound } from '../../../webhooks/receive/messages/queries'
import { requestTitle } from '../../../webhooks/rules/events/request-title'
import { titlesOfMessages } from '../../../webhooks/send/messages/event-titles'
import { type DeliveryOutcome, findMessages, outcomesOf } from '../../../webhooks/send/messages/list-messages'
import type { MessageRow } from '../../../webhooks/send/messages/queries'

/*
 * What happened last, of every kind, as one list without gaps: of each kind, only so many are read, so the list begins
 * where the first of them begins. A row also shows the outcome of the event that it caused. Requests to
 * the built-in receiver are left out, because they are copies of events.
 */

/** `message_id`: the event that it caused, or null. `times`: how many rows were merged into this one. */
type Common = { at: number; message_id: string | null; outcome?: DeliveryOutcome[] | undefined; times?: number }

export type Activity = Common &
  /** `event`: what happened to an older entry, as the type of the event. Only its latest row shows its state. */
  (
    | { kind: 'entry'; entry: CommentRow; event?: string; hasMarkup?: boolean; isLatest?: boolean }
    | { kind: 'message'; message: MessageRow; title?: string | undefined }
    | { kind: 'inbound'; inbound: ListedInbound }
  )

/** How many of each kind are read. */
const EACH = 8
/** How many are shown. */
const SHOWN = 12

/** @returns the newest first */
export async function listActivity(env: Env, now: number): Promise<Activity[]> {
  const lists = await Promise.all([
    searchComments(env, ANYWHERE, '', undefined, EACH),
    findMessages(env, { noTests: true }, undefined, EACH),
    listInbound(env, { others: true }, undefined, EACH),
  ])
  const from = Math.max(...lists.map(startOf))
  const known = <R extends Row>({ data }: ScannedPage<R>) => data.filter(({ id }) => timeOfId(id) >= from)
  const [entries, messages, inbound] = [known(lists[0]), known(lists[1]), known(lists[2])]
  const events = await messageIdsOf(
    env,
    entries.map(({ id }) => id)
  )
  const caused = new Set([...events.values()].flat().concat(inbound.flatMap(({ message_id }) => message_id ?? [])))
  const others = messages.filter(({ id }) => !caused.has(id))
  const about = await entriesOfChange(env, others)
  const rows: Activity[] = [
    ...entries.map((entry) => {
      return { kind: 'entry' as const, at: entry.created_at, message_id: events.get(entry.id)?.at(-1) ?? null, entry }
    }),
    ...others.map((message): Activity => {
      const entry = about.get(message.id)
      const common = { at: message.created_at, message_id: message.id }
      return entry ? { kind: 'entry', ...common, entry, event: message.type } : { kind: 'message', ...common, message }
    }),
    ...inbound.map((one) => {
      return { kind: 'inbound' as const, at: one.received_at, message_id: one.message_id, inbound: one }
    }),
  ]
  const shown = mergeGroups(rows.toSorted((a, b) => b.at - a.at)).slice(0, SHOWN)
  return withOutcomes(env, await withMarkup(env, shown, now))
}

/** Events about deliveries and endpoints. */
const NEWS = /^(delivery|endpoint)\./

type Row = { id: string; type?: string; message_id?: string | null }

/** @returns since when a list is whole; 0 if many of its rows may become one, which must not push everything else off */
function startOf({ data, next }: ScannedPage<Row>): number {
  const mayMerge = data.some(({ type = '', message_id }) => message_id === null || NEWS.test(type))
  return next === null || mayMerge ? 0 : timeOfId(next)
}

async function withMarkup(env: Env, rows: Activity[], now: number): Promise<Activity[]> {
  const slugs = rows.flatMap((row) => (row.kind === 'entry' ? row.entry.book : []))
  const bookOf = await loadBooks(env, slugs, now)
  const latest = (id: string) => rows.find((row) => row.kind === 'entry' && row.entry.id === id)
  return rows.map((row) => {
    if (row.kind !== 'entry') return row
    return { ...row, hasMarkup: bookOf(row.entry.book)?.markup === true, isLatest: row === latest(row.entry.id) }
  })
}

async function withOutcomes(env: Env, rows: Activity[]): Promise<Activity[]> {
  const events = rows.flatMap((row) => (row.message_id === null || isNews(row) ? [] : { id: row.message_id }))
  const [outcomes, titles] = await Promise.all([
    outcomesOf(env, events),
    titlesOfMessages(
      env,
      rows.flatMap((row) => (row.kind === 'message' ? row.message : []))
    ),
  ])
  return mergeGroups(
    rows.map((row) => {
      const id = row.message_id ?? ''
      return { ...row, outcome: outcomes?.get(id), ...(row.kind === 'message' && { title: titles.get(id) }) }
    })
  )
}

/**
 * Whether an event is about a delivery or an endpoint. Such a row shows no outcome of its own delivery, because it
 * would look like the state of the one that it is about.
 */
function isNews(row: Activity): row is Extract<Activity, { kind: 'message' }> {
  return row.kind === 'message' && NEWS.test(row.message.type)
}

/** @returns what rows of one group have in common. Another row is a group by itself: each event has its own outcome. */
function groupOf(row: Activity): unknown {
  if (row.kind !== 'inbound' || row.message_id !== null) return (isNews(row) && row.title) || row
  const { source_id, status, reason } = row.inbound
  return `${source_id} ${status} ${reason ?? requestTitle(row.inbound)}`
}

/** Merges each group into its newest row: requests before the list is cut, news once their titles are read. */
function mergeGroups(rows: Activity[]): Activity[] {
  const groups = Map.groupBy(rows, groupOf).values()
  return [...groups].flatMap(([row, ...older]) => (row ? { ...row, times: (row.times ?? 1) + older.length } : []))
}
