import { described, doc } from '#doc'
import { requirePerson } from '../../access/owner-auth'
import { MAIN_BOOK, toBook } from '../../guestbook/books/book'
import { readBook } from '../../guestbook/books/cache'
import { changeBook } from '../../guestbook/books/manage'
import { SIGNING } from '../../guestbook/books/settings/signing'
import { json, jsonRequest, OWNER, problems } from '../../kit/http/openapi'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { changeRetention, readRetention, retention } from '../../kit/sweep/retention-setting'
import { MODES, readMode, saveMode } from '../../webhooks/registration/mode'
import * as z from '../../zod'

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
const base = { tags: ['Settings'], security: OWNER }

/** `/api/settings`. Only for the owner: see `requireOwner` in app.tsx. */
export const settingsApi = new ApiRouter()

settingsApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    ...doc(() => ({
      ...base,
      summary: 'Get the settings',
      responses: { 200: json(settings, 'The settings.'), ...problems([401]) },
    })),
  }),
  async (c) => c.json(await readSettings(c.env, c.get('now')), 200)
)

settingsApi.openapi(
  createRoute({
    method: 'patch',
    path: '/',
    request: { body: jsonRequest(settingsChange) },
    ...doc(() => ({
      ...base,
      summary: 'Change the settings',
      responses: { 200: json(settings, 'The updated settings.'), ...problems([400, 401, 403, 422]) },
    })),
  }),
  async (c) => {
    const change = c.req.valid('json')
    // Otherwise, a key could remove the traces of what it did.
    if (change.retention?.audit_days !== undefined) requirePerson(c, 'Changing how long the audit log is kept')
    await saveSettings(c.env, change, c.get('now'))
    return c.json(await readSettings(c.env, c.get('now')), 200)
  }
)

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
