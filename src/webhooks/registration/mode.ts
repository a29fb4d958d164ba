import * as z from 'zod'
import { generalSetting } from '../../kit/db/settings'

/* The owner's setting for whether integrators may register URLs. */

export const MODES = ['off', 'approve', 'open'] as const
export type Mode = (typeof MODES)[number]

export const REGISTRATION = generalSetting({
  name: 'registration',
  schema: z
    .enum(MODES)
    .describe(
      'Whether integrators can register endpoints at `/webhooks`. `off`: no. `approve`: yes, after the owner approves each one. `open`: yes, immediately.'
    ),
  initial: 'off',
})
