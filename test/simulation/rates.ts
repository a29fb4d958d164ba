import { SECOND } from './clock'
import { isCalled, settingsIn } from './endpoint-settings'
import type { AllChanges, Rows } from './history'
import type { Simulation } from './simulation'

/* A backlog is sent at the rate of its endpoint. The program releases a page at a time, slightly under a minute apart. */

const PAGE_MS = 45 * SECOND

/** @throws Error if a step has released more deliveries than a minute may */
export function requireRates(simulation: Simulation, { deliveries, endpoints: changed }: AllChanges): void {
  const { endpoints, step, clock, releases, asked } = simulation
  const isLong = clock.now - simulation.stepBegan > PAGE_MS || clock.setBack > 0
  for (const endpoint of endpoints) {
    const settings = settingsIn(endpoint, step)
    // What the owner changes is sent at once, and each call is one request.
    const isChanged =
      endpoint.changes.some((one) => one.step === step) || changed.changed.some(({ after }) => after.id === endpoint.id)
    if (isLong || isChanged || settings.length === 0 || settings.some(isCalled)) {
      releases.delete(endpoint)
      continue
    }
    const count = deliveries.changed.filter(
      ({ before, after }) =>
        after.endpoint_id === endpoint.id && wasReleased(before, after) && !asked.get(after.id)?.has(step)
    ).length
    const recent = (releases.get(endpoint) ?? []).filter(({ at }) => at > clock.now - PAGE_MS)
    const all = [...recent, { at: clock.now, count }]
    releases.set(endpoint, all)
    const rate = Math.max(...settings.map((one) => one.rate_limit))
    const sum = all.reduce((total, one) => total + one.count, 0)
    // A probe that succeeds is followed by a page at once.
    if (sum > rate + 1)
      throw new Error(`${endpoint.id} got ${sum} waiting deliveries in a minute, at a rate of ${rate}.`)
  }
}

function wasReleased(before: Rows['deliveries'], after: Rows['deliveries']): boolean {
  const wasParked = before.status === 'pending' && before.next_attempt_at === null
  return wasParked && after.status !== 'canceled' && (after.next_attempt_at !== null || after.status !== 'pending')
}
