import { describe, expect, it, vi } from 'vitest'
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
    expect(world.recorder.executed).toEqual([])
  })

  it('does not accept a dashboard session instead of a token', async () => {
    const world = new World()
    expect((await world.request('/api/endpoints', { headers: await session(world) })).status).toBe(401)
  })

  it('rejects every request while no token is configured', async () => {
    const world = new World({ ADMIN_TOKEN: '' })
    expect((await world.api('GET', '/api/endpoints', undefined, { Authorization: 'Bearer ' })).status).toBe(401)
    expect((await login(world, '')).status).toBe(401)
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
  ])('redirects %s to the login page, which redirects back', async (path) => {
    const response = await new World().request(path)
    expect(response.status).toBe(303)
    expect(response.headers.get('Location')).toBe(`/admin/login?next=${encodeURIComponent(path)}`)
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

  it('requires a session that is unaltered, has not expired, and was started with the current token', async () => {
    const world = new World()
    const { Cookie } = await session(world)
    const [name, value = ''] = Cookie.split('=')
    const later = encodeURIComponent(decodeURIComponent(value).replace(/^\d+/, (time) => String(Number(time) + 1)))
    const open = async (cookie: string, inWorld = world) =>
      (await inWorld.request('/admin', { headers: { Cookie: cookie } })).status
    expect(await open(Cookie)).toBe(200)
    expect(await open(`${name}=${later}`)).toBe(303)
    expect(await open(`${name}=9999999999999`)).toBe(303)
    expect(await open(Cookie, new World({ ADMIN_TOKEN: 'a new one' }))).toBe(303)
    vi.setSystemTime(Date.now() + 12 * 3_600_000 + 1)
    expect(await open(Cookie)).toBe(303)
    vi.useRealTimers()
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
