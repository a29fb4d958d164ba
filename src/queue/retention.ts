import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as z from 'zod'
import { firstIdAt, type IdPrefix } from '../core/lib/ids'
import { DAY_MS } from '../core/lib/time'
import { keysOf } from '../db/portable'
import { all, batch, run, statement } from '../db/statements'
import { readSweepState, saveSweepState } from '../db/sweep-state'
import { type ByPlan, byPlan } from '../env'
import { type OldestRows, removing } from './oldest-rows'
import { type Retention, readRetention, tooOldBefore } from './retention-setting'
import type { Chore } from './subrequest-budget'

/* How long the rows of a table are kept. Only the folder that writes the table may say so. */

interface Keeping<T extends SQLiteTable> extends OldestRows<T> {
  /** Set if `at` contains ids. */
  prefix?: IdPrefix
  /** How long a row is kept, in milliseconds, or the setting of the owner. */
  kept: number | keyof Retention
  /** How many rows one sweep removes. The Free plan allows 100,000 written rows a day, and most are for visitors. */
  limit: ByPlan<number>
}

/** @returns a chore that removes the oldest rows, and returns how many it has removed */
export function keeping<T extends SQLiteTable>(table: T, { prefix, kept, limit, ...rows }: Keeping<T>): Chore {
  const remove = removing(table, rows)
  return async (env, now, budget) => {
    if (!budget.take(typeof kept === 'number' ? 1 : 2)) return 0
    const end = typeof kept === 'number' ? now - kept : tooOldBefore((await readRetention(env))[kept], now)
    return run(remove(env, { end: prefix ? firstIdAt(prefix, end) : end, limit: byPlan(env, limit) }))
  }
}

/** How many rows one sweep reads. */
const PAGE = 100

const state = z.object({ after: z.string().default('["",""]'), rests_until: z.number().default(0) })

/**
 * For rows that no index finds: once a day, the sweep reads the whole table, one page at a time.
 * @param old how long a row is kept, in milliseconds, and which rows are removed then
 * @returns a chore that removes rows, and returns how many it has removed
 */
export function walking<T extends SQLiteTable>(
  table: T,
  { at, condition, kept }: Required<Pick<OldestRows<T>, 'at' | 'condition'>> & { kept: number }
): Chore {
  const { name } = getTableConfig(table)
  const keys = keysOf(table)
  const key = keys.join(', ')
  const read = (json: string) => keys.map((_, i) => `${json} ->> ${i}`).join(', ')
  const page = statement<{ after: string; before: number }, { key: string; is_dead: number }>(`
  select json_array(${key}) as key, ${at} < :before and ${condition} as is_dead
  from ${name}
  where (${key}) > (${read(':after')})
  order by ${key}
  limit ${PAGE}`)
  const remove = statement<{ keys: string }>(`
  delete from ${name}
  where (${key}) in (select ${read('j.value')} from json_each(:keys) j)`)

  return async (env, now, budget) => {
    if (!budget.take(1)) return 0
    const { after, rests_until } = await readSweepState(env, name, state)
    if (now < rests_until || !budget.take(3)) return 0
    const rows = await all(page(env, { after, before: now - kept }))
    if (rows.length === 0 && after === state.parse({}).after) return 0
    const dead = rows.flatMap((row) => (row.is_dead ? [JSON.parse(row.key)] : []))
    const last = rows.length === PAGE ? rows.at(-1) : undefined
    const next = last ? { after: last.key } : { rests_until: now + DAY_MS }
    await batch(env, [remove(env, { keys: JSON.stringify(dead) }), saveSweepState(env, name, next)])
    return dead.length
  }
}
