import fc from 'fast-check'
import type { World } from '../../support/world'
import { OWNER, type Simulation } from '../simulation'
import { change } from './endpoints'
import { kind, which } from './kind'

/* Events that the owner's programs publish, one or several at a time. */

export const EVENTS = {
  publish: kind<{ count: number; isPublic: boolean }>(
    4,
    { count: fc.constantFrom(1, 1, 2), isPublic: fc.boolean() },
    (simulation, isolate, { count, isPublic }) => publish(simulation, isolate, count, isPublic)
  ),

  /** An endpoint misses some events, and gets them when it is enabled again: there are orders with many deliveries. */
  miss: kind<{ which: number; count: number }>(
    3,
    { which, count: fc.integer({ min: 3, max: 6 }) },
    async (simulation, isolate, { which, count }) => {
      await change(simulation, isolate, which, { isEnabled: false }, ['POST', '/disable'])
      await publish(simulation, isolate, count, true)
      const body = { replay_missing: true }
      await change(simulation, isolate, which, { isEnabled: true }, ['POST', '/enable', body])
    }
  ),
}

async function publish(simulation: Simulation, isolate: World, count: number, isPublic: boolean): Promise<void> {
  for (let i = 0; i < count; i++) {
    simulation.clock.tick(1)
    const body = { type: 'note.posted', data: { text: simulation.nextWord(), public: isPublic } }
    const answer = await simulation.ask(isolate, 'POST', '/api/messages', { headers: OWNER, body })
    if (answer && answer.status !== 201)
      throw new Error(`Publishing was answered with ${answer.status}: ${answer.text}`)
    if (answer) simulation.published.push(answer.body.id)
  }
}
