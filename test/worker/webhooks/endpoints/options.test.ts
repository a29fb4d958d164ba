import { env } from 'cloudflare:workers'
import { verify } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { freshToken, hashToken } from '../../../../src/kit/db/tokens'
import { REDACTED } from '../../../../src/webhooks/rules/delivering/custom-headers'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { FORM, ownerBrowser } from '../../../support/session'
import { latestMessageId, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

async function received(options: Record<string, unknown>) {
  const world = new World()
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url('ok'), options)
  await aComment(world, { name: 'Ada <b>', body: 'Hello <!channel> *all*' })
  await world.drain()
  const [request] = await box.received()
  if (!request) throw new Error('The receiver got no request.')
  return { world, box, endpoint, request, headers: request.headers as Record<string, string> }
}

function refusal(world: World, options: Record<string, unknown>) {
  const body = { url: mailbox().url('ok'), ...options }
  return world.api<{ errors: { path: string; message: string }[] }>('POST', '/api/endpoints', body)
}

describe('an endpoint’s format', () => {
  it.each([
    ['slack', 'application/json', (body: string) => JSON.parse(body).blocks[0].text.text],
    ['discord', 'application/json', (body: string) => JSON.parse(body).embeds[0].title],
    ['teams', 'application/json', (body: string) => JSON.parse(body).attachments[0].content.body[0].inlines[0].text],
    [
      'cloudevents',
      'application/cloudevents+json; charset=utf-8',
      (body: string) => JSON.parse(body).data.comment.name,
    ],
  ])('%s is sent in its own format, and the sent body is signed', async (format, contentType, titleOf) => {
    const { endpoint, request, headers } = await received({ format })
    expect(headers['content-type']).toBe(contentType)
    expect(titleOf(request.body)).toMatch(/^Ada/)
    expect(request.body).not.toContain('<!channel>"')
    new Webhook(endpoint.secret).verify(request.body, headers)
  })

  it('is the same on every attempt and in the curl command', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'), { format: 'slack' })
    await aComment(world)
    await world.drainDelayed()
    const [first, second] = await box.received()
    expect(second?.body).toBe(first?.body)
    const path = `/api/messages/${await latestMessageId(world)}/deliveries/${id}`
    const { body } = await world.api<{ curl: string }>('GET', path)
    expect(body.curl).toContain('--data-raw')
    expect(body.curl).toContain('"blocks":')
  })

  it('also applies to tests', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'), { format: 'discord' })
    await world.api('POST', `/api/endpoints/${id}/test`)
    expect(JSON.parse((await box.received())[0]?.body ?? '')).toHaveProperty('embeds')
  })

  it('can be changed, but not to an unknown format', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    expect(await theEndpoint(world, id)).toMatchObject({ format: 'standard' })
    await world.api('PATCH', `/api/endpoints/${id}`, { format: 'teams' })
    expect(await theEndpoint(world, id)).toMatchObject({ format: 'teams' })
    expect((await refusal(world, { format: 'xml' })).status).toBe(422)
  })

  it('is chosen from the URL in the dashboard', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const url = 'https://hooks.slack.com/services/T0/B0/x'
    const { location } = await browser.submit('/admin/endpoints', { url, event_types: '*' })
    expect(location).toContain('done=proposed')
    expect(await browser.notice(location ?? '')).toContain('Slack')
    const { body } = await world.api<{ data: { format: string }[] }>('GET', '/api/endpoints')
    expect(body.data[0]?.format).toBe('slack')
    const other = { url: 'https://example.com/', event_types: '*', format: 'by_url' }
    expect((await browser.submit('/admin/endpoints', other)).location).toContain('done=registered')
    // A chat has nowhere to enter a secret.
    const chat = { ...other, url: 'https://chat.example.com/', format: 'slack' }
    expect((await browser.submit('/admin/endpoints', chat)).location).toContain('tab=test&done=chosen')
    const { html } = await browser.submit('/admin/endpoints', { ...other, url: ' owner@example.com ' })
    expect(html).toContain('cannot send e-mails yet')
  })
})

describe('a secret that is rotated several times', () => {
  it('keeps signing until its own grace period ends, and a fifth rotation is refused', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret: first } = await anEndpoint(world, box.url('ok'))
    const path = `/api/endpoints/${id}/secret/rotate`
    await world.api('POST', path, { grace_seconds: 3_600 })
    await world.api('POST', path, { grace_seconds: 3_600 })
    await aComment(world)
    await world.drain()
    const [request] = await box.received()
    const headers = request?.headers as Record<string, string>
    new Webhook(first).verify(request?.body ?? '', headers)
    expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+ v1,\S+ v1a,\S+$/)
    for (let i = 0; i < 2; i++) expect((await world.api('POST', path, { grace_seconds: 7_200 })).status).toBe(200)
    const { body: before } = await world.api<{ secret: string }>('GET', `/api/endpoints/${id}/secret`)
    const refused = await world.api<{ detail: string }>('POST', path, { grace_seconds: 60 })
    expect(refused).toMatchObject({ status: 409, body: { code: 'too_many_rotations' } })
    const next = Date.parse(/after (\S+),/.exec(refused.body.detail)?.[1] ?? '')
    expect(Math.abs(next - (Date.now() + 3_600_000))).toBeLessThan(60_000)
    await aComment(world)
    await world.drain()
    // Nothing was dropped, neither the first secret nor the current one.
    const last = (await box.received())[1]
    expect(last?.headers['webhook-signature']?.match(/v1,/g)).toHaveLength(5)
    for (const secret of [first, before.secret])
      new Webhook(secret).verify(last?.body ?? '', last?.headers as Record<string, string>)
    const page = await (await ownerBrowser(world)).submit(`/admin/endpoints/${id}/secret/rotate`, {
      grace_seconds: '60',
    })
    expect(page).toMatchObject({ status: 409, text: expect.stringContaining('4 old secrets') })
    expect((await world.api('POST', path, { grace_seconds: 0 })).status).toBe(200)
    expect((await world.api('POST', path, { grace_seconds: 60 })).status).toBe(200)
  })

  it('says on its tab until when the one before is valid, while it is', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    const browser = await ownerBrowser(world)
    const rotate = async (grace_seconds: string) => {
      const { location } = await browser.submit(`/admin/endpoints/${id}/secret/rotate`, { grace_seconds })
      return browser.see(location ?? '')
    }
    expect(await rotate('86400')).toMatch(/old secret, which stays valid until \d/)
    expect(await rotate('0')).not.toContain('stays valid until')
  })

  it('is also refused on the page of an integrator, with an explanation', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    const token = freshToken('link')
    const hash = await hashToken(token)
    await env.DB.prepare('update endpoints set manage_token_hash = ?1 where id = ?2').bind(hash, id).run()
    const rotate = () =>
      world.request(`/webhooks/manage/${token}/rotate`, { method: 'POST', headers: FORM, body: 'grace_seconds=3600' })
    for (let i = 0; i < 4; i++) expect((await rotate()).status).toBe(303)
    const refused = await rotate()
    expect(refused.status).toBe(409)
    expect(await refused.text()).toContain('4 old secrets')
  })
})

describe('the legacy signature', () => {
  it('can be verified with a GitHub library, and does not replace the standard signature', async () => {
    const { endpoint, request, headers } = await received({ legacy_signature: 'hub' })
    const signature = headers['x-hub-signature-256'] ?? ''
    expect(await verify(endpoint.secret, request.body, signature)).toBe(true)
    expect(await verify(`${endpoint.secret}x`, request.body, signature)).toBe(false)
    new Webhook(endpoint.secret).verify(request.body, headers)
  })

  it('is that of the new secret as soon as the secret is rotated, and the form to rotate says so', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret: old } = await anEndpoint(world, box.url(), { legacy_signature: 'hub' })
    const tab = await (await ownerBrowser(world)).see(`/admin/endpoints/${id}?tab=secret`)
    expect(tab).toContain('X-Hub-Signature-256')
    const rotated = { grace_seconds: 86_400 }
    const { body } = await world.api<{ secret: string }>('POST', `/api/endpoints/${id}/secret/rotate`, rotated)
    await aComment(world)
    await world.drain()
    const [request] = await box.received()
    const text = Buffer.from(request?.body ?? '', 'latin1').toString()
    const signature = request?.headers['x-hub-signature-256'] ?? ''
    expect(await verify(body.secret, text, signature)).toBe(true)
    expect(await verify(old, text, signature)).toBe(false)
  })

  it('is not sent by default', async () => {
    expect((await received({})).headers).not.toHaveProperty('x-hub-signature-256')
  })
})

describe('custom headers', () => {
  const headers = { 'X-Site': 'blog', Authorization: 'Basic c2VjcmV0' }

  it('are sent unchanged, but shown and stored without the values that look like secrets', async () => {
    const sent = await received({ headers })
    expect(sent.headers).toMatchObject({ 'x-site': 'blog', authorization: 'Basic c2VjcmV0' })
    const shown = { 'X-Site': 'blog', Authorization: REDACTED }
    expect(await theEndpoint(sent.world, sent.endpoint.id)).toMatchObject({ headers: shown })
    const path = `/api/messages/${await latestMessageId(sent.world)}/deliveries/${sent.endpoint.id}`
    const { body } = await sent.world.api<{ curl: string }>('GET', path)
    expect(body.curl).toContain("-H 'X-Site: blog'")
    expect(body.curl).not.toContain('c2VjcmV0')
    const row = await env.DB.prepare('select * from endpoints').first()
    expect(JSON.stringify(row)).not.toContain('c2VjcmV0')
  })

  it('keep the values that are sent back redacted, are removed if they are left out, and survive a rotation', async () => {
    const { world, box, endpoint } = await received({ headers })
    const path = `/api/endpoints/${endpoint.id}`
    const change = { headers: { Authorization: REDACTED, 'X-New': '1' } }
    expect((await world.api('PATCH', path, change)).status).toBe(200)
    await world.api('POST', `${path}/secret/rotate`, { grace_seconds: 0 })
    await aComment(world)
    await world.drain()
    const sent = (await box.received()).at(-1)?.headers
    expect(sent).toMatchObject({ authorization: 'Basic c2VjcmV0', 'x-new': '1' })
    expect(sent).not.toHaveProperty('x-site')
    await world.api('PATCH', path, { headers: {} })
    expect(await theEndpoint(world, endpoint.id)).toMatchObject({ headers: {} })
  })

  it.each([
    [{ Host: 'x' }, 'headers.Host'],
    [{ 'webhook-id': 'x' }, 'headers.webhook-id'],
    [{ 'X-A': 'x\ny' }, 'headers.X-A'],
    [{ 'X-A': REDACTED }, 'headers.X-A'],
  ])('are refused, with the path of the faulty header: %j', async (given, path) => {
    const { status, body } = await refusal(new World(), { headers: given })
    expect(status).toBe(422)
    expect(body.errors[0]?.path).toBe(path)
  })

  it('are entered one per line in the dashboard', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const fields = { url: mailbox().url('ok'), event_types: '*' }
    const typed = 'X-Site: blog\r\nAuthorization:Basic c2VjcmV0\r\n'
    const { location } = await browser.submit('/admin/endpoints', { ...fields, headers: typed })
    const path = (location ?? '').split('?')[0] ?? ''
    expect(await browser.see(`${path}/edit`)).toContain(`X-Site: blog Authorization: ${REDACTED}`)
    const kept = `X-Site: shop\nAuthorization: ${REDACTED}`
    expect((await browser.submit(path, { ...fields, headers: kept })).status).toBe(303)
    const refused = await browser.submit(path, { ...fields, headers: 'nonsense' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('"nonsense" needs a colon: `nonsense: value`.')
  })
})

describe('an endpoint’s books', () => {
  it('exclude messages about other books, but not messages that belong to no book', async () => {
    const world = new World()
    await env.DB.prepare("insert into books (slug, title, created_at) values ('other', 'O', 0)").run()
    const [main, other, all] = [mailbox(), mailbox(), mailbox()]
    await anEndpoint(world, main.url('ok'), { books: ['main'] })
    await anEndpoint(world, other.url('ok'), { books: ['other'] })
    await anEndpoint(world, all.url('ok'))
    await aComment(world)
    await world.api('POST', '/api/messages', { type: 'order.paid', data: {} })
    await world.drain()
    expect(await main.received()).toHaveLength(2)
    expect(await other.received()).toHaveLength(1)
    expect(await all.received()).toHaveLength(2)
  })

  it('also limit the messages that count as missed', async () => {
    const world = new World()
    await env.DB.prepare("insert into books (slug, title, created_at) values ('other', 'O', 0)").run()
    await anEndpoint(world, mailbox().url('ok'))
    await aComment(world)
    const { id } = await anEndpoint(world, mailbox().url('ok'), { books: ['other'] })
    const ask = { since: '2020-01-01T00:00:00Z', only: 'missing', dry_run: true }
    const path = `/api/endpoints/${id}/replay`
    expect((await world.api('POST', path, ask)).body.count).toBe(0)
    await world.api('PATCH', `/api/endpoints/${id}`, { books: null })
    expect((await world.api('POST', path, ask)).body.count).toBe(1)
  })

  it('must exist', async () => {
    const { status, body } = await refusal(new World(), { books: ['main', 'mian'] })
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path: 'books', message: expect.stringContaining('"mian"') }])
  })
})
