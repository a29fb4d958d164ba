import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'

const GERMAN = { headers: { 'Accept-Language': 'de' } }
const BROKEN = { fetch: () => Promise.reject(new Error('No file can be read.')) } as unknown as Fetcher

it('guests read and sign in English while the file of their language cannot be read, and the log says so', async () => {
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
  // Another test may have read the file in this isolate.
  vi.resetModules()
  const { World } = await import('../../support/world')
  const { signAsGuest, withoutModeration } = await import('../../support/session')
  const world = await withoutModeration(new World({ ASSETS: BROKEN }))
  const page = await world.request('/nowhere', GERMAN)
  expect([page.status, await page.text()]).toEqual([404, expect.stringContaining('<html lang="en"')])
  expect((await signAsGuest(world, { body: 'Mine' }, GERMAN)).status).toBe(303)
  await world.api('PATCH', '/api/books/main', { language: 'de' })
  expect((await world.api('GET', '/api/books/main')).status).toBe(200)
  expect((await world.request('/feed.atom')).status).toBe(200)
  const inEnglish = await world.request('/', GERMAN)
  expect([inEnglish.headers.get('ETag'), await inEnglish.text()]).toEqual([null, expect.stringContaining('lang="en"')])
  expect(logged.mock.calls.join()).toContain('"event":"file.fault"')

  world.env.ASSETS = env.ASSETS
  expect(await (await world.request('/nowhere', GERMAN)).text()).toContain('<html lang="de"')
  expect(await (await world.request('/', GERMAN)).text()).toContain('<html lang="de"')
})

it('pages about sources and for integrators do without their texts while the files cannot be read', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  vi.resetModules()
  const { World } = await import('../../support/world')
  const { ownerBrowser } = await import('../../support/session')
  const { aSource } = await import('../../support/sources')
  const html = { fetch: async () => new Response('<!doctype html>') } as unknown as Fetcher
  for (const ASSETS of [BROKEN, html]) {
    const world = new World({ ASSETS })
    const { id } = await aSource(world, 'github')
    await world.api('PATCH', '/api/settings', { registration: 'open' })
    const { see } = await ownerBrowser(world)
    expect(await see(`/admin/sources/${id}`)).toContain('GitHub')
    expect(await see('/admin/sources/new')).toContain('Stripe')
    expect(await see('/admin/sources/new?provider=stripe')).toContain('Stripe')
    for (const path of ['/webhooks', '/webhooks/guide']) expect((await world.request(path)).status).toBe(200)
  }
})
