import { env } from 'cloudflare:workers'
import { DAY } from './clock'
import type { AllChanges, Rows } from './history'
import type { Simulation } from './simulation'

/*
 * What must be true after every step.
 */

interface Options {
  isTogether: boolean
}

/** @throws Error if a step has done something that must never happen */
export async function requireInvariants(simulation: Simulation, changes: AllChanges, options: Options): Promise<void> {
  requireKept(simulation, changes, options)
  requireSamePayloads(simulation, changes)
  requireEvents(simulation, changes, options)
  requireNothingErased(simulation)
  await requireNothingStuck()
}

function requireKept(simulation: Simulation, changes: AllChanges, { isTogether }: Options): void {
  const { clock, shortest, deleting, replacedMessages, step } = simulation
  const isOld = (time: number | null, days: number) => time !== null && time <= clock.latest - days * DAY
  for (const { id, status, settled_at } of changes.deliveries.vanished) {
    const days = status === 'failed' ? shortest.failed_days : shortest.settled_days
    if (status === 'pending' || !isOld(settled_at, days)) throw new Error(`A ${status} delivery was removed: ${id}`)
  }
  for (const { id, dispatched_at, created_at } of changes.messages.vanished) {
    if (replacedMessages.has(id)) continue
    const isDispatched = dispatched_at !== null || isTogether
    if (!isDispatched || !isOld(created_at, shortest.settled_days)) throw new Error(`A message was removed: ${id}`)
  }
  for (const { id, status, received_at } of changes.inbound.vanished) {
    const isProcessed = status !== 'new' || isTogether
    const isExpired = isProcessed && isOld(received_at, shortest.inbound_days)
    if (!isExpired && deleting.get(id) !== step) throw new Error(`An inbound message was removed: ${id}`)
  }
  for (const { before, after } of changes.deliveries.changed) {
    if (after.attempt_count < before.attempt_count) throw new Error(`Attempts of ${after.id} were forgotten.`)
  }
}

/** A message is the same in every attempt, until it is erased with what it reports. A removal is always sent. */
function requireSamePayloads({ history, step }: Simulation, { messages }: AllChanges): void {
  for (const { before, after } of messages.changed) {
    if (after.payload === before.payload) continue
    const mayErase = after.payload === '' && after.erased_at !== null && after.type !== 'comment.removed'
    if (!mayErase) throw new Error(`The payload of ${after.id} was changed.`)
    if (!isErasedWithCause(history, after.id, step)) throw new Error(`${after.id} was erased without a cause.`)
  }
}

function isErasedWithCause({ tables }: Simulation['history'], message_id: string, step: number): boolean {
  const comments = [...tables.comments.seen.values()].filter(({ row }) => row.message_ids.includes(message_id))
  const inbound = [...tables.inbound.seen.values()].filter(({ row }) => row.message_id === message_id)
  const { initial } = tables.messages.seen.get(message_id) ?? {}
  const about = initial && commentOf(initial)
  const named = about === undefined ? undefined : tables.comments.seen.get(about)
  return [...comments, ...inbound, ...(named ? [named] : [])].some(({ gone }) => gone === step)
}

/** @returns the id of the comment that an event is about */
export function commentOf({ type, payload }: Rows['messages']): string | undefined {
  if (!type.startsWith('comment.') || payload === '') return undefined
  return JSON.parse(payload).data.comment.id
}

/** An entry is never changed without its event, and no event exists without its change. */
function requireEvents(
  { history, step }: Simulation,
  { comments, messages }: AllChanges,
  { isTogether }: Options
): void {
  const happened = new Map<string, string[]>()
  for (const { row } of messages.added) {
    const id = commentOf(row)
    if (id) happened.set(id, [...(happened.get(id) ?? []), row.type])
  }
  const expected = new Map<string, string[]>()
  for (const { row } of comments.added) expected.set(row.id, [`comment.${row.status}`])
  for (const { before, after } of comments.changed) expected.set(after.id, eventsFor(before, after))
  for (const { id, status } of comments.vanished) expected.set(id, status === 'published' ? ['comment.removed'] : [])
  for (const id of new Set([...happened.keys(), ...expected.keys()])) {
    // If two actions change an entry at the same time, only the sum of their events is known.
    if (isTogether && (history.tables.comments.seen.get(id)?.since ?? step) < step) continue
    const [is, should] = [happened.get(id) ?? [], expected.get(id) ?? []]
    if (is.toSorted().join() !== should.toSorted().join())
      throw new Error(`${id} has the events [${is}] instead of [${should}].`)
  }
}

function eventsFor(before: Rows['comments'], after: Rows['comments']): string[] {
  const isEditedByGuest = after.edited_by === 'guest' && after.edited_at !== before.edited_at
  return [...pageEventsFor(before, after), ...(isEditedByGuest && after.status === 'held' ? ['comment.held'] : [])]
}

function pageEventsFor(before: Rows['comments'], after: Rows['comments']): string[] {
  if (after.status !== 'published') return before.status === 'published' ? ['comment.removed'] : []
  if (before.status !== 'published') return ['comment.published']
  return before.body === after.body ? [] : ['comment.updated']
}

/** Nothing that was erased before this step is in an event, or in a request that was sent in this step. */
function requireNothingErased({ history, words, sent, step, erasedMessages, replacedMessages }: Simulation): void {
  for (const { id, payload } of history.tables.messages.present()) words.requireNone(payload, step, id)
  for (const { body, headers } of sent.filter((one) => one.step === step)) {
    const id = headers['webhook-id'] ?? ''
    words.requireNone(body, step, `a request with ${id}`)
    if (replacedMessages.has(id)) throw new Error(`${id} was sent although it was replaced.`)
    if ((erasedMessages.get(id) ?? step) < step) throw new Error(`${id} was sent after it had been erased.`)
  }
}

/** While a breaker is closed, no delivery is parked behind it, because nothing would release the delivery. */
async function requireNothingStuck(): Promise<void> {
  const { results } = await env.DB.prepare(
    `select e.id from endpoints e where e.status = 'enabled' and (e.breaker = 'closed') <> (e.resume_at is null)
     union select e.id from endpoints e where e.status = 'enabled' and e.breaker = 'closed' and exists (
       select 1 from deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at is null)`
  ).all()
  if (results.length > 0) throw new Error(`Deliveries are parked behind a closed breaker: ${JSON.stringify(results)}`)
}
