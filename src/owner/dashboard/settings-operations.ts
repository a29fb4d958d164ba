import * as z from 'zod'
import { describeChange } from '../../access/audit/describe-change'
import { needsPerson } from '../../access/keys/open'
import { schemasOf } from '../../kit/field-rows'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, changeOf, json } from '../../kit/operation'
import { readDays, requireSameDays, showStorageAgain } from '../storage/pages'
import { GENERAL_SETTINGS } from './general-settings'

/* The operations on the general settings. */

export const settingsShown = z.object(schemasOf(GENERAL_SETTINGS)).meta({ id: 'Settings' })
type Settings = z.infer<typeof settingsShown>

export const getSettings = action({
  call: 'GET /api/settings',
  may: 'read',
  summary: 'Get the settings',
  gives: { 200: json(settingsShown, 'The settings.') },
  run: ({ env }) => readSettings(env),
  show: (read) => read,
})

/** @returns the settings as the API shows them */
export async function readSettings(env: Env): Promise<Settings> {
  const read = Object.entries(GENERAL_SETTINGS).map(async ([name, setting]) => [name, await setting.read(env)])
  return Object.fromEntries(await Promise.all(read))
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
      next: () => `${DASHBOARD.settings}?done=saved`,
    },
    {
      at: '/storage/retention',
      read: (form) => ({ retention: readDays(form) }),
      check: ({ env }, form) => requireSameDays(env, form),
      next: () => `${DASHBOARD.storage}?done=saved`,
      refused: showStorageAgain,
    },
  ],
})

/** The fields of a setting that has some are named in the audit log. */
const flat = (settings: Settings): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]): [string, unknown][] =>
      value instanceof Object ? Object.entries(value) : [[name, value]]
    )
  )

async function saveSettings(env: Env, change: z.infer<typeof settingsChange>): Promise<void> {
  for (const { name, change: save } of Object.values(GENERAL_SETTINGS)) {
    const value = change[name as keyof typeof change]
    if (value !== undefined) await save(env, value)
  }
}
