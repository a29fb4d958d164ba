import * as z from 'zod'
import { readSetting, saveSetting } from '../../kit/db/settings'

/* The owner's setting for whether integrators may register URLs. */

export const MODES = ['off', 'approve', 'open'] as const
/**
 * `off`: only the owner registers endpoints. `approve`: anyone may register, and the owner approves each endpoint.
 * `open`: anyone may register, and the endpoint is enabled immediately.
 */
export type Mode = (typeof MODES)[number]

export const REGISTRATION_SETTING = 'registration'

/** @returns `off` until the owner chooses another mode */
export const readMode = async (env: Env): Promise<Mode> =>
  readSetting<Mode>(env, REGISTRATION_SETTING, z.enum(MODES), 'off')

export async function saveMode(env: Env, mode: Mode): Promise<void> {
  await saveSetting(env, REGISTRATION_SETTING, mode)
}
