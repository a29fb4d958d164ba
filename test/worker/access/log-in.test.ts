import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { removeOldSessions } from '../../../src/access/sessions/store'
import { openBudget } from '../../../src/kit/sweep/subrequest-budget'
import { anEndpoint, mailbox } from '../../support/fixtures'
import { FORM, login, session } from '../../support/session'
import { TOKEN, World } from '../../support/world'

describe('the owner’s API', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { Authorization: 'Bearer wrong' }],
    ['half a token', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', { Authorization: `Basic ${btoa(`admin:${TOKEN}`)}` }],
    ['an empty token', { Authorization: 'Bearer ' }],
  ])('rejects a request with %s', async (_, headers) => {
    const world = new World()
    const paths = ['/api/endpoints', '/api/messages', '/api/endpoints/ep_x/secret', '/api/messages/m/deliveries/e']
    const answers: unknown[] = []
    for (const path of paths) {
      const response = await world.request(path, { headers: headers as Record<string, string> })
      const type = response.headers.get('Content-Type')
      answers.push([response.status, type, response.headers.get('WWW-Authenticate')])
    }
    const refusal = [401, 'application/problem+json', 'Bearer realm="guesthook"']
    expect(answers).toEqual(paths.map(() => refusal))
    // Nothing is read for such a request, except the key under which the visitor is counted.
    expect(world.recorder.executed.filter(({ sql }) => !sql.includes('visitor_keys'))).toEqual([])
  })

  it('does not accept a dashboard session instead of a token', async () => {
    const world = new World()
    expect((await world.request('/api/endpoints', { headers: await session(world) })).status).toBe(401)
  })

  it.each([
    ['missing', ''],
    ['the one that example files contain', 'change-me-to-something-long'],
    ['a placeholder in capitals', 'CHANGE_ME'],
    ['the name of the variable', '<ADMIN_TOKEN>'],
    ['a word that everybody tries', 'password'],
  ])('refuses everybody, with an explanation for the owner, while the admin token is %s', async (_, ADMIN_TOKEN) => {
    const world = new World({ ADMIN_TOKEN })
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN || 'x'}` }
    const { status, body } = await world.api('GET', '/api/endpoints', undefined, headers)
    const words = expect.stringMatching(/^ADMIN_TOKEN is .*wrangler secret put ADMIN_TOKEN/)
    expect({ status, body }).toMatchObject({ status: 503, body: { code: 'admin_token_unusable', detail: words } })
    const refused = await login(world, ADMIN_TOKEN)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('Set-Cookie')).toBeNull()
    for (const page of [refused, await world.request('/admin/login')]) {
      expect(page.status).toBe(503)
      expect(await page.text()).toContain('wrangler secret put ADMIN_TOKEN')
    }
    expect((await world.request('/')).status).toBe(200)
  })
})

/** Requests with a wrong token, one after another. @returns the status of each */
async function guess(world: World, path: string, count: number, headers: Record<string, string>): Promise<number[]> {
  const statuses: number[] = []
  for (let i = 0; i < count; i++) statuses.push((await world.request(path, { headers })).status)
  return statuses
}

describe('wrong tokens', () => {
  const address = { 'CF-Connecting-IP': '203.0.113.40' }
  const right = { ...address, Authorization: `Bearer ${TOKEN}` }
  const wrong = { ...address, Authorization: 'Bearer wrong' }

  it.each([
    ['the owner’s token', '/api/endpoints'],
    ['a pull token', '/api/endpoints/ep_01JD9Z6Y3T8W5Q7R2K4M6N8P0A/messages'],
    ['the key of a body', '/api/inbound/in_x/body'],
    ['the owner’s token, where none is needed to read', '/api/event-types'],
  ])('are limited instead of %s', async (_, path) => {
    const world = new World()
    const statuses = await guess(world, path, 25, wrong)
    expect(statuses[0]).toBe(401)
    expect(statuses.at(-1)).toBe(429)
    const last = await world.request(path, { headers: wrong })
    expect(last.headers.get('Retry-After')).toBe('60')
    expect(await last.json()).toMatchObject({
      code: 'too_many_requests',
      detail: expect.stringContaining('wrong token'),
    })
  })

  it('lock out neither correct tokens behind the same address, nor the login form, nor other addresses', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const path = `/api/endpoints/${id}/messages`
    const { token } = (await world.api<{ token: string }>('POST', `/api/endpoints/${id}/pull-token`)).body
    expect((await guess(world, path, 25, wrong)).at(-1)).toBe(429)
    const pulling = { ...address, Authorization: `Bearer ${token}` }
    expect(await guess(world, path, 15, pulling)).toEqual(Array(15).fill(200))
    expect(await guess(world, path, 15, right)).toEqual(Array(15).fill(200))
    expect((await login(world, TOKEN, address)).status).toBe(303)
    expect((await world.request(path, { headers: { ...wrong, 'CF-Connecting-IP': '203.0.113.41' } })).status).toBe(401)
  })

  it('are counted only if there is an Authorization header', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    for (const path of ['/api/endpoints', `/api/endpoints/${id}/messages`]) {
      expect(await guess(world, path, 25, address)).toEqual(Array(25).fill(401))
    }
    expect((await world.request('/api/endpoints', { headers: wrong })).status).toBe(401)
  })

  it('cost no query where tokens are too long to guess', async () => {
    const world = new World()
    const doors = ['/webhooks/manage/guess', '/in/guess', '/in/hook_guess', '/webhooks/manage/link_guess']
    for (const door of doors) expect((await world.request(door)).status).toBe(404)
    expect((await world.request('/api/inbound/in_x/body?key=guess')).status).toBe(401)
    expect(world.recorder.executed).toEqual([])
  })
})

describe('the dashboard', () => {
  it.each([
    '/admin',
    '/admin/endpoints',
    '/admin/endpoints/ep_x',
    '/admin/messages',
    '/admin/messages/m',
    '/admin/comments',
    '/admin/messages?q=a+b',
    '/admin/access/audit?actor=key:key_1',
    '/admin/comments?since=2026-11-24T10:00&until=2026-11-24T11:00',
  ])('redirects %s to the login page, which redirects back', async (path) => {
    const response = await new World().request(path)
    expect(response.status).toBe(303)
    expect(response.headers.get('Location')).toBe(`/admin/login?next=${encodeURIComponent(path)}`)
    expect((await login(new World(), TOKEN, {}, path)).headers.get('Location')).toBe(path)
  })

  it('accepts a trailing slash and HEAD requests', async () => {
    const world = new World()
    expect((await world.request('/admin/')).headers.get('Location')).toBe('/admin')
    expect((await world.request('/admin', { method: 'HEAD' })).status).toBe(303)
  })

  it('keeps the session in a separate cookie, from login to logout', async () => {
    const world = new World()
    const response = await login(world, TOKEN, {}, '/admin/messages')
    expect(response.headers.get('Location')).toBe('/admin/messages')
    const cookie = response.headers.get('Set-Cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Lax/)
    expect(cookie).toMatch(/Secure/)
    expect(cookie).toMatch(/Path=\/admin/)
    expect(cookie).toMatch(/Max-Age=43200/)
    const headers = { Cookie: cookie.split(';')[0] ?? '' }
    expect((await world.request('/admin', { headers })).status).toBe(200)
    const out = await world.request('/admin/logout', {
      method: 'POST',
      headers: { ...headers, ...FORM },
    })
    expect(out.headers.get('Set-Cookie')).toMatch(/Max-Age=0/)
  })

  it('ends a session on logout, for every copy of its cookie, in every isolate, and no other session', async () => {
    const world = new World()
    const laptop = await session(world)
    const phone = await session(world)
    const page = async (cookie: { Cookie: string }, inWorld = world) =>
      (await inWorld.request('/admin', { headers: cookie })).status
    expect([await page(laptop), await page(phone)]).toEqual([200, 200])
    expect((await world.request('/admin/logout', { method: 'POST', headers: { ...laptop, ...FORM } })).status).toBe(303)
    expect([await page(laptop), await page(laptop, new World()), await page(phone)]).toEqual([303, 303, 200])
    const form = { method: 'POST', headers: { ...laptop, ...FORM }, body: 'title=x&welcome=y' }
    expect((await world.request('/admin/settings', form)).status).toBe(401)
  })

  it('requires a session that was started here, with the current token, within the last 12 hours', async () => {
    const world = new World()
    const { Cookie } = await session(world)
    const [name, value = ''] = Cookie.split('=')
    const open = async (cookie: string, inWorld = world) =>
      (await inWorld.request('/admin', { headers: { Cookie: cookie } })).status
    expect(await open(Cookie)).toBe(200)
    const forged = `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`
    // The last one has the format of earlier versions.
    for (const other of [forged, value.slice(0, -1), '', 'session_', '9999999999999.c2lnbmF0dXJl']) {
      expect(await open(`${name}=${other}`)).toBe(303)
    }
    expect(await open(Cookie, new World({ ADMIN_TOKEN: 'a new admin token' }))).toBe(303)
    vi.setSystemTime(Date.now() + 12 * 3_600_000 + 1)
    expect(await open(Cookie)).toBe(303)
    vi.useRealTimers()
  })

  it('costs one query for each page, one for a login, and none for a cookie that cannot be a session', async () => {
    const world = new World()
    await session(world)
    world.invocations.length = 0
    const cookie = await session(world)
    expect(world.invocations[0]?.counts).toMatchObject({ d1RoundTrips: 1 })
    const queries = () => world.recorder.executed.filter(({ sql }) => /from\s+sessions/.test(sql)).length
    const before = queries()
    for (const path of ['/admin', '/admin/endpoints', '/admin/messages']) await world.request(path, { headers: cookie })
    expect(queries() - before).toBe(3)
    await world.request('/admin', { headers: { Cookie: 'guesthook_session=1.x' } })
    await world.request('/admin')
    expect(queries() - before).toBe(3)
  })

  it('stores no token of a session, and removes sessions that have expired', async () => {
    const world = new World()
    const { Cookie } = await session(world)
    const token = Cookie.split('=')[1] ?? ''
    const rows = async () => (await env.DB.prepare('select * from sessions').all()).results
    expect(token).toMatch(/^session_[\w-]{43}$/)
    expect(JSON.stringify(await rows())).not.toContain(token.slice(8))
    const remove = (now: number) => removeOldSessions(world.env, now, openBudget(world.env))
    expect(await remove(Date.now())).toBe(0)
    expect(await rows()).toHaveLength(1)
    expect(await remove(Date.now() + 12 * 3_600_000 + 1)).toBe(1)
    expect(await rows()).toEqual([])
  })

  it.each(['https://evil.example/', '//evil.example', '/\\evil', 'javascript:alert(1)', '/api/x', '/admin.evil'])(
    'redirects to the overview, not to %s, after login',
    async (next) => {
      const response = await login(new World(), TOKEN, {}, next)
      expect(response.headers.get('Location')).toBe('/admin')
    }
  )

  it('limits login attempts', async () => {
    const world = new World()
    const visitor = { 'CF-Connecting-IP': '203.0.113.20' }
    const statuses: number[] = []
    for (let i = 0; i < 25; i++) statuses.push((await login(world, 'guess', visitor)).status)
    expect(statuses[0]).toBe(401)
    expect(statuses.at(-1)).toBe(429)
    expect((await login(world, TOKEN, { 'CF-Connecting-IP': '203.0.113.21' })).status).toBe(303)
  })

  it.each([
    ['another site', { Origin: 'https://evil.example' }],
    ['a file', { Origin: 'null' }],
    ['the same host over http', { Origin: 'http://guestbook.example.com' }],
    ['an unknown origin', { Origin: undefined }],
    ['a sibling domain', { Origin: undefined, 'Sec-Fetch-Site': 'same-site' }],
  ])('rejects forms from %s', async (_, given) => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const all = { ...FORM, ...(await session(world)), ...given }
    const headers = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >
    const statuses: number[] = []
    for (const path of ['/admin/login', '/admin/logout', '/admin/endpoints', `/admin/endpoints/${id}/delete`]) {
      statuses.push((await world.request(path, { method: 'POST', headers, body: 'a=b' })).status)
    }
    expect(statuses).toEqual([403, 403, 403, 403])
    expect((await world.api('GET', `/api/endpoints/${id}`)).status).toBe(200)
  })
})
