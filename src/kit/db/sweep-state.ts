import type { ZodType } from 'zod'
import { columnsOf } from './rows'
import { type Bound, first, statement } from './statements'
import { sweepState } from './tables'

/* The position of each step of the sweep that works page by page. */

type Row = typeof sweepState.$inferSelect

const FIND = columnsOf(sweepState, 'value').from<Pick<Row, 'name'>>('sweep_state where name = :name')

const SAVE = statement<Row>(`
  insert into sweep_state (name, value)
  values (:name, :value)
  on conflict (name) do update set value = excluded.value`)

/** @param shape has a default for each field, for the first sweep */
export async function readSweepState<T>(env: Env, name: string, shape: ZodType<T>): Promise<T> {
  const row = await first(FIND(env, { name }))
  return shape.parse(JSON.parse(row?.value ?? '{}'))
}

export function saveSweepState(env: Env, name: string, value: object): Bound<never> {
  return SAVE(env, { name, value: JSON.stringify(value) })
}
