import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { withoutModeration } from '../../support/session'
import { World } from '../../support/world'

const DAY = 86_400_000
const LONG = 'x'.repeat(4_000)

/** Signs with a text of its own, from an address. @returns the status */
async function sign(world: World, address: string, book = 'main', body = LONG) {
  const json = { name: 'Ada', body: `${Math.random()} ${body}`.slice(0, 4_000), book }
  return (await world.api('POST', '/api/comments', json, { 'CF-Connecting-IP': address })).status
}

/** Signs until a request is refused. @returns how many entries were accepted */
async function signUntilRefused(world: World, address: string, book?: string): Promise<number> {
  for (let i = 0; i < 100; i++) if ((await sign(world, address, book)) !== 201) return i
  throw new Error('No entry was refused.')
}

const unlimited = () => ({ SIGN_LIMIT: { limit: async () => ({ success: true }) } as RateLimit })

async function size(): Promise<number> {
  return (await env.DB.prepare('select 1').all()).meta.size_after ?? 0
}

describe("a network's share of the quota", () => {
  it('is what one visitor can store in all books, and leaves the rest to others', async () => {
    const world = await withoutModeration(new World(unlimited()))
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', moderation: 'none' })
    const accepted = await signUntilRefused(world, '203.0.113.1')
    expect(accepted).toBeGreaterThan(5)
    // Another address of the same network, and another book, are of no use.
    expect(await sign(world, '203.0.113.1', 'summer')).toBe(429)
    expect(await sign(world, '203.0.113.2')).toBe(201)
    expect(await sign(world, '203.0.113.2', 'summer')).toBe(201)
  })

  it('counts what the database stores', async () => {
    const world = await withoutModeration(new World(unlimited()))
    await world.api('PATCH', '/api/books/main', { daily_quota_mb: 100 })
    for (const body of ['Hello', LONG, '日本'.repeat(1_000)]) {
      const [before, counted] = [await size(), await used()]
      for (let i = 0; i < 40; i++) await sign(world, '203.0.113.3', 'main', body)
      const stored = (await size()) - before
      expect((await used()) - counted).toBeGreaterThan(stored * 0.9)
      expect((await used()) - counted).toBeLessThan(stored * 1.5)
    }
  })

  it('is also the limit of its spam, which is refused like any entry, and leaves the places for spam to others', async () => {
    const world = await withoutModeration(new World(unlimited()))
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    let kept = 0
    while (kept < 60 && (await sign(world, '203.0.113.4', 'main', `casino ${LONG}`)) === 201) kept += 1
    expect(kept).toBeLessThan(45)
    expect([await spam(), await sign(world, '203.0.113.4')]).toEqual([kept, 429])
    await sign(world, '203.0.113.5', 'main', 'casino')
    expect(await spam()).toBe(kept + 1)
  })

  it('is not used by the owner', async () => {
    const world = new World()
    for (let i = 0; i < 3; i++) await world.api('POST', '/api/comments', { name: 'Ada', body: `${i} ${LONG}` })
    expect(await used()).toBe(0)
  })

  it('is kept under a hash until the key of its day is removed', async () => {
    const world = await withoutModeration(new World())
    await sign(world, '203.0.113.6')
    const shares = () => env.DB.prepare('select shares from books').first<string>('shares')
    expect(await shares()).toMatch(/^\{"[0-9a-f]{8}":\d+\}$/)
    await env.DB.batch([
      env.DB.prepare('update visitor_keys set day = day - 2'),
      env.DB.prepare('update books set quota_day = quota_day - 2'),
    ])
    // On the Paid plan, every chore has its turn in every sweep.
    await new World({ FREE_PLAN: 'false' }).sweep(Date.now())
    expect(await shares()).toBe('{}')
    expect(
      await env.DB.prepare('select count(*) as n from visitor_keys where day < ?')
        .bind(Math.floor(Date.now() / DAY))
        .first('n')
    ).toBe(0)
  })
})

async function used(): Promise<number> {
  return (await env.DB.prepare("select quota_bytes from books where slug = 'main'").first<number>('quota_bytes')) ?? 0
}

async function spam(): Promise<number> {
  return (await env.DB.prepare("select count(*) as n from comments where status = 'spam'").first<number>('n')) ?? 0
}
