import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { verifyWebhook } from '../../../../examples/verify-webhook.mjs'
import { SHOWN_ONCE_MS } from '../../../../src/kit/http/flash'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser, partOf } from '../../../support/session'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

import { aWorld, changeNetwork, endpoints, register, registered, submit } from './integrator'

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
    const { box, id, path, see } = await registered(world, 'verify', ['comment.published', 'comment.removed'])
    expect(await see()).toContain('must approve')
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(1)
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    const browser = await ownerBrowser(world)
    const page = await browser.see(`/admin/endpoints/${id}`)
    expect(page).toContain('until you approve it')
    // Nothing waits, so nothing is said about it.
    expect(page).toMatch(/Event types\s+comment\.published comment\.removed\s+Books\s+all\s+Registered\s+\d+ \w+ \d{4}/)
    expect(page).not.toContain('waiting deliveries')
    expect(page).not.toMatch(/enable|Sign the guestbook/)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(2)
  })

  it('may ask for the events of some books; only the owner changes them later', async () => {
    const world = await aWorld('open')
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const box = mailbox()
    const asFor = (books: string): [string, string][] => [
      ['url', box.url('verify')],
      ['event_types', 'comment.published'],
      ['books', books],
    ]
    await world.api('POST', '/api/books', { slug: 'winter', title: 'Winter' })
    await world.api('DELETE', '/api/books/winter')
    const refused = await submit(world, '/webhooks', asFor('summer winter'))
    expect(refused.status).toBe(422)
    expect(refused.html).toMatch(/<details open="">.*There is no book &quot;winter/s)
    expect(await box.received()).toEqual([])
    const { html } = await submit(world, '/webhooks', asFor('summer'))
    const path = /\/webhooks\/manage\/link_[\w-]{43}/.exec(html)?.[0] ?? ''
    await aComment(world)
    await aComment(world, { book: 'summer' })
    await world.drain()
    expect((await box.received()).map(({ body }) => JSON.parse(body).data.book?.slug)).toEqual([undefined, 'summer'])
    const edited = await submit(world, `${path}/edit`, [...asFor('main'), ['description', 'new']])
    expect(edited.status).toBe(303)
    expect((await endpoints(world))[0]).toMatchObject({ books: ['summer'], description: 'new' })
  })

  it('is called by its name in a message: deliveries wait until it is approved', async () => {
    const world = await aWorld('open')
    await registered(world)
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = 9e12`).run()
    await aComment(world)
    await world.drain()
    await env.DB.prepare(`update endpoints set status = 'disabled', disabled_reason = 'awaiting_approval'`).run()
    const message = `/admin/messages/${await latestMessageId(world)}`
    const { see } = await ownerBrowser(world)
    expect(await see(message)).toMatch(/awaiting approval.*when approved/)
    const [{ id } = { id: '' }] = await endpoints(world)
    expect(await see(`${message}/deliveries/${id}`)).toContain('approved')
    expect(await see(`/admin/endpoints/${id}`)).toContain('the waiting deliveries are sent, oldest first')
  })

  it('accepts the challenge as text or as JSON, and no other response', async () => {
    const world = await aWorld('open')
    await registered(world, 'verify/json')
    for (const behavior of ['ok', 'echo', 'status/200', 'status/404', 'redirect', 'close']) {
      changeNetwork()
      const { status, html } = await register(world, mailbox().url(behavior))
      expect(status).toBe(422)
      expect(partOf(html, 'id="url-error"')).toContain('verified')
      expect(html).toContain(behavior)
    }
    expect(await endpoints(world)).toHaveLength(1)
  })

  it.each([
    ['ok', 'without'],
    ['echo', 'more'],
    ['say/%20', 'nothing'],
  ])('says what was wrong with the answer of %s', async (behavior, word) => {
    const { html } = await register(await aWorld('open'), mailbox().url(behavior))
    expect(partOf(html, 'id="url-error"')).toContain(word)
  })

  it('waits ten seconds for the response to the challenge', async () => {
    const world = await aWorld('open')
    const { status, html } = await register(world, mailbox().url('hang'))
    expect(status).toBe(422)
    expect(partOf(html, 'id="url-error"')).toContain('10 seconds')
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
      changeNetwork()
      expect((await register(world, mailbox().url('verify'))).status).toBe(303)
    }
    changeNetwork()
    expect((await register(world, mailbox().url('verify'))).status).toBe(409)
  })

  it.each([
    ['five URLs for one host', 8, 5],
    ['the same URL once', 1, 1],
  ])('accepts %s even if the requests arrive at the same time', async (_, count, accepted) => {
    const world = await aWorld('open')
    const urls = Array.from({ length: count }, () => mailbox().url('verify'))
    const requests = Array.from({ length: 8 }, (_, i) => {
      changeNetwork()
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
    expect(again.html).toContain('registered already')
    expect(again.html).not.toMatch(/link_[\w-]{43}|whsec_[\w+/]{20}/)
    expect((await world.request(path)).status).toBe(200)
    const types = (await box.received()).map(({ body }) => JSON.parse(body).type)
    expect(types).toEqual(['endpoint.verify', 'endpoint.link_requested'])
  })

  it('sends a registered URL a link that makes a new private link, once', async () => {
    const world = await aWorld('open')
    const { path, secret, box, id } = await registered(world)
    const again = await register(world, box.url('verify'))
    expect(again.html).toContain('endpoint.link_requested')
    const pull = /pull_[\w-]{43}/.exec((await submit(world, `${path}/pull-token`)).html)?.[0]
    const pulled = async () =>
      (await world.request(`/api/endpoints/${id}/messages`, { headers: { Authorization: `Bearer ${pull}` } })).status
    expect(await pulled()).toBe(200)
    const [, request] = await box.received()
    const { data } = new Webhook(secret).verify(request?.body ?? '', request?.headers as Record<string, string>) as {
      data: { renew_url: string }
    }
    const renew = new URL(data.renew_url).pathname
    const page = await (await world.request(renew)).text()
    expect(page).toMatch(/<h1>[^<]*private link/)
    const form: [string, string][] = [['once', /name="once" value="([^"]+)"/.exec(page)?.[1] ?? '']]
    // Opening the link changes nothing, and the link is not in the log.
    expect((await world.request(path)).status).toBe(200)
    expect(JSON.stringify((await world.api('GET', `/api/endpoints/${id}/deliveries`)).body)).not.toContain('renew_')
    const renewed = await submit(world, renew, form)
    expect(renewed.status).toBe(303)
    expect(renewed.html).toContain('Save the address')
    // Whoever had the old link may have made the token.
    expect(await pulled()).toBe(401)
    expect((await world.request(path)).status).toBe(404)
    // A double click gets the same link. Whoever finds the address later gets none, whatever has changed since.
    expect((await submit(world, renew, form)).location).toBe(renewed.location)
    await world.api('PATCH', `/api/endpoints/${id}`, { description: 'Changed' })
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

  it('has no renewal any more that was sent to an earlier URL', async () => {
    const world = await aWorld('open')
    const { box, path } = await registered(world)
    await register(world, box.url('verify'))
    const sent = (await box.received()).map(({ body }) => JSON.parse(body).data.renew_url).at(-1)
    const fields = { url: mailbox().url('verify'), description: 'Moved', event_types: 'comment.published' }
    expect((await submit(world, `${path}/edit`, Object.entries(fields))).status).toBe(303)
    expect((await submit(world, new URL(sent).pathname)).status).toBe(410)
    expect((await world.request(path)).status).toBe(200)
  })

  it('is approved for the URL that the owner has seen', async () => {
    const world = await aWorld('approve')
    const owner = await ownerBrowser(world)
    const { path, id } = await registered(world)
    const page = async () => (await owner.get(`/admin/endpoints/${id}`)).text()
    const seenIn = (html: string) => /name="url" value="([^"]+)"/.exec(html)?.[1] ?? ''
    const seen = seenIn(await page())
    const other = mailbox()
    const change: [string, string][] = [
      ['url', other.url('verify')],
      ['description', 'Ada'],
      ['event_types', 'comment.published'],
    ]
    expect((await submit(world, `${path}/edit`, change)).status).toBe(303)
    for (const fields of [{ url: seen }, {}])
      expect((await owner.submit(`/admin/endpoints/${id}/enable`, fields as Record<string, string>)).status).toBe(409)
    expect((await endpoints(world))[0]).toMatchObject({ status: 'disabled' })
    const current = seenIn(await page())
    expect(current).toBe(other.url('verify'))
    expect((await owner.submit(`/admin/endpoints/${id}/enable`, { url: current })).status).toBe(303)
    expect((await endpoints(world))[0]).toMatchObject({ status: 'enabled' })
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
    const saved = await submit(world, `${path}/edit`, change)
    expect(saved.status).toBe(303)
    expect(saved.html).toMatch(/role="status"[^>]*><bdi>[^<]*must approve your endpoint/)
    const [endpoint] = await endpoints(world)
    expect(endpoint).toMatchObject({ status: 'disabled', disabled_reason: 'awaiting_approval', headers: {} })
    expect((await submit(world, `${path}/resume`)).status).toBe(409)
    await aComment(world)
    await world.drain()
    expect(await other.received()).toHaveLength(1)
    expect(JSON.stringify(await other.received())).not.toContain('of-the-owner')
  })

  it('shows the secret again when the page is reloaded, but only on its page and only for ten minutes', async () => {
    const world = await aWorld('open')
    const { html, location } = await register(world, mailbox().url('verify'))
    const secret = /whsec_[A-Za-z0-9+/=]+/.exec(html)?.[0] ?? 'none'
    const see = async (path: string) => (await world.request(path)).text()
    expect(await see(location ?? '')).toContain(secret)
    const other = await registered(world)
    expect(await see(`${other.path}?${location?.split('?')[1]}`)).not.toMatch(/whsec_[\w+/]{20}/)
    expect(await see(`${location?.slice(0, -4)}AAAA`)).not.toMatch(/whsec_[\w+/]{20}/)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + SHOWN_ONCE_MS + 1_000 })
    expect(await see(location ?? '')).not.toMatch(/whsec_[\w+/]{20}/)
    vi.useRealTimers()
  })

  it('shows the secret on the tabs and after the forms of the page, but only for ten minutes', async () => {
    const world = await aWorld('open')
    const { html, location } = await register(world, mailbox().url('verify'))
    const secret = /whsec_[A-Za-z0-9+/=]+/.exec(html)?.[0] ?? 'none'
    const path = String(location?.split('?')[0])
    expect(html).toMatch(/It will disappear <time[^>]*>in (599 s|10 min)/)
    expect(html.indexOf(secret)).toBeLessThan(html.indexOf('>Send a test<'))
    const decoded = (href = '') => href.replaceAll('&amp;', '&')
    const see = async (href: string) => (await world.request(href)).text()
    const address = decoded(/<a href="([^"]*)">Send a test</.exec(html)?.[1])
    const tab = await see(address)
    expect(tab).toContain(secret)
    expect(tab).toContain('Save the address of this page')
    const action = decoded(/action="([^"]*\/test\?[^"]*)"/.exec(tab)?.[1])
    const tested = await submit(world, action)
    expect([tested.status, tested.html.includes(secret)]).toEqual([303, true])
    expect(tested.html).toMatch(/id="test".*delivered/s)
    const pulling = decoded(
      /action="([^"]*\/pull-token\?[^"]*)"/.exec(await see(address.replace('=test', '=pull')))?.[1]
    )
    const pulled = await submit(world, pulling)
    expect([pulled.html.includes(secret), /pull_[\w-]{43}/.test(pulled.html)]).toEqual([true, true])
    expect(await see(address.replace(/flash=[^&]*/, ''))).not.toContain(secret)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + SHOWN_ONCE_MS + 1_000 })
    for (const late of [address, String(tested.location), String(pulled.location)])
      expect(await see(late)).not.toMatch(/whsec_[\w+/]{20}|pull_[\w-]{43}|[?&]flash=|flash&/)
    expect((await submit(world, `${path}/test`)).html).not.toContain(secret)
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
    changeNetwork()
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
    expect((await submit(world, `${path}/replay`, [['only', 'failed']])).html).toContain('already running')
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
