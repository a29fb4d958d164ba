import * as z from 'zod'
import { knownSize, sizeLimit } from '../../kit/db/size'
import { type Bound, batch, run } from '../../kit/db/statements'
import { readSweepState, saveSweepState } from '../../kit/db/sweep-state'
import { FULL_PERCENT, WARN_AT } from '../../kit/lib/fullness'
import { HOUR_MS } from '../../kit/lib/time'
import { type Budget, openBudget, upTo } from '../../kit/sweep/subrequest-budget'
import { log } from '../../log'
import { planMessage, wakeListeners } from '../../webhooks/send/publish/publish'
import { isComplete, measurePage, NEW_WALK, type TableSize } from './table-sizes'

/* The sweep measures the tables, and publishes an event when the size passes a threshold of `WARN_AT`. */

/** A warning is repeated only after the database has been this much below its threshold, in percent. */
const HYSTERESIS = 5
/** The tables are measured again after this time. */
export const MEASURE_EVERY_MS = 6 * HOUR_MS
/** How many pages of rows one sweep reads. `PAGES_AT_ONCE`: how many one request reads. */
const PAGES = 3
const PAGES_AT_ONCE = 30
const STATE = 'storage'
const size = z.object({ name: z.string(), rows: z.number(), bytes: z.number() })
const state = z.object({
  warned: z.number().default(0),
  measured_at: z.number().nullable().default(null),
  tables: z.array(size).default([]),
  walk: z
    .object({ sizes: z.array(size), after: z.array(z.union([z.string(), z.number()])).nullable() })
    .nullable()
    .default(null),
})
type State = z.infer<typeof state>

export interface Usage {
  size_bytes: number
  limit_bytes: number
  percent: number
  /** Whether strangers can no longer write. */
  is_full: boolean
  /** When the tables were last measured, in epoch milliseconds; null if never. */
  measured_at: number | null
  tables: (TableSize & { percent: number })[]
}

export async function readUsage(env: Env): Promise<Usage> {
  const { measured_at, tables } = await readSweepState(env, STATE, state)
  const size_bytes = knownSize(env) ?? 0
  const limit_bytes = sizeLimit(env)
  const percent = percentOf(size_bytes, limit_bytes)
  const measured = tables.reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    size_bytes,
    limit_bytes,
    percent,
    is_full: percent >= FULL_PERCENT,
    measured_at,
    tables: tables.map((table) => ({ ...table, percent: percentOf(table.bytes, measured) })),
  }
}

/** @returns whole percent, rounded down */
export const percentOf = (part: number, whole: number): number => (whole === 0 ? 0 : Math.floor((part / whole) * 100))

/** Measures the next pages of the tables, and warns if the database has become too full. */
export async function sweepStorage(env: Env, now: number, budget: Budget): Promise<void> {
  // The calls that read the state, and that write it with an event that wakes a queue.
  if (!budget.take(4)) return
  const before = await readSweepState(env, STATE, state)
  const isFresh = before.measured_at !== null && now - before.measured_at < MEASURE_EVERY_MS
  const measured = isFresh && before.walk === null ? before : await measure(env, before, now, upTo(PAGES, budget))
  const warning = planWarning(env, measured, now)
  if (warning) return publish(env, warning)
  if (measured !== before) await run(saveSweepState(env, STATE, measured))
}

/** Measures now, as far as one request can. The sweep measures the rest. @returns whether all tables were measured */
export async function measureNow(env: Env, now: number): Promise<boolean> {
  const before = await readSweepState(env, STATE, state)
  // Figures from an unfinished walk of the sweep are out of date.
  const { walk, measured_at, tables } = await measure(
    env,
    { ...before, walk: null },
    now,
    upTo(PAGES_AT_ONCE, openBudget(env))
  )
  // The sweep may have stored a warning since `before` was read. Without it, the sweep would warn again.
  const latest = await readSweepState(env, STATE, state)
  await run(saveSweepState(env, STATE, { ...latest, walk, measured_at, tables }))
  return walk === null
}

async function measure(env: Env, before: State, now: number, pages: Budget): Promise<State> {
  let walk = before.walk ?? NEW_WALK
  while (!isComplete(walk) && pages.take(1)) walk = await measurePage(env, walk)
  if (!isComplete(walk)) return { ...before, walk }
  return { ...before, walk: null, measured_at: now, tables: walk.sizes }
}

type Warning = { state: State; event: ReturnType<typeof planMessage> | null }

/** @returns null if the database is about as full as it was at the last warning */
function planWarning(env: Env, before: State, now: number): Warning | null {
  const size_bytes = knownSize(env)
  if (size_bytes === null) return null
  const limit_bytes = sizeLimit(env)
  const percent = percentOf(size_bytes, limit_bytes)
  const passed = Math.max(0, ...WARN_AT.filter((threshold) => percent >= threshold))
  const isLower = passed < before.warned && percent < before.warned - HYSTERESIS
  if (passed <= before.warned && !isLower) return null
  const after = { ...before, warned: passed }
  if (isLower) return { state: after, event: null }
  const data = { percent: passed, size_bytes, limit_bytes, is_full: passed >= FULL_PERCENT }
  return { state: after, event: planMessage(env, 'storage.warning', data, now) }
}

async function publish(env: Env, { state: after, event }: Warning): Promise<void> {
  const statements: Bound<unknown>[] = [saveSweepState(env, STATE, after), ...(event ? [event.statement] : [])]
  const results = await batch(env, statements)
  if (!event) return
  log('storage.warning', { percent: after.warned, message_id: event.message.id })
  await wakeListeners(env, event.message, results)
}
