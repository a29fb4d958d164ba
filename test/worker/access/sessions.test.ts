import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { login, ownerBrowser, session } from '../../support/session'
import { TOKEN, World } from '../../support/world'

const MINUTE = 60_000
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605 Version/26.0 Mobile Safari/604.1'

interface Session {
  id: string
  browser: string
  country: string | null
  last_seen_at: string
}

async function listed(world: World): Promise<Session[]> {
  return (await world.api<{ data: Session[] }>('GET', '/api/sessions')).body.data
}

/** Logs in from a browser. @returns the headers of its requests */
async function from(world: World, userAgent: string, country: string) {
  const headers = { 'User-Agent': userAgent, 'CF-IPCountry': country }
  const response = await login(world, TOKEN, headers)
  return { ...headers, Cookie: (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '' }
}

describe('dashboard sessions', () => {
  it('are listed with browser and country in words, and the page says which one is this', async () => {
    const world = new World()
    await from(world, SAFARI, 'T1')
    const laptop = await from(world, FIREFOX, 'DE')
    expect((await listed(world)).map(({ browser, country }) => [browser, country]).toSorted()).toEqual([
      ['Firefox on Linux', 'DE'],
      ['Safari on iOS', null],
    ])
    const page = await (await world.request('/admin/access', { headers: laptop })).text()
    const text = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
    expect(text).toMatch(/Firefox on Linux, Germany \(this/)
    expect(text.match(/\(this session\)/g)).toHaveLength(1)
    const stored = JSON.stringify((await env.DB.prepare('select * from sessions').all()).results)
    expect(stored).not.toContain('Mozilla')
    expect(page).not.toContain(laptop.Cookie.split('=')[1])
  })

  it('can be ended one by one, and all others at once', async () => {
    const world = new World()
    const [mine, phone, tablet] = [await ownerBrowser(world), await session(world), await session(world)]
    const isOpen = async (headers: { Cookie: string }) => (await world.request('/admin', { headers })).status === 200
    const ids = (await listed(world)).map(({ id }) => id)
    expect(ids).toHaveLength(3)
    const html = await (await mine.get('/admin/access')).text()
    const [first] = /\/admin\/access\/sessions\/[0-9a-f]{16}\/revoke/.exec(html) ?? []
    expect(await mine.submit(first ?? '', {})).toMatchObject({ status: 303 })
    expect([await isOpen(phone), await isOpen(tablet)].filter(Boolean)).toHaveLength(1)
    expect(await mine.submit('/admin/access/sessions/revoke-others', {})).toMatchObject({ status: 303 })
    expect([await isOpen(mine.cookie), await isOpen(phone), await isOpen(tablet)]).toEqual([true, false, false])
    expect((await mine.post(first ?? '', {})).status).toBe(404)
  })

  it('can be ended with the API, by the admin token only', async () => {
    const world = new World()
    const cookies = [await session(world), await session(world)]
    const [one] = await listed(world)
    expect((await world.api('DELETE', `/api/sessions/${one?.id}`)).status).toBe(204)
    expect((await world.api('DELETE', `/api/sessions/${one?.id}`)).status).toBe(404)
    for (const id of ['', 'x', '%', '0'.repeat(64)]) {
      expect((await world.api('DELETE', `/api/sessions/${id || 'a'}`)).status).toBe(404)
    }
    expect(await listed(world)).toHaveLength(1)
    expect((await world.api('DELETE', '/api/sessions')).status).toBe(204)
    for (const headers of cookies) expect((await world.request('/admin', { headers })).status).toBe(303)
  })

  it('write the time of the last request every ten minutes, after the response', async () => {
    const world = new World()
    const headers = await session(world)
    const visit = async () => {
      world.recorder.executed.length = 0
      expect((await world.request('/admin/storage', { headers })).status).toBe(200)
      return world.recorder.executed.filter(({ sql }) => sql.includes('update sessions')).length
    }
    expect([await visit(), await visit()]).toEqual([0, 0])
    vi.setSystemTime(Date.now() + 10 * MINUTE)
    expect([await visit(), await visit()]).toEqual([1, 0])
    expect(Date.parse((await listed(world))[0]?.last_seen_at ?? '')).toBeGreaterThan(Date.now() - MINUTE)
    vi.useRealTimers()
  })
})
