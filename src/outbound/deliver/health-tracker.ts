import {
  afterAttempt,
  type DisableReason,
  type EndpointHealth,
  type HealthEvent,
} from '../../core/delivering/endpoint-health'
import { pauseAfter } from '../../core/delivering/pace'
import { type HealthChange, healthOf, newRev } from '../../endpoints/health'
import type { AttemptResult } from './attempt'
import type { Sending, SendingEndpoint } from './sending'

/** A health event with the data for its payload. It applies only if the revision `health_rev` was written. */
export interface EndpointEvent {
  endpoint: SendingEndpoint
  event: HealthEvent
  health: EndpointHealth
  attempt: AttemptResult
  message_id: string
  health_rev: string
}

interface Tracked {
  endpoint: SendingEndpoint
  health: EndpointHealth
  disable: DisableReason | null
  events: Omit<EndpointEvent, 'endpoint' | 'health_rev'>[]
  /** The values that the row contains. */
  stored: { health: EndpointHealth; disable: DisableReason | null; health_rev: string }
  /** Another order has changed the row. */
  isOutdated: boolean
}

/**
 * Tracks the health of the endpoints in one work order. The tracker is ahead of the table, so an order stops sending to
 * an endpoint whose breaker the order has just opened.
 *
 * Accepted race: if another order changes an endpoint's health at the same time, this order's changes to it are
 * dropped. Health only guides sending, and the next attempt is counted again.
 */
export class HealthTracker {
  readonly #tracked = new Map<string, Tracked>()

  /** Applies the result of an attempt. Once an endpoint is disabled, further results are ignored. */
  note({ endpoint, message }: Sending, attempt: AttemptResult, now: number): void {
    const tracked = this.#track(endpoint)
    if (tracked.disable !== null) return
    const { health, disable, events } = afterAttempt(tracked.health, attempt, now, pauseAfter(endpoint, now))
    // A recovery event reports the failures that have ended.
    const shown = attempt.outcome === 'delivered' ? tracked.health : health
    for (const event of events) tracked.events.push({ event, health: shown, attempt, message_id: message.id })
    tracked.health = health
    tracked.disable = disable
  }

  /** @returns the endpoint's health as this order knows it, or null if this order has disabled the endpoint */
  current(endpoint: SendingEndpoint): EndpointHealth | null {
    const { health, disable } = this.#track(endpoint)
    return disable === null ? health : null
  }

  /** Gets the changes to write, and their events. After the write, pass `confirm` the ids of the changed endpoints. */
  takeChanges() {
    const taken = [...this.#tracked.values()].filter(hasChanged).map((tracked) => {
      const { endpoint, health, disable, stored } = tracked
      const health_rev = newRev()
      const change: HealthChange = { ...health, id: endpoint.id, before: stored.health_rev, disable, health_rev }
      const events = tracked.events.map((event): EndpointEvent => ({ endpoint, health_rev, ...event }))
      return { tracked, change, events, after: { health, disable, health_rev } }
    })
    return {
      changes: taken.map(({ change }) => change),
      events: taken.flatMap(({ events }) => events),
      confirm(written: Set<string>) {
        for (const { tracked, events, after } of taken) {
          tracked.events.splice(0, events.length)
          tracked.stored = after
          tracked.isOutdated = !written.has(tracked.endpoint.id)
        }
      },
    }
  }

  #track(endpoint: SendingEndpoint): Tracked {
    const known = this.#tracked.get(endpoint.id)
    if (known) return known
    const state = { health: healthOf(endpoint), disable: null }
    const stored = { ...state, health_rev: endpoint.health_rev }
    const tracked = { endpoint, ...state, events: [], stored, isOutdated: false }
    this.#tracked.set(endpoint.id, tracked)
    return tracked
  }
}

function hasChanged({ health, disable, stored, isOutdated }: Tracked): boolean {
  if (isOutdated) return false
  return disable !== stored.disable || JSON.stringify(health) !== JSON.stringify(stored.health)
}
