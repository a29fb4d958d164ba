import { OUTCOMES, type Outcome } from '../delivering/outcome'
import { type Latency, noLatency } from './latency'

/*
 * What happened in a period, in numbers. Figures of periods can be added up.
 */

export const ENTRY_STATUSES = ['published', 'held', 'hidden', 'spam'] as const
export const INBOUND_STATUSES = ['processed', 'failed', 'new'] as const

/** The attempts made to one endpoint, or to all. */
export interface AttemptFigures {
  /** By outcome. */
  outcomes: Record<Outcome, number>
  /** The attempts that made a request, by how long it took. */
  latency: Latency
  /** How long these requests took together. */
  duration_ms: number
}

export interface Figures {
  /** New entries, by the status that they had when they were counted. */
  entries: Record<(typeof ENTRY_STATUSES)[number], number>
  /** Inbound messages that were received, by the status that they had when they were counted. */
  inbound: Record<(typeof INBOUND_STATUSES)[number], number>
  /** Attempts, by the id of the endpoint. */
  endpoints: Record<string, AttemptFigures>
}

/** The attempts to the endpoints for which there was no room. */
export const OTHERS = 'others'
/** How many endpoints are counted separately, so that a row stays short. */
export const MAX_ENDPOINTS = 50

export function noAttempts(): AttemptFigures {
  return { outcomes: zeros(OUTCOMES), latency: noLatency(), duration_ms: 0 }
}

export function noFigures(): Figures {
  return { entries: zeros(ENTRY_STATUSES), inbound: zeros(INBOUND_STATUSES), endpoints: {} }
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>
}

export function addFigures(a: Figures, b: Figures): Figures {
  return {
    entries: addCounts(a.entries, b.entries),
    inbound: addCounts(a.inbound, b.inbound),
    endpoints: addEndpoints(a.endpoints, b.endpoints),
  }
}

export function addAttempts(a: AttemptFigures, b: AttemptFigures): AttemptFigures {
  return {
    outcomes: addCounts(a.outcomes, b.outcomes),
    latency: a.latency.map((count, i) => count + (b.latency[i] ?? 0)),
    duration_ms: a.duration_ms + b.duration_ms,
  }
}

/** @returns the attempts to all endpoints */
export function totalAttempts({ endpoints }: Pick<Figures, 'endpoints'>): AttemptFigures {
  return Object.values(endpoints).reduce(addAttempts, noAttempts())
}

export function countAttempts({ outcomes }: AttemptFigures): number {
  return OUTCOMES.reduce((sum, outcome) => sum + outcomes[outcome], 0)
}

/** @returns the share of the attempts that were delivered, 0 to 1; null if there were none */
export function successRate(attempts: AttemptFigures): number | null {
  const count = countAttempts(attempts)
  return count === 0 ? null : attempts.outcomes.delivered / count
}

/** @returns whether nothing happened */
export function isEmpty({ entries, inbound, endpoints }: Figures): boolean {
  const counts = [...Object.values(entries), ...Object.values(inbound)]
  return counts.every((count) => count === 0) && Object.keys(endpoints).length === 0
}

function addCounts<K extends string>(a: Record<K, number>, b: Record<K, number>): Record<K, number> {
  return Object.fromEntries(Object.entries<number>(a).map(([name, n]) => [name, n + b[name as K]])) as Record<K, number>
}

/** The endpoints of `a` keep their places. The busiest new ones get the places that are left. */
function addEndpoints(a: Figures['endpoints'], b: Figures['endpoints']): Figures['endpoints'] {
  const sum = { ...a }
  const byActivity = Object.entries(b).toSorted(([, x], [, y]) => countAttempts(y) - countAttempts(x))
  for (const [id, attempts] of byActivity) {
    const hasPlace = Object.hasOwn(sum, id) || Object.keys(sum).filter((key) => key !== OTHERS).length < MAX_ENDPOINTS
    const key = hasPlace ? id : OTHERS
    sum[key] = addAttempts(sum[key] ?? noAttempts(), attempts)
  }
  return sum
}
