import * as z from 'zod'
import { describeChange } from '../../access/audit/describe-change'
import { needsPerson } from '../../access/keys/open'
import { action, changeOf, json } from '../../kit/operation'
import { changeRetention, readRetention, retention } from '../../kit/sweep/retention-setting'
import { MODES, readMode, saveMode } from '../../webhooks/registration/mode'
import { readDays, requireSameDays, showStorageAgain } from '../storage/pages'

/* The operations on the general settings. */

const mode = z
  .enum(MODES)
  .describe(
    'Whether integrators can register endpoints at `/webhooks`. `off`: no. `approve`: yes, after the owner approves each one. `open`: yes, immediately.'
  )
const kept = retention.describe(
  'How many days the delivery log is kept; 0 means forever. `settled_days`: delivered and canceled deliveries with their attempts and messages. `failed_days`: failed deliveries. `jobs_days`: finished replays. `audit_days`: the audit log; only ADMIN_TOKEN can change it. Pending deliveries are always kept.'
)
export const settingsShown = z.object({ registration: mode, retention: kept }).meta({ id: 'Settings' })

export const getSettings = action({
  call: 'GET /api/settings',
  may: 'read',
  summary: 'Get the settings',
  gives: { 200: json(settingsShown, 'The settings.') },
  run: ({ env }) => readSettings(env),
  show: (read) => read,
})

/** @returns the settings as the API shows them */
export async function readSettings(env: Env): Promise<z.infer<typeof settingsShown>> {
  const [registration, retention] = await Promise.all([readMode(env), readRetention(env)])
  return { registration, retention }
}

const settingsChange = changeOf('SettingsChange', {
  ...settingsShown.shape,
  retention: settingsShown.shape.retention.partial(),
})

export const changeSettings = action({
  call: 'PATCH /api/settings',
  may: 'write',
  act: 'settings.updated',
  summary: 'Change the settings',
  refusals: [403],
  takes: settingsChange,
  gives: { 200: json(settingsShown, 'The updated settings.') },
  run: async ({ env, actor }, change) => {
    // Otherwise, a key could remove the traces of what it did.
    if (change.retention?.audit_days !== undefined && actor?.kind === 'key')
      throw needsPerson('Changing how long the audit log is kept')
    const before = await readSettings(env)
    await saveSettings(env, change)
    return { before, after: await readSettings(env) }
  },
  details: ({ before, after }) => describeChange(Object.keys(flat(after)), flat(before), flat(after)),
  show: ({ after }) => after,
  form: [
    {
      at: '/settings/registration',
      read: (form) => ({ registration: form.get('registration') }),
      next: () => '/admin/settings?done=saved',
    },
    {
      at: '/storage/retention',
      read: (form) => ({ retention: readDays(form) }),
      check: ({ env }, form) => requireSameDays(env, form),
      next: () => '/admin/storage?done=saved',
      refused: showStorageAgain,
    },
  ],
})

const flat = ({ retention, ...rest }: z.infer<typeof settingsShown>) => ({ ...rest, ...retention })

async function saveSettings(env: Env, change: z.infer<typeof settingsChange>): Promise<void> {
  if (change.registration) await saveMode(env, change.registration)
  if (change.retention) await changeRetention(env, change.retention)
}
