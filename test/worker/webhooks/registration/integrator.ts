import { expect } from 'vitest'
import { mailbox } from '../../../support/fixtures'
import { FORM } from '../../../support/session'
import { World } from '../../../support/world'

/* What an integrator does in a browser. */

export type Mode = 'off' | 'approve' | 'open'

/** The rate limits apply per network, so each test uses a network of its own. */
let network = 0

/** From now on, requests come from another network. */
export function changeNetwork(): void {
  network += 1
}

export async function aWorld(mode: Mode, overrides: Partial<Env> = {}): Promise<World> {
  network += 1
  const world = new World(overrides)
  const { status } = await world.api('PATCH', '/api/settings', { registration: mode })
  expect(status).toBe(200)
  return world
}

/** Submits a form the way an integrator's browser does. */
export async function submit(world: World, path: string, fields: [string, string][] = []) {
  const body = new URLSearchParams(fields).toString()
  const headers = { ...FORM, 'CF-Connecting-IP': `192.0.2.${network}` }
  const response = await world.request(path, { method: 'POST', headers, body })
  const location = response.headers.get('Location')
  const page = location === null ? response : await world.request(location)
  return { response, status: response.status, location, html: await page.text() }
}

export function register(world: World, url: string, types = ['comment.published']) {
  const choices = types.map((type): [string, string] => ['event_types', type])
  return submit(world, '/webhooks', [['url', url], ['description', 'Ada'], ...choices])
}

export async function registered(world: World, behavior = 'verify', types?: string[]) {
  const box = mailbox()
  const { status, html } = await register(world, box.url(behavior), types)
  expect(status).toBe(303)
  const secret = /whsec_[A-Za-z0-9+/=]+/.exec(html)?.[0] ?? ''
  const path = /\/webhooks\/manage\/link_[\w-]{43}/.exec(html)?.[0] ?? ''
  const see = async (more = '') => (await world.request(path + more)).text()
  const [newest] = await endpoints(world)
  return { box, secret, path, see, id: String(newest?.id) }
}

export async function endpoints(world: World): Promise<Record<string, unknown>[]> {
  const { body } = await world.api<{ data: Record<string, unknown>[] }>('GET', '/api/endpoints')
  return body.data
}
