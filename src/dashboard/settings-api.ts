import { createRoute, z } from '@hono/zod-openapi'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { MODES, readMode, saveMode } from '../registration/mode'

const mode = z.enum(MODES).openapi({
  description:
    'Whether integrators can register endpoints at `/webhooks`. `off`: no. `approve`: yes, after the owner approves each one. `open`: yes, immediately.',
})
export const settings = z.object({ registration: mode }).openapi('Settings')
const settingsChange = z.strictObject({ registration: mode.optional() }).openapi('SettingsChange')
const base = { tags: ['Settings'], security: OWNER }

/** `/api/settings`. Only for the owner: see `requireOwner` in app.tsx. */
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
    responses: { 200: json(settings, 'The updated settings.'), ...problems(400, 401, 422) },
  }),
  async (c) => {
    const { registration } = c.req.valid('json')
    if (registration) await saveMode(c.env, registration)
    return c.json({ registration: registration ?? (await readMode(c.env)) }, 200)
  }
)
