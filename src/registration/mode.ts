import * as z from 'zod'

/*
 * Whether integrators may register a URL by themselves: the owner's choice.
 */

export const MODES = ['off', 'approve', 'open'] as const
/** `off`: only the owner registers. `approve`: anyone may, and the owner enables what was registered. `open`: anyone may, and it begins at once. */
export type Mode = (typeof MODES)[number]

const SETTING = 'registration'

export async function readMode(env: Env): Promise<Mode> {
  const row = await env.DB.prepare('select value from settings where name = ?1')
    .bind(SETTING)
    .first<{ value: string }>()
  return z.enum(MODES).parse(row === null ? 'off' : JSON.parse(row.value))
}

export async function saveMode(env: Env, mode: Mode): Promise<void> {
  await env.DB.prepare(
    `insert into settings (name, value) values (?1, ?2) on conflict (name) do update set value = ?2`
  )
    .bind(SETTING, JSON.stringify(mode))
    .run()
}
