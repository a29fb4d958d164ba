import fc from 'fast-check'
import type { Queued, Sent, World } from '../../support/world'
import { SECOND } from '../clock'
import type { Answer, Simulation } from '../simulation'
import { ENDPOINTS } from './endpoints'
import { ENTRIES } from './entries'
import { kind, which } from './kind'

/*
 * An order whose receivers take their time. Meanwhile, the owner changes something that the order is about. A request
 * that begins more than a second later must not contradict the change.
 */

/** The changes, each with what it is done to: the endpoint of the request that is under way, or an entry. */
const MEANWHILE = {
  disable: (simulation: Simulation, isolate: World, which: number) =>
    ENDPOINTS.disable.perform(simulation, isolate, { which }),
  remove: (simulation: Simulation, isolate: World, which: number) =>
    ENDPOINTS.remove.perform(simulation, isolate, { which }),
  move: (simulation: Simulation, isolate: World, which: number) =>
    ENDPOINTS.move.perform(simulation, isolate, { which }),
  rotateSecret: (simulation: Simulation, isolate: World, which: number) =>
    ENDPOINTS.rotateSecret.perform(simulation, isolate, { which, grace: 0 }),
  noPace: (simulation: Simulation, isolate: World, which: number) =>
    ENDPOINTS.pace.perform(simulation, isolate, { which, pace: null, rate_limit: 300 }),
  pace: (simulation: Simulation, isolate: World, which: number) =>
    ENDPOINTS.pace.perform(simulation, isolate, { which, pace: 13, rate_limit: 300 }),
  erase: (simulation: Simulation, isolate: World, _: number, entry: number) =>
    ENTRIES.erase.perform(simulation, isolate, { which: entry }),
}
type Meanwhile = keyof typeof MEANWHILE
const CHANGES = Object.keys(MEANWHILE) as Meanwhile[]

interface Slowly {
  which: number
  /** How long each request takes, in milliseconds. */
  ms: number
  /** Before which request the change is made. The first one is 0. */
  at: number
  change: Meanwhile
  entry: number
}

export const SLOWLY = {
  slowly: kind<Slowly>(
    6,
    {
      which,
      ms: fc.constantFrom(400, 1_500, 1_500, 3_000),
      at: fc.constantFrom(0, 0, 1, 2),
      change: fc.constantFrom(...CHANGES),
      entry: which,
    },
    async (simulation, isolate, { which, ms, at, change, entry }) => {
      const { queued, clock, isolates } = simulation
      const message = largest(queued) ?? simulation.pick(queued, which)
      const other = isolates.find((one) => one !== isolate)
      if (!message || !other) return
      queued.splice(queued.indexOf(message), 1)
      clock.tick(message.delaySeconds * SECOND)
      const urls = new Set<string>()
      let requests = 0
      isolate.beforeRequest = async (sent) => {
        urls.add(sent.url)
        if (requests++ === at) await makeChange(simulation, other, sent, change, entry)
        const cut = simulation.cuts.get(simulation.step)
        // Time may also pass between the reading and the request, while another request is under way.
        if (cut && urls.size > 1) cut.slackMs = ms
        await moment()
        if (clock.now < sent.at + ms) clock.tick(sent.at + ms - clock.now)
      }
      try {
        if (!(await isolate.consume(message))) queued.push({ ...message, delaySeconds: 30 })
      } finally {
        isolate.beforeRequest = undefined
      }
    }
  ),
}

/** The requests that begin together are all under way after this. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 3))

/** @returns the order with the most deliveries, or one that releases a call or a page, if there is any */
function largest(queued: Queued[]): Queued | undefined {
  const size = ({ body }: Queued) => {
    const { kind, deliveries = [] } = body as { kind?: string; deliveries?: unknown[] }
    return kind === 'resume' ? 3 : deliveries.length
  }
  const [first] = queued.toSorted((one, other) => size(other) - size(one))
  return first && size(first) > 1 ? first : undefined
}

async function makeChange(simulation: Simulation, isolate: World, sent: Sent, change: Meanwhile, entry: number) {
  const present = simulation.presentEndpoints()
  const place = present.findIndex(({ name }) => `${sent.url} ${sent.body}`.includes(name))
  if (place < 0) return
  const answer = (await MEANWHILE[change](simulation, isolate, place, entry)) as Answer | null | undefined
  if (answer && answer.status < 300) simulation.cuts.set(simulation.step, { at: simulation.clock.now, slackMs: 0 })
}
