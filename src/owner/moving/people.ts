import { deleteComments } from '../../guestbook/moderation/moderate'
import { ANYWHERE, searchComments } from '../../guestbook/moderation/search'
import { toModerated } from '../../guestbook/schemas'
import { type CommentRow, findComments } from '../../guestbook/store'
import type { Publishing } from '../../kit/context'
import { log } from '../../log'
import { removingInbound } from '../../webhooks/receive/messages/erase'
import type { Line } from './exporting/lines'

/* What one person has written: found by name, website or text, shown, exported and erased. */

/** Each search reads up to 500 entries, and costs CPU time. */
const SEARCHES = 4
const PAGE = 100
/** A request is bounded by this: each book of an entry costs a query. */
export const MAX_ERASED = 20

/** Searches several pages. @param before an id @returns lines; the last has the next cursor, or says that it ends */
export async function personLines(env: Env, q: string, before: string | undefined, origin: string): Promise<Line[]> {
  const lines: Line[] = []
  let cursor = before
  for (let searches = 0; searches < SEARCHES; searches++) {
    const { data, next } = await searchComments(env, ANYWHERE, q, cursor, PAGE)
    lines.push(...data.map((row) => ({ type: 'entry', ...toModerated(row, origin) })))
    if (next === null) return [...lines, { type: 'end' }]
    cursor = next
  }
  return [...lines, { type: 'next', cursor }]
}

/** What would be erased with some entries. @returns those of the entries that exist */
export async function previewErasure(env: Env, ids: string[]): Promise<CommentRow[]> {
  return ids.length === 0 ? [] : findComments(env, ids.slice(0, MAX_ERASED))
}

/**
 * Erases entries for good: their texts, their answers, what events and receivers' responses say about them, and the
 * webhooks that created them with their bodies. Other entries by the same person are not searched for.
 * @param ids at most MAX_ERASED
 * @returns how many entries and how many webhooks were erased
 */
export async function eraseEntries(context: Publishing, ids: string[]) {
  const { env, now } = context
  const rows = await previewErasure(env, ids)
  const inbound = rows.flatMap(({ inbound_id }) => inbound_id ?? [])
  if (rows.length === 0) return { erased: 0, webhooks: 0 }
  const statements = inbound.length > 0 ? removingInbound(env, inbound, now) : []
  const erased = await deleteComments(context, rows, { statements })
  log('person.erased', { comment_ids: rows.map(({ id }) => id), inbound_ids: inbound })
  return { erased, webhooks: inbound.length }
}
