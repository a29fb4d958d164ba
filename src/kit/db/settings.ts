import type { output, ZodType } from 'zod'
import { portable } from './portable'
import { columnsOf } from './rows'
import { type Bound, first, run, statement } from './statements'
import { settings } from './tables'

/* Settings of the whole deployment, stored as JSON by name. */

type Row = typeof settings.$inferSelect

const FIND = columnsOf(settings, 'value').from<Pick<Row, 'name'>>('settings where name = :name')

/** @param value SQL that makes the new value of a setting that has one */
const saving = <More = unknown>(value: string, condition = 'true') =>
  statement<Row & More>(`
  insert into settings (name, value)
  values (:name, :value)
  on conflict (name) do update set value = ${value} where ${condition}`)

const SAVE = saving('excluded.value', 'value <> excluded.value')
const CHANGE = saving<{ change: string }>('json_patch(value, :change)')
const CLAIM = saving<{ before: string | null }>('iif(value = :before, excluded.value, null)')

/** @param otherwise the value until the owner has saved one */
export async function readSetting<T>(env: Env, name: string, shape: ZodType<T>, otherwise: T): Promise<T> {
  const row = await first(FIND(env, { name }))
  return row === null ? otherwise : shape.parse(JSON.parse(row.value))
}

/** @returns whether it had another value, or none */
export async function saveSetting(env: Env, name: string, value: unknown): Promise<boolean> {
  return (await run(SAVE(env, { name, value: JSON.stringify(value) }))) > 0
}

/**
 * Plans to save a setting. If another request has saved it in the meantime, the statement sets `value` to NULL, and its
 * whole batch fails: see `refuseIfNull`.
 * @param before the value that was read, with its fields in the order in which they were saved; null if there was none
 */
export function claimSetting(env: Env, name: string, value: object, before: object | null): Bound<never> {
  return CLAIM(env, { name, value: JSON.stringify(value), before: before && JSON.stringify(before) })
}

/** Changes only the given fields, so that two requests do not undo each other. @param otherwise the default */
async function changeSetting(env: Env, name: string, change: object, otherwise: object): Promise<void> {
  const value = JSON.stringify({ ...otherwise, ...change })
  await run(CHANGE(env, { name, value, change: JSON.stringify(change) }))
}

/** A general setting of the owner, as a row. owner/dashboard/general-settings.ts lists all of them. */
interface SettingRow<S extends ZodType> {
  /** In the table, and in the API. */
  name: string
  /** What the API takes and returns. */
  schema: S
  /** The value until the owner has saved one. */
  initial: output<S>
  /** Reads what is stored, if an earlier version may have stored something else. */
  stored?: ZodType<output<S>>
}

export interface GeneralSetting<S extends ZodType = ZodType> extends SettingRow<S> {
  stored: ZodType<output<S>>
  read(env: Env): Promise<output<S>>
  /** Saves a value, or the fields that are given of an object. */
  change(env: Env, value: unknown): Promise<void>
}

/** @returns the row, with what reads and saves the setting */
export function generalSetting<S extends ZodType<unknown>>(row: SettingRow<S>): GeneralSetting<S> {
  const { name, schema, initial, stored = schema as ZodType<output<S>> } = row
  return {
    ...row,
    stored,
    read: (env) => readSetting(env, name, stored, initial),
    change: async (env, value) => {
      if (initial instanceof Object) await changeSetting(env, name, Object(value), initial)
      else await saveSetting(env, name, value)
    },
  }
}

export const PORTABLE_SETTINGS = portable(settings, ['name', 'value'], { replaces: 'true' })
