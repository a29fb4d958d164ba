import { eq } from 'drizzle-orm'
import * as z from 'zod'
import { settings } from '../db/schema'
import { columns, compile, first, query, run, statement } from '../db/statements'

/* The owner's setting for whether integrators may register URLs. */

export const MODES = ['off', 'approve', 'open'] as const
/**
 * `off`: only the owner registers endpoints. `approve`: anyone may register, and the owner enables each endpoint.
 * `open`: anyone may register, and the endpoint is enabled immediately.
 */
export type Mode = (typeof MODES)[number]

const SETTING = 'registration'

const FIND = compile(() => query.select(columns(settings, 'value')).from(settings).where(eq(settings.name, SETTING)))

const SAVE = statement<typeof settings.$inferSelect>(`
  insert into settings (name, value)
  values (:name, :value)
  on conflict (name) do update set value = excluded.value`)

/** @returns `off` until the owner chooses another mode */
export async function readMode(env: Env): Promise<Mode> {
  const row = await first(FIND(env, {}))
  return z.enum(MODES).parse(row === null ? 'off' : JSON.parse(row.value))
}

export async function saveMode(env: Env, mode: Mode): Promise<void> {
  await run(SAVE(env, { name: SETTING, value: JSON.stringify(mode) }))
}
