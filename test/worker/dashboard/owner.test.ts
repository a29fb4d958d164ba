import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { FORM, login, session } from '../../support/session'
import { aComment, anEndpoint, latestMessageId, mailbox, TOKEN, World } from '../../support/world'

describe('the API is the owner’s', () => {
  it.each([
    ['no token', {}],
    ['a wrong token', { Authorization: 'Bearer wrong' }],
    ['half a token', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', { Authorization: `Basic ${btoa(`admin:${TOKEN}`)}` }],
    ['an empty token', { Authorization: 'Bearer ' }],
  ])('refuses %s', async (_, headers) => {
    const world = new World()
    for (const path of [
      '/api/endpoints',
      '/api/messages',
      '/api/endpoints/ep_x/secret',
      '/api/messages/m/deliveries/e',
    ]) {
      const response = await world.request(path, { headers: headers as Record<string, string> })
      expect(response.status).toBe(401)
      expect(response.headers.get('WWW-Authenticate')).toMatch(/^Bearer/)
      expect(response.headers.get('Content-Type')).toBe('application/problem+json')
    }
    expect(world.recorder.executed).toEqual([])
  })

  it('does not take a session for a token', async () => {
    const world = new World()
    expect((await world.request('/api/endpoints', { headers: await session(world) })).status).toBe(
      401
    )
  })

  it('refuses everybody when no token is configured', async () => {
    const world = new World({ ADMIN_TOKEN: '' })
    expect(
      (await world.api('GET', '/api/endpoints', undefined, { Authorization: 'Bearer ' })).status
    ).toBe(401)
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
  ])('sends %s to the login, and back', async (path) => {
    const response = await new World().request(path)
    expect(response.status).toBe(303)
    expect(response.headers.get('Location')).toBe(`/admin/login?next=${encodeURIComponent(path)}`)
  })

  it('may be called with a slash at its end, and looked at with HEAD', async () => {
    const world = new World()
    expect((await world.request('/admin/')).headers.get('Location')).toBe('/admin')
    expect((await world.request('/admin', { method: 'HEAD' })).status).toBe(303)
  })

  it('starts a session that is signed, for itself alone, and ends', async () => {
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

  it('takes no session that was changed, has ended, or belongs to another token', async () => {
    const world = new World()
    const { Cookie } = await session(world)
    const [name, value = ''] = Cookie.split('=')
    const later = encodeURIComponent(
      decodeURIComponent(value).replace(/^\d+/, (time) => String(Number(time) + 1))
    )
    const open = async (cookie: string, inWorld = world) =>
      (await inWorld.request('/admin', { headers: { Cookie: cookie } })).status
    expect(await open(Cookie)).toBe(200)
    expect(await open(`${name}=${later}`)).toBe(303)
    expect(await open(`${name}=9999999999999`)).toBe(303)
    expect(await open(Cookie, new World({ ADMIN_TOKEN: 'a new one' }))).toBe(303)
    const { vi } = await import('vitest')
    vi.setSystemTime(Date.now() + 12 * 3_600_000 + 1)
    expect(await open(Cookie)).toBe(303)
    vi.useRealTimers()
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil',
    'javascript:alert(1)',
    '/api/x',
    '/admin.evil',
  ])('goes to the dashboard, not to %s, after a login', async (next) => {
    const response = await login(new World(), TOKEN, {}, next)
    expect(response.headers.get('Location')).toBe('/admin')
  })

  it('limits attempts to log in', async () => {
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
    ['nobody', { Origin: undefined }],
    ['a sibling, says the browser', { Origin: undefined, 'Sec-Fetch-Site': 'same-site' }],
  ])('takes no form from %s', async (_, given) => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const all = { ...FORM, ...(await session(world)), ...given }
    const headers = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined)
    ) as Record<string, string>
    for (const path of [
      '/admin/login',
      '/admin/logout',
      '/admin/endpoints',
      `/admin/endpoints/${id}/delete`,
    ]) {
      expect(
        (await world.request(path, { method: 'POST', headers, body: 'a=b' })).status,
        path
      ).toBe(403)
    }
    expect((await world.api('GET', `/api/endpoints/${id}`)).status).toBe(200)
  })

  it('manages an endpoint by plain forms, from registering to deleting', async () => {
    const world = new World()
    const box = mailbox()
    const cookie = await session(world)
    const post = (path: string, fields: Record<string, string>) =>
      world.request(path, {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: new URLSearchParams(fields).toString(),
      })
    const get = async (path: string) => (await world.request(path, { headers: cookie })).text()

    expect(await get('/admin/endpoints')).toContain('Nobody is called back yet')
    const refused = await post('/admin/endpoints', {
      url: 'https://10.1.1.1/x',
      event_types: '*',
      description: 'kept',
    })
    expect(refused.status).toBe(422)
    const form = await refused.text()
    expect(form).toContain('Use a host name')
    expect(form).toContain('value="https://10.1.1.1/x"')
    expect(form).toContain('value="kept"')

    const created = await post('/admin/endpoints', {
      url: box.url(),
      event_types: 'comment.* ping',
      description: '',
    })
    const path = created.headers.get('Location')?.split('?')[0] ?? ''
    expect(await get(created.headers.get('Location') ?? '')).toMatch(/whsec_[\w+/=]{40,}/)
    expect(await get(path)).not.toMatch(/whsec_[A-Za-z0-9+/]{9}/)

    const tested = await post(`${path}/test`, { type: 'ping' })
    expect(await get(tested.headers.get('Location') ?? '')).toContain('Thank you.')
    expect(
      (await post(path, { url: box.url('status/500'), event_types: '*', description: 'mine' }))
        .status
    ).toBe(303)
    expect(await get(path)).toContain('mine')
    expect(await get(`${path}/edit`)).toContain('value="mine"')
    const mistyped = await post(path, { url: 'ftp://x', event_types: 'ping', description: 'typed' })
    expect(mistyped.status).toBe(422)
    expect(await mistyped.text()).toContain('value="typed"')
    expect((await post(`${path}/secret/rotate`, { grace_seconds: '3600' })).status).toBe(303)
    expect((await post(`${path}/secret/rotate`, { grace_seconds: 'x' })).status).toBe(422)

    await aComment(world)
    await world.drain()
    expect(await get(path)).toContain('retrying')
    expect((await post(`${path}/disable`, {})).status).toBe(303)
    expect(await get(path)).toContain('Disabled by you')
    expect((await post(`${path}/enable`, {})).status).toBe(303)
    expect((await post(`${path}/delete`, {})).headers.get('Location')).toBe(
      '/admin/endpoints?done=deleted'
    )
    expect((await world.request(path, { headers: cookie })).status).toBe(404)
  })

  it('shows a message, its deliveries and attempts, and retries by hand', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/410'))
    await aComment(world, { name: '<i>Eve</i>', body: "it's <b>" })
    await world.drain()
    const message = await latestMessageId(world)
    const cookie = await session(world)
    const get = async (path: string) => (await world.request(path, { headers: cookie })).text()
    expect(await get('/admin')).toContain(message)
    expect(await get(`/admin/messages/${message}`)).toContain('&lt;i&gt;Eve&lt;/i&gt;')
    const path = `/admin/messages/${message}/deliveries/${id}`
    const html = await get(path)
    expect(html).toContain('410')
    expect(html).toContain('told so')
    expect(html).toContain('curl -X POST')
    expect(html).not.toContain('<i>Eve')
    const retry = () =>
      world.request(`${path}/retry`, { method: 'POST', headers: { ...FORM, ...cookie } })
    const refused = await retry()
    expect(refused.status).toBe(409)
    expect(await refused.text()).toContain('Enable it, then retry.')
    await world.api('POST', `/api/endpoints/${id}/enable`)
    expect((await retry()).headers.get('Location')).toBe(`${path}?done=retry`)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
  })

  it('names the guestbook, on the page and in every event', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const cookie = await session(world)
    const save = (fields: Record<string, string>) =>
      world.request('/admin/settings', {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: new URLSearchParams(fields).toString(),
      })
    expect((await save({ title: 'Ada’s <Book>', welcome: 'Come in!' })).status).toBe(303)
    for (const fields of [
      { title: '', welcome: 'x' },
      { title: 'x'.repeat(61), welcome: 'x' },
      { title: 'a\u0000b', welcome: 'x' },
      { title: 'a\u202eb', welcome: 'x' },
      { title: 'x', welcome: '\u200b' },
    ]) {
      expect((await save(fields)).status).toBe(422)
    }
    const notUtf8 = { method: 'POST', headers: { ...FORM, ...cookie }, body: 'title=%ff&welcome=x' }
    expect((await world.request('/admin/settings', notUtf8)).status).toBe(400)
    const html = await (await world.request('/')).text()
    expect(html).toContain('Ada’s &lt;Book&gt;')
    expect(html).toContain('Come in!')
    await aComment(world)
    await world.drain()
    expect(
      JSON.parse(Buffer.from((await box.received())[0]?.body ?? '', 'latin1').toString('utf8'))
    ).toMatchObject({
      data: { book: { title: 'Ada’s <Book>' } },
    })
  })

  it('lists what waits for the owner', async () => {
    const world = new World()
    await aComment(world, { name: 'Fine' })
    await aComment(world, {
      name: 'Linked',
      body: 'http://a.example http://b.example http://c.example',
    })
    const headers = await session(world)
    const html = await (await world.request('/admin/comments?status=held', { headers })).text()
    expect(html).toContain('Linked')
    expect(html).not.toContain('Fine')
  })

  it('moderates entries by plain forms', async () => {
    const world = new World()
    const { id } = await aComment(world, { name: 'Mallory' })
    const cookie = await session(world)
    const act = (action: string) =>
      world.request(`/admin/comments/${id}`, {
        method: 'POST',
        headers: { ...FORM, ...cookie },
        body: `action=${action}`,
      })
    const shown = async () => (await (await world.request('/')).text()).includes('Mallory')
    expect((await act('hide')).status).toBe(303)
    expect(await shown()).toBe(false)
    await act('publish')
    expect(await shown()).toBe(true)
    expect((await act('explode')).status).toBe(422)
    await act('delete')
    expect(await shown()).toBe(false)
    expect((await act('delete')).status).toBe(404)
  })
})

describe('secrets', () => {
  it('are encrypted at rest, and open in their own row alone', async () => {
    const world = new World()
    const a = await anEndpoint(world, mailbox().url())
    const b = await anEndpoint(world, mailbox().url())
    const rows = (
      await env.DB.prepare('select id, secrets from endpoints').all<{
        id: string
        secrets: string
      }>()
    ).results
    for (const { secrets } of rows) {
      expect(secrets).not.toContain(a.secret)
      expect(atob(secrets)).not.toContain('whsec')
    }
    await env.DB.prepare(
      'update endpoints set secrets = (select secrets from endpoints where id = ?1) where id = ?2'
    )
      .bind(a.id, b.id)
      .run()
    expect((await world.api('GET', `/api/endpoints/${b.id}/secret`)).status).toBe(500)
    expect((await world.api('GET', `/api/endpoints/${a.id}/secret`)).body).toMatchObject({
      secret: a.secret,
    })
  })

  it('that no longer open are a visible fault of ours, retried, not a loss', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await aComment(world)
    world.env.SECRETS_KEY = btoa('another-key-another-key-another!')
    await world.drain()
    world.env.SECRETS_KEY = env.SECRETS_KEY
    const message = await latestMessageId(world)
    const { body } = await world.api('GET', `/api/messages/${message}/deliveries/${id}`)
    expect(body).toMatchObject({ status: 'pending', attempts: [{ error_class: 'sender_fault' }] })
    expect((await world.api('GET', `/api/endpoints/${id}`)).body).toMatchObject({
      health: { consecutive_failures: 0 },
    })
  })

  it('may be brought along', async () => {
    const world = new World()
    const secret = `whsec_${btoa('0123456789abcdef01234567')}`
    const endpoint = await anEndpoint(world, mailbox().url(), { secret })
    expect(endpoint.secret).toBe(secret)
  })
})

describe('a test send', () => {
  it('answers with the attempt, whatever came of it, and is kept in the log', async () => {
    const world = new World()
    const good = await anEndpoint(world, mailbox().url())
    const bad = await anEndpoint(world, mailbox().url('status/503'))
    expect(await world.api('POST', `/api/endpoints/${good.id}/test`)).toMatchObject({
      status: 200,
      body: {
        outcome: 'delivered',
        status_code: 200,
        response_excerpt: 'Thank you.',
        trigger: 'test',
        number: 1,
      },
    })
    const { body } = await world.api('POST', `/api/endpoints/${bad.id}/test`, {
      type: 'comment.published',
    })
    expect(body).toMatchObject({
      outcome: 'refused',
      status_code: 503,
      duration_ms: expect.any(Number),
    })
    expect(
      (await world.api('GET', `/api/messages/${body.message_id}/deliveries/${bad.id}`)).body
    ).toMatchObject({
      status: 'failed',
      reason: 'test_failed',
      event_type: 'comment.published',
    })
    await world.sweep(Date.now() + 86_400_000)
    expect(world.queued).toEqual([])
  })

  it('is limited, so that it is no probe of other hosts', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const statuses: number[] = []
    for (let i = 0; i < 45; i++)
      statuses.push((await world.api('POST', `/api/endpoints/${id}/test`)).status)
    expect(statuses[0]).toBe(200)
    expect(statuses.at(-1)).toBe(429)
  })
})
