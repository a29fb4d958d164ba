import { DAY, HOUR, MINUTE } from './clock'
import { isCalled, type Settings } from './endpoint-settings'
import type { Simulation } from './simulation'

/*
 * An endpoint waits only for what its settings say: for the next call of a build hook, or the hour of a digest. It also
 * waits after failures, and as long as its receiver has asked for.
 */

/** How a receiver asks for a pause. */
const PAUSING = /retry-after|unavailable/

export type ShownEndpoint = Record<string, unknown> & {
  id: string
  health: { breaker: string; resume_at: string | null; consecutive_failures: number; failing_since: string | null }
}

export async function listEndpoints(simulation: Simulation): Promise<ShownEndpoint[]> {
  const { body } = await simulation.askOwner('GET', '/api/endpoints?limit=100')
  return body.data as ShownEndpoint[]
}

/** @throws Error if an endpoint waits for longer than its settings say */
export function requirePace({ endpoints, clock, step }: Simulation, shown: ShownEndpoint[]): void {
  for (const { id, health } of shown) {
    const endpoint = endpoints.find((one) => one.id === id)
    const settings = endpoint?.versions.at(-1)?.settings
    const isHealthy = health.consecutive_failures === 0 && health.failing_since === null
    if (!endpoint || !settings?.isEnabled || health.breaker !== 'held' || !isHealthy) continue
    if ([...endpoint.behaviors].some((behavior) => PAUSING.test(behavior))) continue
    const until = Date.parse(health.resume_at ?? '') - clock.setBack
    if (until <= nextCall(settings, clock.now)) continue
    const { digest, digest_hour, min_interval_minutes } = settings
    const set = JSON.stringify({ digest, digest_hour, min_interval_minutes })
    throw new Error(`${id} waits until ${health.resume_at} in step ${step}, although it is set to ${set}.`)
  }
}

/** @returns the latest time of the next call, in epoch milliseconds */
export function nextCall(settings: Settings, now: number): number {
  if (!isCalled(settings)) return now
  const { digest, digest_hour, min_interval_minutes } = settings
  return digest === 'daily' ? nextHour(digest_hour ?? 0, now) : now + (min_interval_minutes ?? 0) * MINUTE
}

/** @returns the next time at which it is this hour, in epoch milliseconds */
export function nextHour(hour: number, now: number): number {
  const today = Math.floor(now / DAY) * DAY + hour * HOUR
  return today > now ? today : today + DAY
}
