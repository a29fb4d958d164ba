import {
  type HealthChange,
  healthOf,
  nextRev,
  type SavedHealth,
  type StoredHealth,
  startOfRev,
} from '../../endpoints/health'
import { type EndpointHealth, type Learned, learn, learnNothing } from '../../rules/delivering/endpoint-health'
import { paceOf } from '../../rules/delivering/pace'
import type { AttemptResult } from './attempt'
import type { EndpointEvent } from './operational-events'
import type { Sending, SendingEndpoint } from './sending'

type Noted = Pick<Sending, 'release'> & { attempt: AttemptResult; message_id: string; number: number; now: number }

interface Tracked {
  endpoint: SendingEndpoint
  /** The values that the row had when it was last read or written. */
  stored: StoredHealth
  /** Results that have not been written. */
  noted: Noted[]
  /** What the results change, and the events that report it. */
  learned: Learned
  events: Omit<EndpointEvent, 'endpoint' | 'health_rev'>[]
  /** Whether the table no longer lets this order send: the endpoint is disabled, or its breaker is open. */
  isStopped: boolean
}

/**
 * The health of the endpoints in one work order. It is ahead of the table, so that the order stops at a breaker that it
 * has just opened. After each write, it continues from the table, which other orders change as well.
 */
export class HealthTracker {
  readonly #tracked = new Map<string, Tracked>()

  /** Applies the result of an attempt. Once an endpoint is disabled, further results are ignored. */
  note({ endpoint, message, state, release }: Sending, attempt: AttemptResult, now: number): void {
    const tracked = this.#track(endpoint)
    if (tracked.learned.disable !== null) return
    const noted = { attempt, message_id: message.id, number: state.attempt_count + 1, now, release }
    tracked.noted.push(noted)
    apply(tracked, noted)
  }

  /** @returns the endpoint's health as this order knows it, or null if this order may no longer send to it */
  current(endpoint: SendingEndpoint): EndpointHealth | null {
    const { learned, isStopped } = this.#track(endpoint)
    return isStopped || learned.disable !== null ? null : learned.health
  }

  /** Gets the changes to write, and their events. After the write, pass `confirm` the rows that were changed. */
  takeChanges() {
    const taken = [...this.#tracked.values()].filter(hasNews).map((tracked) => {
      const change = toChange(tracked)
      const { endpoint, events, noted } = tracked
      const { health_rev } = change
      const sent = events.map((event): EndpointEvent => ({ endpoint, health_rev, ...event }))
      return { tracked, change, events: sent, count: noted.length }
    })
    return {
      changes: taken.map(({ change }) => change),
      events: taken.flatMap(({ events }) => events),
      confirm(rows: SavedHealth[]) {
        const byId = new Map(rows.map((row) => [row.id, row]))
        for (const { tracked, change, count } of taken) proceed(tracked, change, count, byId.get(change.id))
      },
    }
  }

  /** Results from before a fresh start, such as those of an old URL, are kept apart. */
  #track(endpoint: SendingEndpoint): Tracked {
    const key = `${endpoint.id} ${startOfRev(endpoint.health_rev)}`
    const known = this.#tracked.get(key)
    if (known) return known
    const stored = { ...healthOf(endpoint), health_rev: endpoint.health_rev }
    const learned = learnNothing(healthOf(endpoint))
    const tracked = { endpoint, stored, noted: [], learned, events: [], isStopped: false }
    this.#tracked.set(key, tracked)
    return tracked
  }
}

function apply(tracked: Tracked, { attempt, message_id, now, release }: Noted): void {
  const before = tracked.learned.health
  const { learned, events } = learn(tracked.learned, { ...attempt, release }, now, paceOf(tracked.endpoint))
  tracked.learned = learned
  // A recovery event reports the failures that have ended.
  const health = attempt.outcome === 'delivered' ? before : learned.health
  for (const event of events) tracked.events.push({ event, health, attempt: { ...attempt, message_id } })
}

/** A success on a healthy endpoint counts, because others may have failed meanwhile. */
function hasNews({ learned, stored, noted }: Tracked): boolean {
  return noted.length > 0 && (learned.succeeded || isChanged(learned, stored))
}

function isChanged({ health, disable }: Learned, stored: StoredHealth): boolean {
  return disable !== null || JSON.stringify(health) !== JSON.stringify(healthOf(stored))
}

function toChange({ endpoint, stored, learned, noted }: Tracked): HealthChange {
  const { health, ...added } = learned
  const { message_id = null, number = null } = noted[0] ?? {}
  const is_changed = isChanged(learned, stored)
  const revisions = { before: stored.health_rev, health_rev: nextRev(stored.health_rev) }
  return { id: endpoint.id, ...health, ...added, ...revisions, is_changed, message_id, number }
}

/** Continues from the row as it is now, with the results that came in during the write. */
function proceed(tracked: Tracked, change: HealthChange, count: number, row: SavedHealth | undefined): void {
  tracked.noted.splice(0, count)
  if (row) tracked.stored = row
  tracked.isStopped = row ? row.status === 'disabled' : change.is_changed || tracked.isStopped
  tracked.learned = learnNothing(healthOf(tracked.stored))
  tracked.events = []
  for (const noted of tracked.noted) apply(tracked, noted)
}
