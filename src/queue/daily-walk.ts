import * as z from 'zod'
import { DAY_MS } from '../core/lib/time'
import { all, type Bound, batch, type Statement } from '../db/statements'
import { readSweepState, saveSweepState } from '../db/sweep-state'
import type { Budget } from './subrequest-budget'

/*
 * Removes rows that no index finds: once a day, the sweep reads the whole table, one page at a time.
 */

/** How many rows one sweep reads. */
export const WALK_PAGE = 100

/** `key` is the key of the row, as a JSON list. */
export type WalkedRow = { key: string; is_dead: number }

export interface Walk {
  name: string
  /** Reads the next page. `after` is the key of the previous row. */
  page: Statement<{ after: string; before: number }, WalkedRow>
  /** @param keys a JSON list of keys */
  remove: (env: Env, keys: string) => Bound<never>
}

const state = z.object({ after: z.string().default('["",""]'), rests_until: z.number().default(0) })

/** @param before rows are removed only if they are older than this. @returns how many rows were removed */
export async function walkPage(env: Env, walk: Walk, before: number, now: number, budget: Budget): Promise<number> {
  if (!budget.take(1)) return 0
  const { after, rests_until } = await readSweepState(env, walk.name, state)
  if (now < rests_until || !budget.take(3)) return 0
  const rows = await all(walk.page(env, { after, before }))
  const dead = rows.flatMap(({ key, is_dead }) => (is_dead ? [JSON.parse(key)] : []))
  if (rows.length === 0 && after === state.parse({}).after) return 0
  const last = rows.length === WALK_PAGE ? rows.at(-1) : undefined
  const next = saveSweepState(env, walk.name, last ? { after: last.key } : { rests_until: now + DAY_MS })
  await batch(env, [walk.remove(env, JSON.stringify(dead)), next])
  return dead.length
}
