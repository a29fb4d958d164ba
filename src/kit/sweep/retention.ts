import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as z from 'zod'
import { type ByPlan, byPlan } from '../../env'
import { keysOf } from '../db/portable'
import { all, batch, run, statement } from '../db/statements'
import { readSweepState, saveSweepState } from '../db/sweep-state'
import { firstIdAt, type IdPrefix } from '../lib/ids'
import { DAY_MS } from '../lib/time'
import { isInPage, type OldestRows } from './oldest-rows'
import { RETENTION, type Retention, tooOldBefore } from './retention-setting'
import type { Chore } from './subrequest-budget'

/* How long rows are kept, as chores that remove the others. Only the folder that writes a table may say so. */

interface Keeping<T extends SQLiteTable> extends OldestRows<T> {
  /** Set if `at` contains ids. */
  prefix?: IdPrefix
  /** How long a row is kept, in milliseconds, or the setting of the owner. */
  kept: number | keyof Retention
  /** How many rows one sweep removes. The Free plan allows 100,000 written rows a day, and most are for visitors. */
  limit: ByPlan<number>
}

/** @returns a chore that removes the oldest rows */
export function keeping<T extends SQLiteTable>(
  table: T,
  { at, index, condition = 'true', prefix, kept, limit }: Keeping<T>
): Chore {
  const remove = statement<{ end: number | string; limit: number }>(`
  delete from ${getTableConfig(table).name}
  where ${isInPage(table, { index, where: `${at} < :end and ${condition}`, by: at })}`)

  return async (env, now, budget) => {
    if (!budget.take(typeof kept === 'number' ? 1 : 2)) return 0
    const end = typeof kept === 'number' ? now - kept : tooOldBefore((await RETENTION.read(env))[kept], now)
    return run(remove(env, { end: prefix ? firstIdAt(prefix, end) : end, limit: byPlan(env, limit) }))
  }
}

interface Walking<T extends SQLiteTable> {
  /** SQL for the rows that are read, and the index that finds them; otherwise all. */
  among?: string
  index?: string
  /** The column with the time of a row, and how long such a row is kept, in milliseconds. */
  at: OldestRows<T>['at']
  kept: number
  /** SQL that is true for the old rows that are removed. */
  condition: string
}

/** How many rows one sweep reads. */
const PAGE = 100
const state = z.object({ after: z.string().default('["",""]'), rests_until: z.number().default(0) })

/** @returns a chore for rows that no index finds: it reads the whole table once a day, one page at a time */
export function walking<T extends SQLiteTable>(
  table: T,
  { among = 'true', index, at, kept, condition }: Walking<T>
): Chore {
  const { name } = getTableConfig(table)
  const keys = keysOf(table)
  const key = keys.join(', ')
  const read = (json: string) => keys.map((_, i) => `${json} ->> ${i}`).join(', ')
  const isDead = `${at} < :before and ${condition}`
  const page = statement<{ after: string; before: number }, { key: string; is_dead: number }>(`
  select json_array(${key}) as key, ${isDead} as is_dead
  from ${name} ${index ? `indexed by ${index}` : ''}
  where ${among} and (${key}) > (${read(':after')})
  order by ${key}
  limit ${PAGE}`)
  const remove = statement<{ keys: string; before: number }>(`
  delete from ${name}
  where (${key}) in (select ${read('j.value')} from json_each(:keys) j) and ${isDead}`)

  return async (env, now, budget) => {
    if (!budget.take(1)) return 0
    const { after, rests_until } = await readSweepState(env, name, state)
    if (now < rests_until || !budget.take(3)) return 0
    const before = now - kept
    const rows = await all(page(env, { after, before }))
    if (rows.length === 0 && after === state.parse({}).after) return 0
    const dead = rows.flatMap((row) => (row.is_dead ? [JSON.parse(row.key)] : []))
    const last = rows.length === PAGE ? rows.at(-1) : undefined
    const next = last ? { after: last.key } : { rests_until: now + DAY_MS }
    await batch(env, [remove(env, { keys: JSON.stringify(dead), before }), saveSweepState(env, name, next)])
    return dead.length
  }
}
