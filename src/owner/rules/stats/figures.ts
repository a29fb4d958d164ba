import { ENTRY_STATUSES, type EntryStatus } from '../../../guestbook/rules/entries/statuses'
import { OUTCOMES, type Outcome } from '../../../webhooks/rules/delivering/outcome'
import { INBOUND_STATUSES, type InboundStatus } from '../../../webhooks/rules/receiving/inbound-state'
import { type Latency, noLatency } from './latency'

/* What happened in a period, in numbers. Figures of periods can be added up. */

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
  entries: Record<EntryStatus, number>
  /** Inbound messages that were received, by the status that they had when they were counted. */
  inbound: Record<InboundStatus, number>
  /** Attempts, by the id of the endpoint. */
  endpoints: Record<string, AttemptFigures>
}

/** The attempts to the endpoints for which there was no room. */
export const OTHERS = 'others'
/** How many endpoints are counted separately, so that a row stays short. */
export const MAX_ENDPOINTS_CHARTED = 50

export const noAttempts = (): AttemptFigures => ({ outcomes: zeros(OUTCOMES), latency: noLatency(), duration_ms: 0 })

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

/** @returns the figures of a range. Its busiest endpoints are counted separately, whichever came first */
export function sumFigures(periods: Figures[]): Figures {
  const sum = noFigures()
  for (const { entries, inbound, endpoints } of periods) {
    includeCounts(sum.entries, entries)
    includeCounts(sum.inbound, inbound)
    for (const [id, attempts] of Object.entries(endpoints)) includeEndpoint(sum.endpoints, id, attempts)
  }
  return { ...sum, endpoints: addEndpoints({}, sum.endpoints) }
}

export function addAttempts(a: AttemptFigures, b: AttemptFigures): AttemptFigures {
  const sum = { outcomes: { ...a.outcomes }, latency: [...a.latency], duration_ms: a.duration_ms }
  includeAttempts(sum, b)
  return sum
}

/** @returns the attempts to all endpoints */
export function totalAttempts({ endpoints }: Pick<Figures, 'endpoints'>): AttemptFigures {
  const sum = noAttempts()
  for (const attempts of Object.values(endpoints)) includeAttempts(sum, attempts)
  return sum
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
  const sum = { ...a }
  includeCounts(sum, b)
  return sum
}

/** The endpoints of `a` keep their places. The busiest new ones get the places that are left. */
function addEndpoints(a: Figures['endpoints'], b: Figures['endpoints']): Figures['endpoints'] {
  const sum = Object.fromEntries(Object.entries(a).map(([id, attempts]) => [id, addAttempts(attempts, noAttempts())]))
  let left = MAX_ENDPOINTS_CHARTED - countPlaces(sum)
  for (const [id, attempts] of byActivity(b)) {
    const isNew = id !== OTHERS && !Object.hasOwn(sum, id)
    includeEndpoint(sum, isNew && left <= 0 ? OTHERS : id, attempts)
    if (isNew) left -= 1
  }
  return sum
}

function byActivity(endpoints: Figures['endpoints']): [string, AttemptFigures][] {
  return Object.entries(endpoints).toSorted(([, a], [, b]) => countAttempts(b) - countAttempts(a))
}

function countPlaces(endpoints: Figures['endpoints']): number {
  return Object.keys(endpoints).length - (Object.hasOwn(endpoints, OTHERS) ? 1 : 0)
}

/** @returns whether a new endpoint would be counted with the others */
export const isFull = ({ endpoints }: Figures): boolean => countPlaces(endpoints) >= MAX_ENDPOINTS_CHARTED

/** Moves endpoints to the others, so that new ones get their places. No counter of the others gets lower. */
export function freePlaces(figures: Figures, ids: string[]): Figures {
  const freed = new Set(ids)
  const endpoints: Figures['endpoints'] = {}
  for (const [id, attempts] of Object.entries(figures.endpoints)) {
    includeEndpoint(endpoints, freed.has(id) ? OTHERS : id, attempts)
  }
  return { ...figures, endpoints }
}

/* These change the sum they get: copying up to 1,500 figures of endpoints (30 days) would take most of the CPU time. */

function includeEndpoint(sum: Figures['endpoints'], id: string, more: AttemptFigures): void {
  sum[id] ??= noAttempts()
  includeAttempts(sum[id], more)
}

function includeAttempts(sum: AttemptFigures, more: AttemptFigures): void {
  for (const outcome of OUTCOMES) sum.outcomes[outcome] += more.outcomes[outcome]
  for (let i = 0; i < sum.latency.length; i++) sum.latency[i] = (sum.latency[i] ?? 0) + (more.latency[i] ?? 0)
  sum.duration_ms += more.duration_ms
}

function includeCounts<K extends string>(sum: Record<K, number>, more: Record<K, number>): void {
  for (const name in sum) sum[name] += more[name]
}
