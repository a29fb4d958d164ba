import fc from 'fast-check'
import type { World } from '../../support/world'
import { OWNER, type Simulation } from '../simulation'
import { change } from './endpoints'
import { kind, which } from './kind'

/*
 * What is sent again because a person asks for it, and what is given up.
 */

const EVER = '1970-01-01T00:00:00Z'

/** A selection of deliveries: see `POST /api/deliveries/resend`. */
interface Selection {
  which: number
  /** All endpoints, or one of them. */
  isForAll: boolean
  event_types: string[] | null
  book: string | null
  /** Whether only one message is named. */
  isNamed: boolean
  dry_run: boolean
}

const selection = {
  which,
  isForAll: fc.boolean(),
  event_types: fc.constantFrom<(string[] | null)[]>(null, ['comment.*'], ['note.posted']),
  book: fc.constantFrom<(string | null)[]>(null, null, 'second'),
  isNamed: fc.constantFrom(false, false, false, true),
  dry_run: fc.constantFrom(false, false, false, true),
}

const STATES = ['waiting', 'failed', 'delivered', 'discarded', 'missing']

export const SELECTIONS = {
  replay: kind<{ which: number; only: string }>(
    4,
    { which, only: fc.constantFrom('failed', 'missing', 'all') },
    (simulation, isolate, { which, only }) =>
      change(simulation, isolate, which, null, ['POST', '/replay', { since: EVER, only }])
  ),

  /** Some jobs have much to do, and can be stopped. */
  cancelJob: kind<{ which: number }>(3, { which }, async (simulation, isolate, { which }) => {
    const jobs = simulation.history.tables.jobs.present()
    const running = jobs.filter(({ state }) => state === 'running')
    const job = simulation.pick(running.length > 0 ? running : jobs, which)
    if (job) await simulation.ask(isolate, 'POST', `/api/jobs/${job.id}/cancel`, { headers: OWNER })
  }),

  retry: kind<{ which: number; hasten: boolean }>(
    3,
    { which, hasten: fc.boolean() },
    async (simulation, isolate, { which, hasten }) => {
      const delivery = simulation.pick(simulation.history.tables.deliveries.present(), which)
      if (!delivery) return
      noteAsked(simulation, delivery.id)
      const path = `/api/messages/${delivery.message_id}/deliveries/${delivery.endpoint_id}/retry`
      await simulation.ask(isolate, 'POST', path, { headers: OWNER, body: { hasten } })
    }
  ),

  /** Sends the oldest delivery that waits, or the last one that failed. */
  tryNow: kind<{ which: number }>(2, { which }, async (simulation, isolate, { which }) => {
    const endpoint = simulation.pick(simulation.presentEndpoints(), which)
    const all = simulation.history.tables.deliveries.present()
    for (const { id, endpoint_id } of all) if (endpoint_id === endpoint?.id) noteAsked(simulation, id)
    await change(simulation, isolate, which, null, ['POST', '/try'])
  }),

  resend: kind<Selection & { states: string[] }>(
    4,
    { ...selection, states: fc.subarray(STATES, { minLength: 1 }) },
    (simulation, isolate, { states, ...given }) => select(simulation, isolate, 'resend', given, states)
  ),

  discard: kind<Selection>(3, selection, (simulation, isolate, given) =>
    select(simulation, isolate, 'discard', given, ['waiting'])
  ),
}

function noteAsked({ asked, step }: Simulation, delivery: string): void {
  asked.set(delivery, (asked.get(delivery) ?? new Set()).add(step))
}

async function select(
  simulation: Simulation,
  isolate: World,
  act: 'resend' | 'discard',
  { which, isForAll, isNamed, event_types, book, dry_run }: Selection,
  states: string[]
): Promise<void> {
  const endpoints = simulation.presentEndpoints()
  const one = simulation.pick(endpoints, which)
  const message = simulation.pick(simulation.history.tables.messages.present(), which)
  if (!one || !message) return
  const chosen = isForAll ? endpoints : [one]
  const body = {
    ...(!isForAll && { endpoints: [one.id] }),
    ...(event_types && { event_types }),
    ...(book && { book }),
    ...(isNamed ? { ids: [message.id] } : { since: EVER }),
    states,
    dry_run,
  }
  for (const { id } of dry_run ? [] : chosen) {
    // What a person names is sent as asked. The rest is judged like a replay.
    if (isNamed && act === 'resend') noteAsked(simulation, `${id} ${message.id}`)
    simulation.selected.push({ step: simulation.step, act, endpoint_id: id, states })
  }
  const has = matching(simulation, chosen, body)
  const answer = await simulation.ask(isolate, 'POST', `/api/deliveries/${act}`, { headers: OWNER, body })
  // A book may have been deleted.
  if (answer && answer.status >= 300 && book === null)
    throw new Error(`A selection was answered with ${answer.status}: ${answer.text}`)
  // A job takes more than this step.
  const isDone = answer && !dry_run && !answer.body.job
  if (isDone && act === 'discard') simulation.afterStep.push(async () => requireDiscarded(simulation, has))
}

/** @returns the deliveries that wait for their turn, and that a selection finds. What a call reports now is under way */
function matching(simulation: Simulation, chosen: { id: string }[], body: Partial<Record<string, unknown>>): string[] {
  const { deliveries, messages } = simulation.history.tables
  const { event_types, book, ids } = body as { event_types?: string[]; book?: string; ids?: string[] }
  return deliveries.present().flatMap(({ id, endpoint_id, message_id, status, next_attempt_at, covered_by }) => {
    const call = deliveries.seen.get(`${endpoint_id} ${covered_by}`)?.row
    if (call?.status === 'pending' && call.next_attempt_at !== null && call.reason === null) return []
    const message = messages.seen.get(message_id)?.row
    const isParked = status === 'pending' && next_attempt_at === null
    if (!message || !isParked || !chosen.some((one) => one.id === endpoint_id)) return []
    const hasType = event_types?.some((type) => type === message.type || message.type.startsWith(type.replace('*', '')))
    const isNamed = ids === undefined || ids.includes(message_id)
    const isMatch = hasType !== false && (book === undefined || book === message.book) && isNamed
    return isMatch && message.audience === null && message.erased_at === null ? [id] : []
  })
}

/** What waited for its turn is given up. */
function requireDiscarded({ history, isTogether, step, faulty }: Simulation, waiting: string[]): void {
  if (isTogether || faulty.has(step)) return
  const left = waiting.filter((id) => history.tables.deliveries.seen.get(id)?.row.reason !== 'discarded')
  if (left.length > 0) throw new Error(`A discard has left ${left.join(', ')}.`)
}
