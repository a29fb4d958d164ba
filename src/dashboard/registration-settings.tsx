import { createRoute, z } from '@hono/zod-openapi'
import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { parseFields, readForm } from '../http/form'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { MODES, type Mode, readMode, saveMode } from '../registration/mode'

const mode = z.enum(MODES).openapi({
  description:
    'Whether integrators may register a URL at `/webhooks`. `off`: no. `approve`: yes, and the owner enables it. `open`: yes, and it begins at once.',
})
const settings = z.object({ registration: mode }).openapi('Settings')
const settingsChange = z.strictObject({ registration: mode.optional() }).openapi('SettingsChange')
const base = { tags: ['Settings'], security: OWNER }

/** `/api/settings`: the owner's; see `requireOwner` in app.tsx. */
export const settingsApi = apiRouter()

settingsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: 'Get the settings',
    responses: { 200: json(settings, 'The settings.'), ...problems(401) },
  }),
  async (c) => c.json({ registration: await readMode(c.env) }, 200)
)

settingsApi.openapi(
  createRoute({
    ...base,
    method: 'patch',
    path: '/',
    summary: 'Change the settings',
    request: { body: jsonRequest(settingsChange) },
    responses: { 200: json(settings, 'As they are now.'), ...problems(400, 401, 422) },
  }),
  async (c) => {
    const { registration } = c.req.valid('json')
    if (registration) await saveMode(c.env, registration)
    return c.json({ registration: registration ?? (await readMode(c.env)) }, 200)
  }
)

/** `/admin/settings/registration`: the same, as a form. */
export const registrationSettings = new Hono<HonoEnv>()

registrationSettings.post('/', async (c) => {
  const form = await readForm(c)
  const { registration } = parseFields(settings, { registration: form.get('registration') })
  await saveMode(c.env, registration)
  return c.redirect('/admin/settings?done=saved', 303)
})

const CHOICES: Record<Mode, string> = {
  off: 'No: only you register endpoints',
  approve: 'Yes, and you enable each',
  open: 'Yes, and it begins at once',
}

export function RegistrationCard({ mode }: { mode: Mode }) {
  return (
    <form class="card" method="post" action="/admin/settings/registration">
      <h2>Registration</h2>
      <label for="registration">May others register a URL to be called back?</label>
      <select id="registration" name="registration">
        {Object.entries(CHOICES).map(([value, label]) => (
          <option value={value} selected={value === mode}>
            {label}
          </option>
        ))}
      </select>
      <p class="hint">
        At <a href="/webhooks">/webhooks</a>. A URL must prove itself first, and gets public events
        alone. Those that wait for you are among your <a href="/admin/endpoints">endpoints</a>.
      </p>
      <button type="submit">Save</button>
    </form>
  )
}
