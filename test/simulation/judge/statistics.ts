import { env } from 'cloudflare:workers'
import { timeOfId } from '../../../src/kit/lib/ids'
import { OUTCOMES, type Outcome } from '../../../src/webhooks/rules/delivering/outcome'
import { HOUR } from '../clock'
import type { Simulation } from '../simulation'

/*
 * The statistics equal a recount of the tables, for each hour that was counted as a whole.
 */

interface Period {
  start: string
  entries: Record<string, number>
  inbound: Record<string, number>
  attempts: Record<Outcome, number>
}

export async function judgeStatistics(simulation: Simulation): Promise<string[]> {
  const { history, clock, setup } = simulation
  const { deliveries, endpoints, comments, inbound } = history.tables
  // An attempt that a process has not recorded in time is not counted, and a clock that was set back hides some.
  const isRemoved = [...deliveries.seen.values(), ...endpoints.seen.values()].some(({ gone }) => gone !== null)
  if (setup.mode === 'wild' || clock.setBack > 0 || isRemoved) return []
  const { body } = await simulation.askOwner('GET', '/api/stats?range=24h')
  const to = Date.parse(String(body.counted_to ?? '')) || 0
  const gaps = await readGaps()
  const periods = (body.periods as Period[]).filter(({ start }) => {
    const at = Date.parse(start)
    return at + HOUR <= to && gaps.every((gap) => gap.to <= at || gap.from >= at + HOUR)
  })
  const attempts = await countAttempts()
  return periods.flatMap(({ start, ...period }) => {
    const at = Date.parse(start)
    const isIn = (time: number) => time >= at && time < at + HOUR
    const entries = [...comments.seen.values()].filter(({ row }) => isIn(timeOfId(row.id)))
    const messages = [...inbound.seen.values()].filter(({ row }) => isIn(timeOfId(row.id)))
    return [
      ...compare(`entries of ${start}`, sum(period.entries), entries),
      ...compare(`inbound messages of ${start}`, sum(period.inbound), messages),
      ...compareAttempts(start, period.attempts, attempts.filter(isIn).length),
    ]
  })
}

interface Gap {
  from: number
  to: number
  older?: Gap | null
}

/** @returns the times that are counted later, because no sweep has run for a while */
async function readGaps(): Promise<Gap[]> {
  const statement = `select figures ->> '$.gap' as gap from rollups where span = 'total'`
  const json = await env.DB.prepare(statement).first<string>('gap')
  const gaps: Gap[] = []
  for (let gap: Gap | null = json ? JSON.parse(json) : null; gap; gap = gap.older ?? null) gaps.push(gap)
  return gaps
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, count) => total + count, 0)

/** What was removed may have been counted before. */
function compare(what: string, counted: number, seen: { gone: number | null }[]): string[] {
  const left = seen.filter(({ gone }) => gone === null).length
  return counted >= left && counted <= seen.length
    ? []
    : [`The statistics count ${counted} ${what}, of ${left} to ${seen.length}`]
}

function compareAttempts(start: string, shown: Period['attempts'], count: number): string[] {
  const counted = OUTCOMES.reduce((total, outcome) => total + shown[outcome], 0)
  return counted === count ? [] : [`The statistics count ${counted} attempts of ${start} instead of ${count}`]
}

/** An attempt counts at the time of its message, or, if it was made long after that, at its own. @returns the times */
async function countAttempts(): Promise<number[]> {
  const { results } = await env.DB.prepare(
    'select a.message_id, a.late_at from attempts a join endpoints e on e.id = a.endpoint_id'
  ).all<{ message_id: string; late_at: number | null }>()
  return results.map(({ message_id, late_at }) => late_at ?? timeOfId(message_id))
}
