import { needsPerson } from '../../../access/keys/open'
import { MAIN_BOOK, toBook } from '../../../guestbook/books/book'
import { readBook } from '../../../guestbook/books/cache'
import { changeBook } from '../../../guestbook/books/manage'
import { SIGNING } from '../../../guestbook/books/settings/signing'
import { action, described, doc, json } from '../../../kit/operation'
import { changeRetention, readRetention, retention } from '../../../kit/sweep/retention-setting'
import { MODES, readMode, saveMode } from '../../../webhooks/registration/mode'
import * as z from '../../../zod'

const ABOUT_MODE = described(
  'Whether integrators can register endpoints at `/webhooks`. `off`: no. `approve`: yes, after the owner approves each one. `open`: yes, immediately.'
)

const mode = z.enum(MODES).openapi(ABOUT_MODE)
const kept = retention.openapi(
  described(
    'How many days the delivery log is kept; 0 means forever. `settled_days`: delivered and canceled deliveries with their attempts and messages. `failed_days`: failed deliveries. `jobs_days`: finished replays. `audit_days`: the audit log; only ADMIN_TOKEN can change it. Pending deliveries are always kept.'
  )
)
const guestQuota = SIGNING.daily_quota_mb.schema.openapi(
  described('`daily_quota_mb` of the main book: see `/api/books/main`.')
)
const fields = { registration: mode, retention: kept, guest_quota_mb: guestQuota }
export const registrationMode = z.object({ registration: mode })
const settings = z.object(fields).openapi(doc('Settings'))
const settingsChange = z
  .strictObject({ ...fields, retention: kept.partial() })
  .partial()
  .openapi(doc('SettingsChange'))

export const getSettings = action({
  call: 'GET /api/settings',
  ...doc({ summary: 'Get the settings', noTool: 'setup' }),
  gives: { 200: json(settings, doc('The settings.')) },
  run: ({ env, now }) => readSettings(env, now),
  show: (read) => read,
})

export const changeSettings = action({
  call: 'PATCH /api/settings',
  act: 'settings.updated',
  ...doc({
    summary: 'Change the settings',
    refusals: [403],
    noTool: 'setup',
    noForm:
      'Each setting has a form on its own page: see owner/dashboard/settings-pages.tsx and owner/storage/pages.tsx.',
  }),
  takes: settingsChange,
  gives: { 200: json(settings, doc('The updated settings.')) },
  run: async ({ env, now, actor }, change) => {
    // Otherwise, a key could remove the traces of what it did.
    if (change.retention?.audit_days !== undefined && actor?.kind === 'key')
      throw needsPerson('Changing how long the audit log is kept')
    await saveSettings(env, change, now)
    return readSettings(env, now)
  },
  show: (saved) => saved,
})

async function readSettings(env: Env, now: number): Promise<z.infer<typeof settings>> {
  const [registration, retention, book] = await Promise.all([
    readMode(env),
    readRetention(env),
    readBook(env, MAIN_BOOK, now),
  ])
  return { registration, retention, guest_quota_mb: toBook(book).daily_quota_mb }
}

async function saveSettings(env: Env, change: z.infer<typeof settingsChange>, now: number): Promise<void> {
  if (change.registration) await saveMode(env, change.registration)
  if (change.retention) await changeRetention(env, change.retention)
  if (change.guest_quota_mb === undefined) return
  await changeBook(env, MAIN_BOOK, { daily_quota_mb: change.guest_quota_mb }, now)
}
