import { byPlan } from '../../env'
import { all, batch, batchNamed, statement } from '../../kit/db/statements'
import { timeOfId } from '../../kit/lib/ids'
import type { Chore } from '../../kit/sweep/subrequest-budget'
import { addFigures, freePlaces, isEmpty, isFull, noFigures } from '../rules/stats/figures'
import {
  CHART_RANGES,
  COUNTED_SPANS,
  isTurnToCount,
  keptSpans,
  nextStep,
  STEP_MS,
  startOf,
} from '../rules/stats/periods'
import { countStep, toFigures } from './count'
import { findPeriods, findTotal, listDeleted, type Rollup, removeOldPeriods, savePeriods, toRollup } from './store'

/*
 * Counts what has happened since the last sweep that counted, the newest hours first, and adds it to the figures of its
 * hour, its quarter of a day, its day, and the total. All are written at once, together with the time until which
 * everything is counted. So nothing is counted twice or left out, wherever a sweep dies, or if two sweeps overlap.
 */

/**
 * Reading the total, counting with the four statements of `countStep`, reading the periods, writing, and one more: at
 * the end of an hour removing old periods, and otherwise looking for places that deleted endpoints have in the total.
 */
export const STEP_CALLS = 8
/** How many steps one sweep counts. More than one only if an earlier sweep did not run, or after an import. */
const MAX_STEPS = { free: 3, paid: 24 }

/** @returns how many steps were counted */
export const sweepStats: Chore = async (env, now, budget) => {
  const turn = Math.floor(now / STEP_MS)
  const maxSteps = isTurnToCount(now) ? byPlan(env, MAX_STEPS) : 0
  for (let step = 0; step < maxSteps; step++) {
    if (!budget.take(STEP_CALLS) || !(await countNextStep(env, now, (turn + step) % 2 === 1))) return step
  }
  return maxSteps
}

/** Counts one step. @returns false if there is none to count yet */
async function countNextStep(env: Env, now: number, prefersGap: boolean): Promise<boolean> {
  const before = await findTotal(env)
  const step = nextStep(before ?? { counted_to: await findBeginning(env, now), gap: null }, now, prefersGap)
  if (step === null) return false
  const { from, to, counted_to, gap } = step
  const total: Rollup = before ?? { span: 'total', start: 0, counted_to: 0, gap: null, figures: noFigures() }
  const periods = keptSpans(to, now).map((span) => ({ span, start: startOf(span, from) }))
  const isEndOfHour = startOf('hour', to) === to
  const { known, deleted, ...counted } = await batchNamed(env, {
    ...countStep(env, from, to),
    known: findPeriods(env, periods),
    deleted: isFull(total.figures) && !isEndOfHour ? listDeleted(env, total) : null,
  })
  const figures = toFigures(counted)
  const others = isEmpty(figures) ? [] : periods.map((period) => findIn(known.map(toRollup), period))
  const add = (row: Rollup) => ({ ...row, figures: addFigures(row.figures, figures) })
  // The total is kept for ever, so endpoints that have been deleted would use up all its places.
  const ids = deleted.map(({ id }) => id)
  const changed = [
    { ...add({ ...total, figures: freePlaces(total.figures, ids) }), counted_to, gap },
    ...others.map((row) => ({ ...add(row), counted_to: Math.max(row.counted_to, to) })),
  ]
  await batch(env, [savePeriods(env, changed, total), ...(isEndOfHour ? [removeOldPeriods(env, now)] : [])])
  return true
}

function findIn(known: Rollup[], { span, start }: Pick<Rollup, 'span' | 'start'>): Rollup {
  const found = known.find((row) => row.span === span && row.start === start)
  return found ?? { span, start, counted_to: 0, gap: null, figures: noFigures() }
}

const FIRST_IDS = statement<Record<never, never>, { id: string | null }>(`
  select min(id) as id from messages
  union all select min(id) from comments
  union all select min(id) from inbound_messages`)

/** @returns the start of the hour in which something happened first, but not before what is shown */
async function findBeginning(env: Env, now: number): Promise<number> {
  const ids = (await all(FIRST_IDS(env, {}))).flatMap(({ id }) => id ?? [])
  const earliest = now - CHART_RANGES['30d'].count * COUNTED_SPANS.day.length_ms
  return startOf('hour', Math.max(earliest, Math.min(now, ...ids.map(timeOfId))))
}
