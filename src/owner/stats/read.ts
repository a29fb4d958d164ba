import { all, statement } from '../../kit/db/statements'
import type { endpoints } from '../../webhooks/tables/outgoing'
import {
  type AttemptFigures,
  countAttempts,
  type Figures,
  MAX_ENDPOINTS_CHARTED,
  noFigures,
  OTHERS,
  successRate,
  sumFigures,
  totalAttempts,
} from '../rules/stats/figures'
import { type ChartRange, periodsOf } from '../rules/stats/periods'
import { findTotal, listPeriods } from './store'

/* The figures of a range, for the dashboard and the API. */

type EndpointRow = typeof endpoints.$inferSelect

export interface Period {
  /** In epoch milliseconds. */
  start: number
  entries: Figures['entries']
  inbound: Figures['inbound']
  attempts: AttemptFigures
}

export interface EndpointStats {
  id: string
  /** Null once the endpoint has been deleted, and for the endpoints that are not counted separately. */
  url: EndpointRow['url'] | null
  description: EndpointRow['description']
  attempts: AttemptFigures
}

export interface Stats {
  range: ChartRange
  /** The time up to which was counted, in epoch milliseconds; null if nothing has been counted yet. */
  counted_to: number | null
  /** Hours before this time are still to be counted; null if there are none. */
  missing_before: number | null
  /** All periods of the range, oldest first, even those in which nothing happened. */
  periods: Period[]
  totals: Omit<Period, 'start'>
  /** The worst first: see `byTrouble`. */
  endpoints: EndpointStats[]
}

const FIND_NAMES = statement<{ ids: string }, Pick<EndpointRow, 'id' | 'url' | 'description'>>(`
  select e.id, e.url, e.description
  from json_each(:ids) j
  cross join endpoints e on e.id = j.value`)

/** @param named how many endpoints get their URL, because each lookup costs a row */
export async function readStats(
  env: Env,
  range: ChartRange,
  now: number,
  named = MAX_ENDPOINTS_CHARTED
): Promise<Stats> {
  const starts = periodsOf(range, now)
  const [rows, total] = await Promise.all([listPeriods(env, range, starts[0] ?? now), findTotal(env)])
  const known = new Map(rows.map(({ start, figures }) => [start, figures]))
  const sum = sumFigures(rows.map(({ figures }) => figures))
  return {
    range,
    counted_to: total?.counted_to ?? null,
    missing_before: total?.gap?.to ?? null,
    periods: starts.map((start) => ({ start, ...withTotal(known.get(start) ?? noFigures()) })),
    totals: withTotal(sum),
    endpoints: await withNames(env, toList(sum.endpoints), named),
  }
}

function withTotal(figures: Figures): Omit<Period, 'start'> {
  return { entries: figures.entries, inbound: figures.inbound, attempts: totalAttempts(figures) }
}

function toList(byId: Figures['endpoints']): Omit<EndpointStats, 'url' | 'description'>[] {
  return Object.entries(byId)
    .map(([id, attempts]) => ({ id, attempts }))
    .toSorted(byTrouble)
}

async function withNames(env: Env, list: Omit<EndpointStats, 'url' | 'description'>[], named: number) {
  const ids = list.slice(0, named).flatMap(({ id }) => (id === OTHERS ? [] : id))
  const rows = ids.length === 0 ? [] : await all(FIND_NAMES(env, { ids: JSON.stringify(ids) }))
  const found = new Map(rows.map((row) => [row.id, row]))
  return list.map((one) => {
    const { url, description = '' } = found.get(one.id) ?? {}
    return { ...one, url: url || null, description }
  })
}

/** The endpoint with the lowest success rate comes first, and of two equal ones, the one with more attempts. */
function byTrouble(a: Pick<EndpointStats, 'attempts'>, b: Pick<EndpointStats, 'attempts'>): number {
  const rates = (successRate(a.attempts) ?? 1) - (successRate(b.attempts) ?? 1)
  return rates || countAttempts(b.attempts) - countAttempts(a.attempts)
}
