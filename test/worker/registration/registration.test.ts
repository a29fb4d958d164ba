import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { verifyWebhook } from '../../../examples/verify-webhook.mjs'
import { FORM, ownerBrowser } from '../../support/session'
import { aComment, anEndpoint, latestMessageId, mailbox, World } from '../../support/world'

type Mode = 'off' | 'approve' | 'open'

/** Each test comes from a network of its own, since the limit is counted by it. */
let network = 0

async function aWorld(mode: Mode, overrides: Partial<Env> = {}): Promise<World> {
  network += 1
  const world = new World(overrides)
  const { status } = await world.api('PATCH', '/api/settings', { registration: mode })
  expect(status).toBe(200)
  return world
}

/** What an integrator's browser sends. */
async function submit(world: World, path: string, fields: [string, string][] = []) {
  const body = new URLSearchParams(fields).toString()
  const headers = { ...FORM, 'CF-Connecting-IP': `192.0.2.${network}` }
  const response = await world.request(path, { method: 'POST', headers, body })
  return { response, status: response.status, html: await response.text() }
}

function register(world: World, url: string, types = ['comment.published']) {
  const choices = types.map((type): [string, string] => ['event_types', type])
  return submit(world, '/webhooks', [['url', url], ['description', 'Ada'], ...choices])
}

async function registered(world: World, behaviour = 'verify', types?: string[]) {
  const box = mailbox()
  const { status, html } = await register(world, box.url(behaviour), types)
  expect(status).toBe(201)
  const secret = /whsec_[A-Za-z0-9+/=]+/.exec(html)?.[0] ?? ''
  const path = /\/webhooks\/manage\/link_[\w-]{43}/.exec(html)?.[0] ?? ''
  const see = async (more = '') => (await world.request(path + more)).text()
  const { body } = await world.api<{ data: Record<string, unknown>[] }>('GET', '/api/endpoints')
  return { box, secret, path, see, id: String(body.data[0]?.id) }
}

async function endpoints(world: World): Promise<Record<string, unknown>[]> {
  const { body } = await world.api<{ data: Record<string, unknown>[] }>('GET', '/api/endpoints')
  return body.data
}

describe('registration', () => {
  it('is off unless the owner opens it', async () => {
    const world = new World()
    expect((await world.api('GET', '/api/settings')).body).toEqual({ registration: 'off' })
    expect((await world.request('/webhooks')).status).toBe(404)
    const box = mailbox()
    expect((await register(world, box.url('verify'))).status).toBe(404)
    expect(await box.received()).toEqual([])
  })

  it('when open: the URL proves itself, gets public events at once, and its secret verifies them', async () => {
    const world = await aWorld('open')
    const { box, secret } = await registered(world)
    await aComment(world)
    await aComment(world, { body: 'https://a.example https://b.example https://c.example' })
    await world.drain()
    const requests = await box.received()
    expect(requests.map(({ body }) => JSON.parse(body).type)).toEqual([
      'endpoint.verify',
      'comment.published',
    ])
    for (const { body, headers } of requests) {
      new Webhook(secret).verify(body, headers as Record<string, string>)
    }
  })

  it('signs the challenge with the public key too, which an integrator can know before', async () => {
    const world = await aWorld('open')
    const { body: keys } = await world.api<{ data: { public_key: string }[] }>(
      'GET',
      '/api/signing-keys'
    )
    const { box } = await registered(world)
    const [challenge] = await box.received()
    const publicKeys = keys.data.map((key) => key.public_key)
    const headers = challenge?.headers as Record<string, string>
    await verifyWebhook({ headers, body: challenge?.body ?? '', publicKeys })
  })

  it('when the owner approves: nothing is sent until the owner enables it', async () => {
    const world = await aWorld('approve')
    const { box, id, path, see } = await registered(world)
    expect(await see()).toContain('looks at it first')
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(1)
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/endpoints/${id}`)).toContain('waits for you to enable it')
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
  })

  it('takes the challenge as text or as JSON, and nothing less or more', async () => {
    const world = await aWorld('open')
    await registered(world, 'verify/json')
    for (const behaviour of ['ok', 'echo', 'status/200', 'status/404', 'redirect', 'close']) {
      network += 1
      const { status, html } = await register(world, mailbox().url(behaviour))
      expect(status).toBe(422)
      expect(html).toContain('did not prove itself')
      expect(html).toContain(behaviour)
    }
    expect(await endpoints(world)).toHaveLength(1)
  })

  it('gives a URL ten seconds', async () => {
    const world = await aWorld('open')
    const { status, html } = await register(world, mailbox().url('hang'))
    expect(status).toBe(422)
    expect(html).toContain('did not answer within 10 seconds')
  })

  it('lets nobody have more than public events', async () => {
    const world = await aWorld('open')
    for (const types of [['*'], ['comment.*'], ['comment.held'], ['delivery.failed'], []]) {
      const box = mailbox()
      expect((await register(world, box.url('verify'), types)).status).toBe(422)
      expect(await box.received()).toEqual([])
    }
  })

  it('calls nothing that the URL policy refuses', async () => {
    const world = await aWorld('open', { ALLOW_LOCAL_ENDPOINTS: 'false' })
    const { status, html } = await register(world, mailbox().url('verify'))
    expect(status).toBe(422)
    expect(html).toContain('role="alert"')
  })

  it('is limited for each visitor, and in total', async () => {
    const limited = await aWorld('open')
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push((await register(limited, mailbox().url('ok'))).status)
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429])
    const world = await aWorld('open')
    await registered(world)
    await env.DB.prepare(
      `insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets, manage_token_hash)
       select 'ep_' || value, 'disabled', 'https://example.com/' || value, '["x"]', 0, 0, 'x', value from json_each(?1)`
    )
      .bind(JSON.stringify(Array.from({ length: 99 }, (_, i) => `h${i}`)))
      .run()
    expect((await register(world, mailbox().url('verify'))).status).toBe(409)
    // The owner is not limited by it.
    await anEndpoint(world, mailbox().url('ok'))
  })

  it('has five places for one host', async () => {
    const world = await aWorld('open')
    for (let i = 0; i < 5; i++) {
      network += 1
      expect((await register(world, mailbox().url('verify'))).status).toBe(201)
    }
    network += 1
    expect((await register(world, mailbox().url('verify'))).status).toBe(409)
  })

  it('takes a URL once', async () => {
    const world = await aWorld('open')
    const box = mailbox()
    expect((await register(world, box.url('verify'))).status).toBe(201)
    const again = await register(world, box.url('verify'))
    expect(again.status).toBe(409)
    expect(again.html).toContain('registered already')
  })

  it('is opened and closed in the dashboard', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/settings/registration', { registration: 'open' })
    expect((await world.request('/webhooks')).status).toBe(200)
    const wrong = await browser.submit('/admin/settings/registration', { registration: 'maybe' })
    expect(wrong.status).toBe(422)
    expect((await world.api('PATCH', '/api/settings', { registration: 'x' })).status).toBe(422)
    expect((await world.request('/api/settings')).status).toBe(401)
  })

  it('does not take a form from another site', async () => {
    const world = await aWorld('open')
    const headers = { ...FORM, Origin: 'https://evil.example' }
    const body = new URLSearchParams({ url: mailbox().url('verify') }).toString()
    const response = await world.request('/webhooks', { method: 'POST', headers, body })
    expect(response.status).toBe(403)
  })
})

describe('the private link of an integrator', () => {
  it('shows the log, and why something did not arrive', async () => {
    const world = await aWorld('open')
    const { see } = await registered(world, 'verify')
    await aComment(world, { body: 'Seen by the integrator' })
    await world.drain()
    const page = await see()
    expect(page).toContain('delivered')
    expect(page).not.toContain('/admin')
    const detail = await see(`/messages/${await latestMessageId(world)}`)
    expect(detail).toContain('Seen by the integrator')
    expect(detail).not.toContain('/admin')
  })

  it('sends a test, rotates, pauses and resumes', async () => {
    const world = await aWorld('open')
    const { box, path, secret } = await registered(world)
    expect((await submit(world, `${path}/test`)).html).toContain('delivered')
    const rotated = await submit(world, `${path}/rotate`, [['grace_seconds', '0']])
    const next = /whsec_[A-Za-z0-9+/=]+/.exec(rotated.html)?.[0] ?? ''
    expect(next).not.toBe(secret)
    await submit(world, `${path}/pause`)
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
    await submit(world, `${path}/resume`)
    await aComment(world)
    await world.drain()
    const last = (await box.received()).at(-1)
    new Webhook(next).verify(last?.body ?? '', (last?.headers ?? {}) as Record<string, string>)
  })

  it('cannot resume what the owner disabled', async () => {
    const world = await aWorld('open')
    const { path, id, see } = await registered(world)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await see()).toContain('The owner of the guestbook has disabled it.')
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    expect((await endpoints(world))[0]?.status).toBe('disabled')
  })

  it('cannot resume what the owner disabled after it was paused', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    await submit(world, `${path}/pause`)
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/endpoints/${id}`)).toContain('Disable it myself')
    await browser.submit(`/admin/endpoints/${id}/disable`, {})
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    expect((await endpoints(world))[0]).toMatchObject({ disabled_reason: 'manual' })
  })

  it('sends no test where nothing may be sent, and few where it may', async () => {
    const world = await aWorld('approve')
    const { box, path, id } = await registered(world)
    expect((await submit(world, `${path}/test`)).status).toBe(409)
    expect(await box.received()).toHaveLength(1)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push((await submit(world, `${path}/test`)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  })

  it('is not in the log, also when something breaks', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    const lines: string[] = []
    const spy = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line))
    world.recorder.failNextD1 = new Error('D1_ERROR: gone')
    expect((await world.request(path)).status).toBe(500)
    spy.mockRestore()
    expect(lines.join()).toContain('/webhooks/manage/link_')
    expect(lines.join()).not.toContain(path.split('link_')[1])
  })

  it('deletes, and leads nowhere then', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    expect((await submit(world, `${path}/delete`)).html).toContain('Nothing is sent there any more')
    expect((await world.request(path)).status).toBe(404)
    expect(await endpoints(world)).toEqual([])
  })

  it('works when registration was closed meanwhile', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    await world.api('PATCH', '/api/settings', { registration: 'off' })
    expect((await world.request(path)).status).toBe(200)
  })

  it('is stored hashed, kept by no cache, found by no search, and cannot be guessed', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    const row = await env.DB.prepare('select * from endpoints where id = ?1').bind(id).first()
    expect(JSON.stringify(row)).not.toContain(path.split('/').at(-1))
    const { headers } = await world.request(path)
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('X-Robots-Tag')).toBe('noindex')
    expect(headers.get('Referrer-Policy')).toBe('same-origin')
    for (const other of [
      `${path}x`,
      path.slice(0, -1),
      '/webhooks/manage/',
      '/webhooks/manage/%00',
    ]) {
      expect((await world.request(other)).status).toBe(404)
    }
  })

  it('shows nothing of other endpoints', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    await anEndpoint(world, mailbox().url('ok'), { event_types: ['order.*'] })
    await world.api('POST', '/api/messages', { type: 'order.paid', data: { secret: 1 } })
    await world.drain()
    const message = await latestMessageId(world)
    expect((await world.request(`${path}/messages/${message}`)).status).toBe(404)
  })
})
