import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { verifyWebhook } from '../../../examples/verify-webhook.mjs'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { FORM, ownerBrowser } from '../../support/session'
import { latestMessageId } from '../../support/views'
import { World } from '../../support/world'

type Mode = 'off' | 'approve' | 'open'

/** The rate limit applies per network, so each test uses a network of its own. */
let network = 0

async function aWorld(mode: Mode, overrides: Partial<Env> = {}): Promise<World> {
  network += 1
  const world = new World(overrides)
  const { status } = await world.api('PATCH', '/api/settings', { registration: mode })
  expect(status).toBe(200)
  return world
}

/** Submits a form the way an integrator's browser does. */
async function submit(world: World, path: string, fields: [string, string][] = []) {
  const body = new URLSearchParams(fields).toString()
  const headers = { ...FORM, 'CF-Connecting-IP': `192.0.2.${network}` }
  const response = await world.request(path, { method: 'POST', headers, body })
  const location = response.headers.get('Location')
  const page = location === null ? response : await world.request(location)
  return { response, status: response.status, location, html: await page.text() }
}

function register(world: World, url: string, types = ['comment.published']) {
  const choices = types.map((type): [string, string] => ['event_types', type])
  return submit(world, '/webhooks', [['url', url], ['description', 'Ada'], ...choices])
}

async function registered(world: World, behavior = 'verify', types?: string[]) {
  const box = mailbox()
  const { status, html } = await register(world, box.url(behavior), types)
  expect(status).toBe(303)
  const secret = /whsec_[A-Za-z0-9+/=]+/.exec(html)?.[0] ?? ''
  const path = /\/webhooks\/manage\/link_[\w-]{43}/.exec(html)?.[0] ?? ''
  const see = async (more = '') => (await world.request(path + more)).text()
  const [newest] = await endpoints(world)
  return { box, secret, path, see, id: String(newest?.id) }
}

async function endpoints(world: World): Promise<Record<string, unknown>[]> {
  const { body } = await world.api<{ data: Record<string, unknown>[] }>('GET', '/api/endpoints')
  return body.data
}

describe('registration', () => {
  it('is off unless the owner turns it on', async () => {
    const world = new World()
    expect((await world.api('GET', '/api/settings')).body).toMatchObject({ registration: 'off' })
    expect((await world.request('/webhooks')).status).toBe(404)
    const box = mailbox()
    expect((await register(world, box.url('verify'))).status).toBe(404)
    expect(await box.received()).toEqual([])
  })

  it('when open, verifies the URL and immediately sends it public events, signed with its secret', async () => {
    const world = await aWorld('open')
    const { box, secret } = await registered(world)
    await aComment(world)
    await aComment(world, { body: 'https://a.example https://b.example https://c.example' })
    await world.drain()
    const requests = await box.received()
    expect(requests.map(({ body }) => JSON.parse(body).type)).toEqual(['endpoint.verify', 'comment.published'])
    for (const { body, headers } of requests) {
      new Webhook(secret).verify(body, headers as Record<string, string>)
    }
  })

  it('also signs the challenge with the signing key, because the integrator does not have the secret yet', async () => {
    const world = await aWorld('open')
    const { body: keys } = await world.api<{ data: { public_key: string }[] }>('GET', '/api/signing-keys')
    const { box } = await registered(world)
    const [challenge] = await box.received()
    const publicKeys = keys.data.map((key) => key.public_key)
    const headers = challenge?.headers as Record<string, string>
    await verifyWebhook({ headers, body: challenge?.body ?? '', publicKeys })
  })

  it('when approval is required, sends nothing until the owner enables the endpoint', async () => {
    const world = await aWorld('approve')
    const { box, id, path, see } = await registered(world)
    expect(await see()).toContain('must approve this endpoint')
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(1)
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/endpoints/${id}`)).toContain('It needs your approval.')
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
  })

  it('accepts the challenge as text or as JSON, and no other response', async () => {
    const world = await aWorld('open')
    await registered(world, 'verify/json')
    for (const behavior of ['ok', 'echo', 'status/200', 'status/404', 'redirect', 'close']) {
      network += 1
      const { status, html } = await register(world, mailbox().url(behavior))
      expect(status).toBe(422)
      expect(html).toContain('could not be verified')
      expect(html).toContain(behavior)
    }
    expect(await endpoints(world)).toHaveLength(1)
  })

  it('waits ten seconds for the response to the challenge', async () => {
    const world = await aWorld('open')
    const { status, html } = await register(world, mailbox().url('hang'))
    expect(status).toBe(422)
    expect(html).toContain('did not respond within 10 seconds')
  })

  it('rejects event types that are not public', async () => {
    const world = await aWorld('open')
    for (const types of [['*'], ['comment.*'], ['comment.held'], ['delivery.failed'], []]) {
      const box = mailbox()
      expect((await register(world, box.url('verify'), types)).status).toBe(422)
      expect(await box.received()).toEqual([])
    }
  })

  it('rejects a URL that the URL policy forbids', async () => {
    const world = await aWorld('open', { ALLOW_LOCAL_ENDPOINTS: 'false' })
    const { status, html } = await register(world, mailbox().url('verify'))
    expect(status).toBe(422)
    expect(html).toContain('role="alert"')
  })

  it('has a limit for each visitor and an overall limit', async () => {
    const limited = await aWorld('open')
    const statuses = []
    const elsewhere = mailbox().url('verify').replace('127.0.0.1', 'localhost')
    for (let i = 0; i < 5; i++) statuses.push((await register(limited, mailbox().url('verify'))).status)
    statuses.push((await register(limited, elsewhere)).status)
    expect(statuses).toEqual([303, 303, 303, 303, 303, 429])
    for (const { id } of await endpoints(limited)) await limited.api('DELETE', `/api/endpoints/${id}`)
    const world = await aWorld('open')
    await registered(world)
    await env.DB.prepare(
      `insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets, manage_token_hash)
       select 'ep_' || value, 'disabled', 'https://example.com/' || value, '["x"]', 0, 0, 'x', value from json_each(?1)`
    )
      .bind(JSON.stringify(Array.from({ length: 99 }, (_, i) => `h${i}`)))
      .run()
    expect((await register(world, mailbox().url('verify'))).status).toBe(409)
    // The limit does not apply to the owner.
    await anEndpoint(world, mailbox().url('ok'))
  })

  it('has a higher limit for URLs that do not answer, and these do not use up the limit of a visitor', async () => {
    const world = await aWorld('open')
    const statuses = []
    for (let i = 0; i < 19; i++) statuses.push((await register(world, mailbox().url('ok'))).status)
    expect(new Set(statuses)).toEqual(new Set([422]))
    expect((await register(world, mailbox().url('verify'))).status).toBe(303)
    const refused = await register(world, mailbox().url('verify'))
    expect(refused.status).toBe(429)
    expect(refused.html).toContain('Too many attempts.')
  })

  it('accepts five URLs for one host', async () => {
    const world = await aWorld('open')
    for (let i = 0; i < 5; i++) {
      network += 1
      expect((await register(world, mailbox().url('verify'))).status).toBe(303)
    }
    network += 1
    expect((await register(world, mailbox().url('verify'))).status).toBe(409)
  })

  it.each([
    ['five URLs for one host', 8, 5],
    ['the same URL once', 1, 1],
  ])('accepts %s even if the requests arrive at the same time', async (_, count, accepted) => {
    const world = await aWorld('open')
    const urls = Array.from({ length: count }, () => mailbox().url('verify'))
    const requests = Array.from({ length: 8 }, (_, i) => {
      network += 1
      return register(world, urls[i % count] ?? '')
    })
    const statuses = (await Promise.all(requests)).map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(accepted).fill(303), ...Array(8 - accepted).fill(409)])
    expect(await endpoints(world)).toHaveLength(accepted)
  })

  it('gives a stranger no link to a registered URL, although the URL answers by itself', async () => {
    const world = await aWorld('open')
    const { path, box } = await registered(world)
    const again = await register(world, box.url('verify'))
    expect(again.status).toBe(409)
    expect(again.html).toContain('This URL is registered already')
    expect(again.html).not.toMatch(/link_[\w-]{43}|whsec_[\w+/]{20}/)
    expect((await world.request(path)).status).toBe(200)
    const types = (await box.received()).map(({ body }) => JSON.parse(body).type)
    expect(types).toEqual(['endpoint.verify', 'endpoint.link_requested'])
  })

  it('sends a registered URL a link that makes a new private link, once', async () => {
    const world = await aWorld('open')
    const { path, secret, box, id } = await registered(world)
    const again = await register(world, box.url('verify'))
    expect(again.html).toContain('We have just sent it the event endpoint.link_requested')
    const [, request] = await box.received()
    const { data } = new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>) as {
      data: { renew_url: string }
    }
    const renew = new URL(data.renew_url).pathname
    const page = await world.request(renew)
    expect(await page.text()).toContain('Make a new private link')
    // Opening the link changes nothing, and the link is not in the log.
    expect((await world.request(path)).status).toBe(200)
    expect(JSON.stringify((await world.api('GET', `/api/endpoints/${id}/deliveries`)).body)).not.toContain('renew_')
    const renewed = await submit(world, renew)
    expect(renewed.status).toBe(303)
    expect(renewed.html).toContain('Save the address of this page')
    expect((await world.request(path)).status).toBe(404)
    expect((await submit(world, renew)).status).toBe(410)
    expect((await endpoints(world)).map((one) => one.id)).toEqual([id])
  })

  it('accepts no renewal that is forged, has expired, or is for a link that was replaced', async () => {
    const world = await aWorld('open')
    const { box } = await registered(world)
    await register(world, box.url('verify'))
    await register(world, box.url('verify'))
    const urls = (await box.received()).flatMap(({ body }) => JSON.parse(body).data.renew_url ?? [])
    const [first = '', second = ''] = urls.map((url: string) => new URL(url).pathname)
    for (let i = 0; i < first.length; i++) {
      if ((await world.request(first.slice(0, i) + (first[i] === 'a' ? 'b' : 'a') + first.slice(i + 1))).status === 200)
        throw new Error(`Character ${i} does not matter.`)
    }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_001 })
    expect((await world.request(first)).status).toBe(410)
    vi.useRealTimers()
    expect((await submit(world, first)).status).toBe(303)
    expect((await submit(world, second)).status).toBe(410)
  })

  it('lets a new URL wait for the approval that the old one had, and sends it no headers of the owner', async () => {
    const world = await aWorld('approve')
    const { path, id } = await registered(world)
    await world.api('PATCH', `/api/endpoints/${id}`, {
      enabled: true,
      headers: { Authorization: 'Bearer of-the-owner' },
    })
    const other = mailbox()
    const change: [string, string][] = [
      ['url', other.url('verify')],
      ['description', 'Ada'],
      ['event_types', 'comment.published'],
    ]
    expect((await submit(world, `${path}/edit`, change)).status).toBe(303)
    const [endpoint] = await endpoints(world)
    expect(endpoint).toMatchObject({ status: 'disabled', disabled_reason: 'awaiting_approval', headers: {} })
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    await aComment(world)
    await world.drain()
    expect(await other.received()).toHaveLength(1)
    expect(JSON.stringify(await other.received())).not.toContain('of-the-owner')
  })

  it('shows the secret again when the page is reloaded, but only on its page and only for a minute', async () => {
    const world = await aWorld('open')
    const { html, location } = await register(world, mailbox().url('verify'))
    const secret = /whsec_[A-Za-z0-9+/=]+/.exec(html)?.[0] ?? 'none'
    const see = async (path: string) => (await world.request(path)).text()
    expect(await see(location ?? '')).toContain(secret)
    const other = await registered(world)
    expect(await see(`${other.path}?${location?.split('?')[1]}`)).not.toMatch(/whsec_[\w+/]{20}/)
    expect(await see(`${location?.slice(0, -4)}AAAA`)).not.toMatch(/whsec_[\w+/]{20}/)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 })
    expect(await see(location ?? '')).not.toMatch(/whsec_[\w+/]{20}/)
    vi.useRealTimers()
  })

  it('does not count attempts that send nothing, such as those with a typing error', async () => {
    const world = await aWorld('open')
    for (let i = 0; i < 6; i++) expect((await register(world, 'not a url')).status).toBe(422)
    expect((await register(world, mailbox().url('verify'))).status).toBe(303)
  })

  it('tells a visitor only a few times whether a URL is registered', async () => {
    const world = await aWorld('open')
    const { box } = await registered(world)
    network += 1
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push((await register(world, box.url('verify'))).status)
    expect(statuses).toEqual([409, 409, 409, 409, 409, 429])
  })

  it('runs one replay of an integrator at a time, because the places are shared with the owner', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    const job = { endpoint_id: id, only: 'failed', since: new Date(Date.now() - 60_000).toISOString() }
    expect((await world.api('POST', `/api/endpoints/${id}/replay`, { only: job.only, since: job.since })).status).toBe(
      202
    )
    await env.DB.prepare(`update jobs set state = 'running', run_at = ?`)
      .bind(Date.now() + 60_000)
      .run()
    expect((await submit(world, `${path}/replay`, [['only', 'failed']])).html).toContain('A replay is running already')
  })

  it('can be turned on in the dashboard, but not set to an unknown mode', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/settings/registration', { registration: 'open' })
    expect((await world.request('/webhooks')).status).toBe(200)
    const wrong = await browser.submit('/admin/settings/registration', { registration: 'maybe' })
    expect(wrong.status).toBe(422)
    expect((await world.api('PATCH', '/api/settings', { registration: 'x' })).status).toBe(422)
    expect((await world.request('/api/settings')).status).toBe(401)
  })

  it('rejects a form that was submitted from another site', async () => {
    const world = await aWorld('open')
    const headers = { ...FORM, Origin: 'https://evil.example' }
    const body = new URLSearchParams({ url: mailbox().url('verify') }).toString()
    const response = await world.request('/webhooks', { method: 'POST', headers, body })
    expect(response.status).toBe(403)
  })
})

describe('an integrator’s private link', () => {
  it('shows the log and each delivery', async () => {
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

  it('can send a test, rotate the secret, pause and resume', async () => {
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

  it('cannot resume an endpoint that the owner disabled', async () => {
    const world = await aWorld('open')
    const { path, id, see } = await registered(world)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await see()).toContain('The owner of the guestbook disabled this endpoint.')
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    expect((await endpoints(world))[0]?.status).toBe('disabled')
  })

  it('cannot resume an endpoint that the owner disabled after it was paused', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    await submit(world, `${path}/pause`)
    const browser = await ownerBrowser(world)
    expect(await browser.see(`/admin/endpoints/${id}`)).toContain('Disable the endpoint to prevent that.')
    await browser.submit(`/admin/endpoints/${id}/disable`, {})
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    expect((await endpoints(world))[0]).toMatchObject({ disabled_reason: 'manual' })
  })

  it('sends no test without the owner’s approval, and only a few with it', async () => {
    const world = await aWorld('approve')
    const { box, path, id } = await registered(world)
    expect((await submit(world, `${path}/test`)).status).toBe(409)
    expect(await box.received()).toHaveLength(1)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    const statuses = []
    for (let i = 0; i < 6; i++) statuses.push((await submit(world, `${path}/test`)).status)
    expect(statuses).toEqual([303, 303, 303, 303, 303, 429])
  })

  it('is redacted in the log of the program', async () => {
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

  it('can delete the endpoint, and is no longer valid afterwards', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    expect((await submit(world, `${path}/delete`)).html).toContain('Your endpoint has been deleted')
    expect((await world.request(path)).status).toBe(404)
    expect(await endpoints(world)).toEqual([])
  })

  it('still works after registration has been closed', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    await world.api('PATCH', '/api/settings', { registration: 'off' })
    expect((await world.request(path)).status).toBe(200)
  })

  it('is stored as a hash, not cached, not indexed by search engines, and not guessable', async () => {
    const world = await aWorld('open')
    const { path, id } = await registered(world)
    const row = await env.DB.prepare('select * from endpoints where id = ?1').bind(id).first()
    expect(JSON.stringify(row)).not.toContain(path.split('/').at(-1))
    const { headers } = await world.request(path)
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('X-Robots-Tag')).toBe('noindex')
    expect(headers.get('Referrer-Policy')).toBe('same-origin')
    for (const other of [`${path}x`, path.slice(0, -1), '/webhooks/manage/', '/webhooks/manage/%00']) {
      expect((await world.request(other)).status).toBe(404)
    }
  })

  it('does not show messages of other endpoints', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    await anEndpoint(world, mailbox().url('ok'), { event_types: ['order.*'] })
    await world.api('POST', '/api/messages', { type: 'order.paid', data: { secret: 1 } })
    await world.drain()
    const message = await latestMessageId(world)
    expect((await world.request(`${path}/messages/${message}`)).status).toBe(404)
  })
})

describe('the page of an integrator', () => {
  it('retries a delivery, shows its request and a curl command, and sends again what failed', async () => {
    const world = await aWorld('open')
    const { box, path, see, id } = await registered(world)
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    const page = await see(`/messages/${message}`)
    expect(page).toContain('Request of the last attempt')
    expect(page).toContain('curl -X POST')
    const before = (await box.received()).length
    expect((await submit(world, `${path}/messages/${message}/retry`)).html).toMatch(
      /The message (is being|was) sent again/
    )
    await world.drain()
    expect(await box.received()).toHaveLength(before + 1)
    await env.DB.prepare(`update deliveries set status = 'failed' where endpoint_id = ?`).bind(id).run()
    expect((await submit(world, `${path}/replay`, [['only', 'failed']])).html).toContain('oldest first')
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(before + 2)
  })

  it('does not retry a message of another endpoint', async () => {
    const world = await aWorld('open')
    const { path } = await registered(world)
    const { body } = await world.api<{ id: string }>('POST', '/api/messages', { type: 'order.paid', data: {} })
    expect((await submit(world, `${path}/messages/${body.id}/retry`)).status).toBe(404)
  })

  it('changes the event types at once, and the URL only after it has answered a challenge', async () => {
    const world = await aWorld('open')
    const { path, id, see } = await registered(world)
    const fields = (url: string, type: string): [string, string][] => [
      ['url', url],
      ['description', 'New'],
      ['event_types', type],
    ]
    const [before] = await endpoints(world)
    const url = String(before?.url)
    expect((await submit(world, `${path}/edit`, fields(url, 'comment.updated'))).status).toBe(303)
    expect((await submit(world, `${path}/edit`, fields(url, 'order.paid'))).status).toBe(422)
    const refused = await submit(world, `${path}/edit`, fields(mailbox().url('ok'), 'comment.updated'))
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('could not be verified')
    const moved = mailbox().url('verify')
    expect((await submit(world, `${path}/edit`, fields(moved, 'comment.updated'))).status).toBe(303)
    const [after] = await endpoints(world)
    expect(after).toMatchObject({ id, url: moved, event_types: ['comment.updated'], description: 'New' })
    expect(await see()).toContain(moved)
  })
})
