import { env } from 'cloudflare:workers'
import type { Sent } from '../support/world'
import { wrongAnswers } from './actions/forms'
import { surely } from './books'
import { DAY } from './clock'
import { isCalled, settingsIn } from './endpoint-settings'
import type { AllChanges, Rows } from './history'
import { requireRates } from './rates'
import { mayBeAsked } from './replays'
import { isTo } from './reports'
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
  requireRestored(simulation, changes)
  requireAsked(simulation, changes)
  requireRates(simulation, changes)
  requirePrivate(simulation)
  requireDeletedBooks(simulation, changes)
  requireAnswers(simulation, changes)
  requireUndone(simulation, options)
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
  for (const { row } of comments.added) expected.set(row.id, eventsOfNew(row))
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

/** Nobody is told about spam and private entries. */
function eventsOfNew({ status }: Rows['comments']): string[] {
  return status === 'published' || status === 'held' ? [`comment.${status}`] : []
}

function eventsFor(before: Rows['comments'], after: Rows['comments']): string[] {
  const isEditedByGuest = after.edited_by === 'guest' && after.edited_at !== before.edited_at
  return [...pageEventsFor(before, after), ...(isEditedByGuest && after.status === 'held' ? ['comment.held'] : [])]
}

/** What the page shows of an entry. */
const SHOWN = ['name', 'body', 'answers', 'reply'] as const

function pageEventsFor(before: Rows['comments'], after: Rows['comments']): string[] {
  if (after.status !== 'published') return before.status === 'published' ? ['comment.removed'] : []
  if (before.status !== 'published') return ['comment.published']
  return SHOWN.every((name) => before[name] === after[name]) ? [] : ['comment.updated']
}

/** Nothing that was erased before this step is in an event, or in a request that was sent in this step. */
function requireNothingErased(simulation: Simulation): void {
  const { history, words, sent, step, erasedMessages, replacedMessages } = simulation
  for (const { id, payload } of history.tables.messages.present()) words.requireNone(payload, step, id)
  for (const request of sent.filter((one) => one.step === step)) {
    // What is erased while an order is under way is not sent by requests that begin more than a second later.
    const limit = simulation.isAfterCut(request) ? step + 1 : step
    const id = request.headers['webhook-id'] ?? ''
    words.requireNone(request.body, limit, `a request with ${id}`)
    if (replacedMessages.has(id)) throw new Error(`${id} was sent although it was replaced.`)
    if ((erasedMessages.get(id) ?? limit) < limit && !mayCover(simulation, request))
      throw new Error(`${id} was sent after it had been erased.`)
  }
}

/** A digest and the call of a build hook may report other events, too, so they are sent if their own was erased. */
function mayCover({ endpoints, step }: Simulation, request: Sent): boolean {
  const endpoint = endpoints.find(({ name }) => isTo(request, name))
  return endpoint !== undefined && settingsIn(endpoint, step).some(isCalled)
}

/** If a replay is canceled, a delivery is again what it was before. What a digest has covered stays covered. */
function requireRestored({ priors }: Simulation, { deliveries }: AllChanges): void {
  const added = deliveries.added.map(({ row }) => ({ before: null, after: row }))
  for (const { before, after } of [...added, ...deliveries.changed]) {
    const isReopened = before !== null && before.status !== 'pending' && after.status === 'pending'
    if (isReopened) priors.set(after.id, { status: before.status, reason: before.reason })
    const prior = priors.get(after.id) ?? (before?.status === 'pending' ? undefined : before)
    const isForgotten = prior && prior.reason !== 'replay_canceled' && after.reason === 'replay_canceled'
    if (isForgotten)
      throw new Error(
        `${after.id} was ${prior.reason ?? prior.status} before a replay that was canceled, and is missing now.`
      )
    if (after.status !== 'pending') priors.delete(after.id)
  }
}

/** What was settled is sent again only if a person names it, or if a selection contains it that the endpoint wants. */
function requireAsked(simulation: Simulation, { deliveries }: AllChanges): void {
  const { history, step } = simulation
  for (const { before, after } of deliveries.changed) {
    if (before.status === 'pending' || after.status !== 'pending') continue
    // What was erased in the step in which it appeared cannot be judged.
    const isKnown = history.tables.messages.seen.get(after.message_id)?.initial.payload !== ''
    if (isKnown && !mayBeAsked(simulation, after, step)) throw new Error(`${after.id} is sent again, and not wanted.`)
  }
}

/** Private entries are only for the owner: they neither wait nor are published, and have no reply. */
function requirePrivate({ history }: Simulation): void {
  for (const { id, is_private, status, reply } of history.tables.comments.present()) {
    if (is_private === 0 || ((status === 'hidden' || status === 'spam') && reply === null)) continue
    throw new Error(`The private entry ${id} is ${status}, with the reply ${reply}.`)
  }
}

/** In a deleted book, entries can be hidden and erased, but neither published nor edited. */
function requireDeletedBooks(simulation: Simulation, { comments }: AllChanges): void {
  const isDeleted = (book: string) => surely(simulation, book, 'state') === 'deleted'
  for (const { before, after } of comments.changed) {
    const isPublished = after.status === 'published' && before.status !== 'published'
    if (!isDeleted(after.book) || !(isPublished || before.body !== after.body)) continue
    throw new Error(`${after.id} was ${isPublished ? 'published' : 'edited'} in the deleted book ${after.book}.`)
  }
}

/** Each answer stays with its question. */
function requireAnswers(simulation: Simulation, { comments }: AllChanges): void {
  const added = comments.added.map(({ row }) => ({ before: null, after: row }))
  const changed = comments.changed.filter(({ before, after }) => before.answers !== after.answers)
  for (const { before, after } of [...added, ...changed]) {
    const wrong = wrongAnswers(after.answers, before?.answers ?? null)
    // What is sent by position is meant for the questions of that moment.
    const isByPosition =
      before !== null || simulation.entries.some(({ word, by }) => by === 'owner' && after.name.includes(word))
    const isSure = surely(simulation, after.book, 'questions') !== undefined
    if (wrong && (isSure || !isByPosition)) throw new Error(`Of ${after.id}, ${wrong}.`)
  }
}

/** An undo restores the status of each entry, and the reason for it. */
function requireUndone(simulation: Simulation, { isTogether }: Options): void {
  const { decision, step, history, faulty } = simulation
  if (decision?.undoneIn !== step || isTogether || faulty.has(step)) return
  // What the page carries was signed with the SECRETS_KEY of that time.
  if (simulation.rotatingSince > 0) return
  for (const { id, status, reason, edited_at } of decision.before) {
    const seen = history.tables.comments.seen.get(id)
    const isMissing = !seen || seen.gone !== null || surely(simulation, seen.row.book, 'state') !== 'present'
    // What was edited since then is not published unseen.
    if (isMissing || seen.row.edited_at !== edited_at) continue
    if (seen.row.status === status && seen.row.reason === reason) continue
    const is = `${seen.row.status} (${seen.row.reason})`
    throw new Error(`${id} was ${status} (${reason}), and is ${is} after the decision was undone.`)
  }
}

/** While a breaker is closed, no delivery is parked behind it, because nothing would release the delivery. */
async function requireNothingStuck(): Promise<void> {
  const { results } = await env.DB.prepare(
    `select e.id from endpoints e where e.status = 'enabled' and e.breaker <> 'closed' and e.resume_at is null
     union select e.id from endpoints e where e.status = 'enabled' and e.breaker = 'closed' and exists (
       select 1 from deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at is null)`
  ).all()
  if (results.length > 0) throw new Error(`Deliveries are parked behind a closed breaker: ${JSON.stringify(results)}`)
}
