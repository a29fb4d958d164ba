import { type AllChanges, wordsIn } from './history'
import { requireInvariants } from './invariants'
import { type KnownEndpoint, NEVER, wants } from './known'
import type { Simulation } from './simulation'

/**
 * Looks at the tables after a step, and checks what must be true after every step.
 * @param options.isTogether whether two actions were performed at the same time
 */
export async function observe(simulation: Simulation, options: { isTogether: boolean }): Promise<void> {
  const changes = await simulation.history.read(simulation.step)
  noteEndpoints(simulation, changes)
  noteSources(simulation)
  noteReplays(simulation, changes)
  noteErasedMessages(simulation, changes)
  noteEntries(simulation, changes)
  noteInbound(simulation, changes)
  for (const find of simulation.afterStep.splice(0)) await find()
  await requireInvariants(simulation, changes, options)
}

function noteEndpoints({ endpoints, history, step }: Simulation, { endpoints: changes }: AllChanges): void {
  for (const { row } of changes.added) {
    const endpoint = endpoints.find(({ name }) => row.url.includes(name))
    if (!endpoint) throw new Error(`Nobody has registered ${row.url}.`)
    if (endpoint.id !== null) throw new Error(`${row.url} was registered twice.`)
    endpoint.id = row.id
    endpoint.lastDisabled = step
  }
  for (const endpoint of endpoints) {
    const seen = endpoint.id === null ? undefined : history.tables.endpoints.seen.get(endpoint.id)
    if (seen) noteStatus(endpoint, seen.gone === null ? seen.row.status : 'deleted', step)
  }
}

/** An endpoint that was disabled before or after a step counts as disabled during the step. */
function noteStatus(endpoint: KnownEndpoint, status: string, step: number): void {
  const isDisabled = status !== 'enabled'
  if (isDisabled || endpoint.isDisabled) endpoint.lastDisabled = step
  endpoint.isDisabled = isDisabled
  if (status === 'deleted' && endpoint.deleted === NEVER) endpoint.deleted = step
}

function noteSources({ sources, history }: Simulation): void {
  for (const source of sources) {
    const { row, gone } = history.tables.sources.seen.get(source.id) ?? { row: undefined, gone: null }
    source.isPaused = row?.status === 'paused'
    source.isDeleted = row?.status === 'deleted' || gone !== null
  }
}

/** A new replay has to send what was failed, missing or settled before this step. */
function noteReplays({ replays, history, endpoints }: Simulation, { jobs, deliveries, messages }: AllChanges): void {
  const touched = new Set([
    ...deliveries.added.map(({ row }) => row.id),
    ...deliveries.changed.map(({ after }) => after.id),
    ...deliveries.vanished.map(({ id }) => id),
  ])
  const newMessages = new Set(messages.added.map(({ row }) => row.id))
  for (const { row: job } of jobs.added) {
    const endpoint = endpoints.find(({ id }) => id === job.endpoint_id)
    const own = history.tables.deliveries.present().filter(({ endpoint_id }) => endpoint_id === job.endpoint_id)
    const have = new Set(own.map(({ message_id }) => message_id))
    const settled = own.filter(({ status }) => (job.only === 'failed' ? status === 'failed' : status !== 'pending'))
    const missing = history.tables.messages
      .present()
      .filter(
        (message) => !have.has(message.id) && !newMessages.has(message.id) && endpoint && wants(endpoint, message)
      )
    const ids = [
      ...(job.only === 'missing' ? [] : settled.map(({ id }) => id)),
      ...(job.only === 'failed' ? [] : missing.map(({ id }) => `${job.endpoint_id} ${id}`)),
    ]
    replays.set(job.id, new Set(ids))
  }
  for (const left of replays.values()) for (const id of touched) left.delete(id)
}

function noteErasedMessages({ erasedMessages, step }: Simulation, { messages }: AllChanges): void {
  const changed = [...messages.added.map(({ row }) => row), ...messages.changed.map(({ after }) => after)]
  for (const { id, erased_at } of changed) {
    if (erased_at !== null && !erasedMessages.has(id)) erasedMessages.set(id, step)
  }
}

/** The words of an entry are erased with it. A webhook that has signed it may still contain them. */
function noteEntries({ words, history, step }: Simulation, { comments }: AllChanges): void {
  const stored = new Set(history.tables.inbound.present().flatMap(({ body_prefix }) => wordsIn(body_prefix)))
  for (const { id } of comments.vanished) {
    for (const word of wordsOfEntry(history, id)) words.erase(word, step, !stored.has(word))
  }
  // A webhook that is sent again after the owner has deleted it counts as new.
  for (const { row } of comments.added) for (const word of wordsIn(row.body)) words.restore(word)
}

function wordsOfEntry({ tables }: Simulation['history'], id: string): string[] {
  const { initial, row } = tables.comments.seen.get(id) ?? {}
  const payloads = [...tables.messages.seen.values()].map(({ initial }) => initial.payload)
  const texts = [initial?.name, initial?.body, row?.body, ...payloads.filter((payload) => payload.includes(id))]
  return wordsIn(texts.join(' '))
}

/** The words of a webhook are erased with its last message, except for those of an entry that it has signed. */
function noteInbound({ words, history, step, deleting }: Simulation, { inbound }: AllChanges): void {
  const stored = new Set(history.tables.inbound.present().map(({ id }) => wordOf(history, id)))
  const shown = new Set(history.tables.comments.present().flatMap(({ name, body }) => wordsIn(name + body)))
  for (const { id } of inbound.vanished) {
    const word = wordOf(history, id)
    const isKept = word === undefined || stored.has(word) || shown.has(word)
    // Retention removes a message, but not the event that it has published.
    if (!isKept && (deleting.get(id) === step || words.isErased(word))) words.erase(word, step, true)
  }
  for (const { row } of inbound.added) for (const word of wordsIn(row.body_prefix)) words.restore(word)
}

function wordOf({ tables }: Simulation['history'], inbound_id: string): string | undefined {
  return wordsIn(tables.inbound.seen.get(inbound_id)?.initial.body_prefix ?? null)[0]
}
