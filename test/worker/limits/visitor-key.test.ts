import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { removeOldVisitorKeys } from '../../../src/kit/http/visitor'
import { World } from '../../support/world'

const DAY = 86_400_000
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

function sign(world: World, address: string): Promise<Response> {
  const headers = { ...FORM, 'CF-Connecting-IP': address }
  return world.request('/sign', { method: 'POST', headers, body: 'name=Ada&body=Hi' })
}

/** A world whose rate limit records its keys. */
function recording(overrides: Partial<Env> = {}) {
  const keys: string[] = []
  const limit = async ({ key }: { key: string }) => {
    keys.push(key)
    return { success: true }
  }
  return { world: new World({ SIGN_LIMIT: { limit }, ...overrides }), keys }
}

const storedKeys = async () =>
  (await env.DB.prepare('select day, key from visitor_keys order by day').all<{ day: number; key: string }>()).results

afterEach(() => void vi.useRealTimers())

describe('the key that identifies a visitor', () => {
  it('is the same for one address in every isolate on one day, whoever needs it first', async () => {
    const isolates = Array.from({ length: 5 }, () => recording())
    await Promise.all(isolates.map(({ world }) => sign(world, '203.0.113.5')))
    const keys = isolates.flatMap((isolate) => isolate.keys)
    expect(keys).toHaveLength(5)
    expect(new Set(keys).size).toBe(1)
    expect(await storedKeys()).toHaveLength(1)
  })

  it('is read once in an isolate, and again on the next day', async () => {
    const { world, keys } = recording()
    const reads = () => world.recorder.executed.filter(({ sql }) => /^select.*visitor_keys/.test(sql)).length
    await sign(world, '203.0.113.5')
    await sign(world, '203.0.113.6')
    await sign(world, '203.0.113.5')
    expect(reads()).toBe(1)
    vi.setSystemTime(Date.now() + DAY)
    await sign(world, '203.0.113.5')
    expect(reads()).toBe(2)
    expect(new Set(keys).size).toBe(3)
    expect(keys[0]).toBe(keys[2])
  })

  it('cannot be computed from SECRETS_KEY: two databases with the same SECRETS_KEY give the same address two keys', async () => {
    const first = recording()
    await sign(first.world, '203.0.113.5')
    await env.DB.prepare('delete from visitor_keys').run()
    const second = recording()
    await sign(second.world, '203.0.113.5')
    expect(first.keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(second.keys[0]).not.toBe(first.keys[0])
  })

  it('needs no SECRETS_KEY', async () => {
    const { world } = recording({ SECRETS_KEY: '' })
    expect((await sign(world, '203.0.113.5')).status).toBe(303)
  })

  it('covers a whole network of IPv6 addresses', async () => {
    const { world, keys } = recording()
    await sign(world, '2001:db8:1:2:aaaa::1')
    await sign(world, '2001:db8:1:2:bbbb::9')
    await sign(world, '2001:db8:1:3:aaaa::1')
    expect(keys[0]).toBe(keys[1])
    expect(keys[0]).not.toBe(keys[2])
  })

  it('is deleted after two days', async () => {
    const { world } = recording()
    const start = Math.floor(Date.now() / DAY) * DAY
    for (let day = 0; day < 4; day++) {
      vi.setSystemTime(start + day * DAY + 1_000)
      await sign(world, '203.0.113.5')
    }
    const today = start / DAY + 3
    expect((await storedKeys()).map(({ day }) => day)).toEqual([today - 3, today - 2, today - 1, today])
    expect(new Set((await storedKeys()).map(({ key }) => key)).size).toBe(4)
    expect(await removeOldVisitorKeys(world.env, Date.now())).toBe(2)
    expect((await storedKeys()).map(({ day }) => day)).toEqual([today - 1, today])
    expect(await removeOldVisitorKeys(world.env, Date.now())).toBe(0)
  })
})
