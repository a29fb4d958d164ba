import fc from 'fast-check'
import type { Queued } from '../../support/world'
import { HOUR, MINUTE, SECOND } from '../clock'
import { OWNER } from '../simulation'
import { kind, which } from './kind'

const FORWARD = [SECOND, 10 * SECOND, MINUTE, 7 * MINUTE, HOUR, 26 * HOUR]
const BACK = [-SECOND, -MINUTE, -10 * MINUTE]

export const QUEUE_AND_TIME = {
  /** A queue delivers in any order, and sometimes twice. A message that is not acknowledged is delivered again. */
  consume: kind<{ which: number; isTwice: boolean }>(
    14,
    { which, isTwice: fc.constantFrom(false, false, false, true) },
    async (simulation, isolate, { which, isTwice }) => {
      const { queued, clock, setup } = simulation
      const message = simulation.pick(queued, which)
      if (!message) return
      const isRepeated = isTwice && setup.mode === 'wild'
      if (!isRepeated) queued.splice(queued.indexOf(message), 1)
      clock.tick(message.delaySeconds * SECOND)
      if (!(await isolate.consume(message)) && !isRepeated) queued.push({ ...message, delaySeconds: 30 })
    }
  ),

  /** Everything in the queues is delivered, in order. */
  consumeAll: kind<Record<never, never>>(5, {}, async ({ queued, clock }, isolate) => {
    for (const message of queued.splice(0)) {
      clock.tick(message.delaySeconds * SECOND)
      await isolate.consume(message)
    }
  }),

  /** Two queue messages about the same thing, or one message twice, arrive at the same moment, one in each isolate. */
  consumeRivals: kind<{ which: number; isTwice: boolean }>(
    6,
    { which, isTwice: fc.boolean() },
    async ({ queued, isolates, setup, pick }, _, { which, isTwice }) => {
      const repeated = isTwice && setup.mode === 'wild' ? pick(queued, which) : undefined
      const [one, other] = repeated ? [repeated, repeated] : findRivals(queued)
      if (!one || !other) return
      for (const message of new Set([one, other])) queued.splice(queued.indexOf(message), 1)
      const done = await Promise.allSettled([isolates[0]?.consume(one), isolates[1]?.consume(other)])
      for (const each of done) if (each.status === 'rejected') throw each.reason
    }
  ),

  lose: kind<{ which: number }>(2, { which }, async ({ queued }, _, { which }) => {
    queued.splice(which % Math.max(queued.length, 1), 1)
  }),

  loseAll: kind<Record<never, never>>(1, {}, async ({ queued }) => {
    queued.length = 0
  }),

  /** The queue accepts nothing from this isolate for a while, as when its daily limit is reached. */
  refuseQueue: kind<{ isRefusing: boolean }>(1, { isRefusing: fc.boolean() }, async (_, isolate, { isRefusing }) => {
    isolate.queueFault = isRefusing ? new Error('Too Many Requests') : undefined
  }),

  sweep: kind<{ jump: number; isTwice: boolean }>(
    10,
    { jump: fc.constantFrom(...FORWARD), isTwice: fc.constantFrom(false, false, true) },
    async (simulation, isolate, { jump, isTwice }) => {
      const { clock } = simulation
      clock.tick(jump)
      // Two actions of one step begin at the same time.
      if (!simulation.isTogether) simulation.stepBegan = clock.now
      const sweeps = [isolate.sweep(clock.now), isTwice && isolate.sweep(clock.now)]
      const done = await Promise.allSettled(sweeps)
      for (const one of done) if (one.status === 'rejected') throw one.reason
    }
  ),

  /** The clock jumps, or no cron job runs for a while. */
  jump: kind<{ jump: number }>(2, { jump: fc.constantFrom(...FORWARD, ...BACK) }, async ({ clock }, _, { jump }) => {
    clock.tick(jump)
  }),

  keepLog: kind<{ settled_days: number; failed_days: number; jobs_days: number }>(
    1,
    {
      settled_days: fc.constantFrom(1, 2, 30),
      failed_days: fc.constantFrom(1, 3, 90),
      jobs_days: fc.constantFrom(1, 30),
    },
    async (simulation, isolate, retention) => {
      const { shortest } = simulation
      shortest.settled_days = Math.min(shortest.settled_days, retention.settled_days)
      shortest.failed_days = Math.min(shortest.failed_days, retention.failed_days)
      shortest.jobs_days = Math.min(shortest.jobs_days, retention.jobs_days)
      await simulation.ask(isolate, 'PATCH', '/api/settings', { headers: OWNER, body: { retention } })
    }
  ),
}

function findRivals(queued: Queued[]): Queued[] {
  const rivals = queued.map((one) => {
    const names = namesIn(one)
    return queued.filter((other) => namesIn(other).some((name) => names.includes(name)))
  })
  return rivals.find((group) => group.length > 1) ?? []
}

/** What a queue message is about. */
function namesIn({ body }: Queued): string[] {
  const { deliveries = [], inbound_ids = [] } = body as Order
  return [...deliveries.map(({ endpoint_id, message_id }) => `${endpoint_id} ${message_id}`), ...inbound_ids]
}

interface Order {
  deliveries?: { endpoint_id: string; message_id: string }[]
  inbound_ids?: string[]
}
