import {
  afterAttempt,
  type DisableReason,
  type EndpointHealth,
  type HealthEvent,
} from '../../core/delivering/endpoint-health'
import { type HealthChange, newRev, readHealth, storedHealth } from '../../endpoints/health'
import type { AttemptResult } from './attempt'
import type { Sending } from './sending'

interface Entry {
  endpoint: Sending['endpoint']
  /** What the attempts of this order said that is not stored yet, and when. */
  facts: { attempt: AttemptResult & { message_id: string }; at: number }[]
  /** What has been sent to be stored: how many facts are in it. */
  sent: { change: HealthChange; facts: number } | null
  /** Somebody else has changed it: to be read again. */
  isStale: boolean
  /** It was disabled, by this order or meanwhile. */
  isShut: boolean
}

export interface EndpointNews {
  endpoint: Sending['endpoint']
  event: HealthEvent
  /** How it was when it happened. */
  health: EndpointHealth
  attempt: AttemptResult & { message_id: string }
  /** The news is true if this revision was stored. */
  rev: string
}

export interface LedgerPage {
  changes: HealthChange[]
  news: EndpointNews[]
}

/**
 * What the attempts of one work order say about their endpoints, until it is stored. It knows more than the table does, so that an order stops
 * sending to an endpoint whose breaker it has just seen open.
 */
export interface Ledger {
  note(sending: Sending, attempt: AttemptResult, at: number): void
  /** @returns false when the endpoint has just been disabled, or its health as it is known here */
  current(endpoint: Sending['endpoint']): EndpointHealth | false
  /** What is to be stored now. */
  page(): LedgerPage
  /** @param ids of the endpoints whose change was stored */
  stored(ids: string[]): void
  /** Reads again what somebody else has changed. @returns whether there is something to be stored */
  refresh(env: Env): Promise<boolean>
}

export function openLedger(): Ledger {
  const entries = new Map<string, Entry>()
  const entryOf = (endpoint: Sending['endpoint']) => {
    const entry = entries.get(endpoint.id)
    if (entry) return entry
    const fresh: Entry = { endpoint, facts: [], sent: null, isStale: false, isShut: false }
    entries.set(endpoint.id, fresh)
    return fresh
  }
  return {
    note(sending, attempt, at) {
      const { endpoint, message } = sending
      entryOf(endpoint).facts.push({ attempt: { ...attempt, message_id: message.id }, at })
    },
    current(endpoint) {
      const entry = entryOf(endpoint)
      const { health, disable } = fold(entry)
      return !entry.isShut && disable === null && health
    },
    page() {
      const page: LedgerPage = { changes: [], news: [] }
      for (const entry of entries.values()) if (!entry.isStale) addTo(page, entry)
      return page
    },
    stored(ids) {
      for (const entry of entries.values()) if (entry.sent) markStored(entry, entry.sent, ids)
    },
    async refresh(env) {
      const stale = [...entries.values()].filter((entry) => entry.isStale)
      if (stale.length > 0) await readAgain(env, stale)
      return stale.some((entry) => entry.facts.length > 0)
    },
  }
}

interface Folded {
  health: EndpointHealth
  disable: DisableReason | null
  events: Pick<EndpointNews, 'event' | 'health' | 'attempt'>[]
}

/** Where the facts lead, from what is stored. Nothing follows on a disabling. */
function fold({ endpoint, facts }: Entry): Folded {
  const folded: Folded = { health: endpoint.stored.health, disable: null, events: [] }
  for (const { attempt, at } of facts) {
    if (folded.disable !== null) break
    const { health, disable, events } = afterAttempt(folded.health, attempt, at)
    // A recovery is told with the failing that it ends.
    const shown = attempt.outcome === 'delivered' ? folded.health : health
    for (const event of events) folded.events.push({ event, health: shown, attempt })
    folded.health = health
    folded.disable = disable
  }
  return folded
}

function addTo(page: LedgerPage, entry: Entry): void {
  entry.sent = null
  const { endpoint } = entry
  if (entry.isShut) entry.facts.length = 0
  const { health, disable, events } = fold(entry)
  if (disable === null && isSame(health, endpoint.stored.health)) {
    entry.facts.length = 0
    return
  }
  const after = { health, rev: newRev() }
  const change = { id: endpoint.id, before: endpoint.stored.rev, after, disable }
  entry.sent = { change, facts: entry.facts.length }
  page.changes.push(change)
  page.news.push(...events.map((one) => ({ endpoint, rev: after.rev, ...one })))
}

function isSame(a: EndpointHealth, b: EndpointHealth): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function markStored(entry: Entry, { change, facts }: NonNullable<Entry['sent']>, ids: string[]) {
  entry.sent = null
  entry.isStale = !ids.includes(change.id)
  if (entry.isStale) return
  entry.facts.splice(0, facts)
  entry.isShut = change.disable !== null
  entry.endpoint = { ...entry.endpoint, stored: change.after }
}

/** An endpoint that is not enabled any more has no use for what was seen; and what an old URL answered says nothing about a new one. */
async function readAgain(env: Env, stale: Entry[]): Promise<void> {
  const rows = await readHealth(
    env,
    stale.map(({ endpoint }) => endpoint.id)
  )
  for (const entry of stale) {
    const row = rows.find(({ id }) => id === entry.endpoint.id)
    entry.isStale = false
    entry.isShut = row?.status !== 'enabled'
    if (row && !entry.isShut) entry.endpoint = { ...entry.endpoint, stored: storedHealth(row) }
    if (row?.url !== entry.endpoint.url) entry.facts.length = 0
  }
}
