import * as z from 'zod'
import { action, json } from '../../../kit/operation'
import { readRetention, retention } from '../../../kit/sweep/retention-setting'
import { MODES, readMode } from '../../../webhooks/registration/mode'

const mode = z
  .enum(MODES)
  .describe(
    'Whether integrators can register endpoints at `/webhooks`. `off`: no. `approve`: yes, after the owner approves each one. `open`: yes, immediately.'
  )
const kept = retention.describe(
  'How many days the delivery log is kept; 0 means forever. `settled_days`: delivered and canceled deliveries with their attempts and messages. `failed_days`: failed deliveries. `jobs_days`: finished replays. `audit_days`: the audit log; only ADMIN_TOKEN can change it. Pending deliveries are always kept.'
)
export const settings = z.object({ registration: mode, retention: kept }).meta({ id: 'Settings' })

export const getSettings = action({
  call: 'GET /api/settings',
  may: 'read',
  summary: 'Get the settings',
  noTool: 'setup',
  gives: { 200: json(settings, 'The settings.') },
  run: ({ env }) => readSettings(env),
  show: (read) => read,
})

/** @returns the settings as the API shows them */
export async function readSettings(env: Env): Promise<z.infer<typeof settings>> {
  const [registration, retention] = await Promise.all([readMode(env), readRetention(env)])
  return { registration, retention }
}
