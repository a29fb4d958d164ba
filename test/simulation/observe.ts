import { noteBooks } from './books'
import { SECOND } from './clock'
import { noteSettings, settingsOf } from './endpoint-settings'
import { noteApprovals } from './guests'
import { type AllChanges, wordsIn } from './history'
import { commentOf, requireInvariants } from './invariants'
import { NEVER } from './known'
import { listEndpoints, requirePace } from './pace'
import { noteReplays } from './replays'
import { trace } from './report/trace'
import { isTo } from './reports'
import type { Simulation } from './simulation'

/**
 * Looks at the tables after a step, and checks what must be true after every step.
 * @param options.isTogether whether two actions were performed at the same time
 */
export async function observe(simulation: Simulation, options: { isTogether: boolean }): Promise<void> {
  const changes = await simulation.history.read(simulation.step)
  trace(simulation, changes)
  noteEndpoints(simulation, changes)
  await noteEndpointSettings(simulation)
  await noteBooks(simulation)
  noteSources(simulation)
  noteDispatches(simulation, changes)
  noteRecorded(simulation, changes)
  noteReplays(simulation, changes, options.isTogether)
  noteApprovals(simulation, changes, options.isTogether)
  noteErasedMessages(simulation, changes)
  noteReplacedMessages(simulation, changes)
  noteEntries(simulation, changes)
  noteInbound(simulation, changes)
  for (const find of simulation.afterStep.splice(0)) await find()
  await requireInvariants(simulation, changes, options)
}

function noteEndpoints(simulation: Simulation, { endpoints: changes }: AllChanges): void {
  const { endpoints, history, step } = simulation
  for (const { row } of changes.added) {
    const endpoint = endpoints.find(({ name }) => row.url.includes(name))
    if (!endpoint) throw new Error(`Nobody has registered ${row.url}.`)
    if (endpoint.id !== null) throw new Error(`${row.url} was registered twice.`)
    endpoint.id = row.id
  }
  for (const endpoint of endpoints) {
    const seen = endpoint.id === null ? undefined : history.tables.endpoints.seen.get(endpoint.id)
    if (seen && endpoint.deleted === NEVER && (seen.gone !== null || seen.row.status === 'deleted'))
      endpoint.deleted = step
  }
  const { added, changed, vanished } = changes
  if (added.length + changed.length + vanished.length > 0) simulation.mayHaveChanged.endpoints = true
}

/** Reads the settings of the endpoints after a step that may have changed them. */
async function noteEndpointSettings(simulation: Simulation): Promise<void> {
  const { mayHaveChanged, endpoints, step } = simulation
  if (!mayHaveChanged.endpoints || endpoints.every(({ id }) => id === null)) return
  mayHaveChanged.endpoints = false
  const shown = await listEndpoints(simulation)
  for (const endpoint of endpoints) {
    const found = shown.find(({ id }) => id === endpoint.id)
    const last = endpoint.versions.at(-1)?.settings
    if (found) noteSettings(endpoint, settingsOf(found), step)
    else if (last) noteSettings(endpoint, { ...last, isEnabled: false }, step)
  }
  requirePace(simulation, shown)
}

function noteDispatches({ dispatched, step }: Simulation, { messages }: AllChanges): void {
  const changed = [...messages.added.map(({ row }) => row), ...messages.changed.map(({ after }) => after)]
  for (const { id, dispatched_at } of changed) {
    if (dispatched_at !== null && !dispatched.has(id)) dispatched.set(id, step)
  }
}

/** An attempt of this step has succeeded, and the program knows it. Its request is the last one. */
function noteRecorded({ recorded, sent, step, endpoints }: Simulation, { deliveries }: AllChanges): void {
  const added = deliveries.added.map(({ row }) => ({ before: null, after: row }))
  for (const { before, after } of [...added, ...deliveries.changed]) {
    if (after.status !== 'delivered' || after.attempt_count <= (before?.attempt_count ?? 0)) continue
    const { endpoint_id, message_id } = after
    const name = endpoints.find(({ id }) => id === endpoint_id)?.name ?? ''
    const request = sent.findLast(
      (one) => one.step === step && one.headers['webhook-id'] === message_id && isTo(one, name)
    )
    if (request) recorded.push({ endpoint_id, message_id, step, request })
  }
}

function noteSources({ sources, history }: Simulation): void {
  for (const source of sources) {
    const { row, gone } = history.tables.sources.seen.get(source.id) ?? { row: undefined, gone: null }
    source.isPaused = row?.status === 'paused'
    source.isDeleted = row?.status === 'deleted' || gone !== null
  }
}

function noteErasedMessages({ erasedMessages, step }: Simulation, { messages }: AllChanges): void {
  const changed = [...messages.added.map(({ row }) => row), ...messages.changed.map(({ after }) => after)]
  for (const { id, erased_at } of changed) {
    if (erased_at !== null && !erasedMessages.has(id)) erasedMessages.set(id, step)
  }
}

/** The event about an edit by a guest waits for five seconds. Until then, the next change of the entry replaces it. */
function noteReplacedMessages(
  { replacedMessages, history, step }: Simulation,
  { messages, comments }: AllChanges
): void {
  const changed = new Set(comments.changed.map(({ after }) => after.id))
  const begun = new Set(history.tables.deliveries.present().map(({ message_id }) => message_id))
  for (const row of messages.vanished) {
    const isUnsent = row.dispatched_at === null || row.dispatched_at === row.created_at
    const isWaiting = isUnsent && row.wake_at === row.created_at + 5 * SECOND
    const about = commentOf(row)
    if (isWaiting && about && changed.has(about) && !begun.has(row.id)) replacedMessages.set(row.id, step)
  }
}

/** The words of an entry are erased with it. A webhook that has signed it may still contain them. */
function noteEntries({ words, history, step }: Simulation, { comments }: AllChanges): void {
  const stored = new Set(history.tables.inbound.present().flatMap(({ body_prefix }) => wordsIn(body_prefix)))
  for (const { id } of comments.vanished) {
    const shown = shownWords(history)
    const erased = wordsOfEntry(history, id).filter((word) => !shown.has(word))
    for (const word of erased) words.erase(word, step, !stored.has(word))
  }
  // A webhook that is sent again after the owner has deleted it counts as new.
  for (const { row } of comments.added) for (const word of wordsIn(row.body)) words.restore(word)
}

/** The words of all entries. A webhook that counts as new has signed another entry with the same words. */
function shownWords(history: Simulation['history']): Set<string> {
  return new Set(history.tables.comments.present().flatMap(({ id }) => wordsOfEntry(history, id)))
}

function wordsOfEntry({ tables }: Simulation['history'], id: string): string[] {
  const { initial, row } = tables.comments.seen.get(id) ?? {}
  const payloads = [...tables.messages.seen.values()].map(({ initial }) => initial.payload)
  const texts = [
    initial?.name,
    initial?.body,
    row?.body,
    row?.answers,
    row?.reply,
    ...payloads.filter((payload) => payload.includes(id)),
  ]
  return wordsIn(texts.join(' '))
}

/** The words of a webhook are erased with its last message, except for those of an entry that it has signed. */
function noteInbound({ words, history, step, deleting }: Simulation, { inbound }: AllChanges): void {
  const stored = new Set(history.tables.inbound.present().map(({ id }) => wordOf(history, id)))
  for (const { id } of inbound.vanished) {
    const word = wordOf(history, id)
    const isKept = word === undefined || stored.has(word) || shownWords(history).has(word)
    // Retention removes a message, but not the event that it has published.
    if (!isKept && (deleting.get(id) === step || words.isErased(word))) words.erase(word, step, true)
  }
  for (const { row } of inbound.added) for (const word of wordsIn(row.body_prefix)) words.restore(word)
}

function wordOf({ tables }: Simulation['history'], inbound_id: string): string | undefined {
  return wordsIn(tables.inbound.seen.get(inbound_id)?.initial.body_prefix ?? null)[0]
}
