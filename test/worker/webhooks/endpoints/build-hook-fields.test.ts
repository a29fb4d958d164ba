import { describe, expect, it } from 'vitest'
import { anEndpoint } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'

const URLS = 'https://api.netlify.com/build_hooks'

async function create(world: World, fields: Record<string, unknown>) {
  const { status, body } = await world.api('POST', '/api/endpoints', { url: `${URLS}/1`, ...fields })
  return { status, interval: body.min_interval_minutes, detail: JSON.stringify(body) }
}

describe('the minimum interval of an endpoint', () => {
  it.each([
    ['is 5 minutes for a build hook', { format: 'build-hook' }, 5],
    ['is 5 minutes for a build hook, if null is given', { format: 'build-hook', min_interval_minutes: null }, 5],
    ['can be a day', { format: 'build-hook', min_interval_minutes: 1_440 }, 1_440],
    ['can be 0', { format: 'build-hook', min_interval_minutes: 0 }, 0],
    ['is null for other formats', {}, null],
    ['is null for other formats, if 0 is given', { min_interval_minutes: 0 }, null],
  ])('%s', async (_, fields, interval) => {
    expect(await create(new World(), fields)).toMatchObject({ status: 201, interval })
  })

  it.each([
    ['a fraction', { format: 'build-hook', min_interval_minutes: 0.5 }],
    ['a negative number', { format: 'build-hook', min_interval_minutes: -1 }],
    ['more than a day', { format: 'build-hook', min_interval_minutes: 1_441 }],
    ['text', { format: 'build-hook', min_interval_minutes: '5' }],
    ['a number for another format', { min_interval_minutes: 5 }],
  ])('cannot be %s', async (_, fields) => {
    const { status, detail } = await create(new World(), fields)
    expect(status).toBe(422)
    expect(detail).toContain('min_interval_minutes')
  })

  it('follows the format when that changes', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, `${URLS}/1`)
    const change = async (fields: Record<string, unknown>) => {
      const { status, body } = await world.api('PATCH', `/api/endpoints/${id}`, fields)
      return [status, body.min_interval_minutes]
    }
    expect(await change({ min_interval_minutes: 5 })).toEqual([422, undefined])
    expect(await change({ format: 'build-hook' })).toEqual([200, 5])
    expect(await change({ min_interval_minutes: 30 })).toEqual([200, 30])
    expect(await change({ description: 'x' })).toEqual([200, 30])
    expect(await change({ format: 'slack' })).toEqual([200, null])
  })

  it('is proposed and set in the dashboard', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const fields = { url: `${URLS}/1`, event_types: 'comment.*', format: 'by_url', rate_limit: '300' }
    const { location } = await browser.submit('/admin/endpoints', { ...fields, min_interval_minutes: '15' })
    const path = location?.split('?')[0] ?? ''
    expect(await browser.notice(location ?? '')).toMatch(/build hook.*15/)
    const read = async () => (await world.api('GET', path.replace('/admin', '/api'))).body
    expect(await read()).toMatchObject({ format: 'build-hook', min_interval_minutes: 15 })
    await browser.submit(path, { ...fields, format: 'standard', min_interval_minutes: '15' })
    expect(await read()).toMatchObject({ format: 'standard', min_interval_minutes: null })
    await browser.submit(path, { ...fields, format: 'build-hook', min_interval_minutes: '' })
    expect(await read()).toMatchObject({ format: 'build-hook', min_interval_minutes: 5 })
  })
})
