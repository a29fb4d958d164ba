import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import migration from '../../../migrations/0016_rights.sql?raw'
import { registerReceiver } from '../../../src/owner/dashboard/first-run/receiver'
import { letPass } from '../../support/clock'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser, signAsGuest, withModeration } from '../../support/session'
import { aSource, post } from '../../support/sources'
import { BASE, TOKEN, World } from '../../support/world'
import { type ApiKey, aKey, withKey } from './a-key'

interface Endpoint {
  id: string
  url: string
  moderation_links: boolean
  headers: Record<string, string>
}

const as = (world: World, key: ApiKey) => (method: string, path: string, body?: object) =>
  world.api<Endpoint & { code: string; errors: { path: string }[] }>(method, path, body, withKey(key))

const linksOf = async (world: World, id: string) =>
  (await world.api<Endpoint>('GET', `/api/endpoints/${id}`)).body.moderation_links

describe('the moderation links of an endpoint', () => {
  it('need the owner or a key with "moderate", who can turn them off and on', async () => {
    const world = new World()
    const [writing, both] = [
      as(world, await aKey(world, ['write'])),
      as(world, await aKey(world, ['write', 'moderate'])),
    ]
    const url = mailbox().url()
    const made = await writing('POST', '/api/endpoints', { url })
    expect(made.body).toMatchObject({ moderation_links: false })
    expect((await both('POST', '/api/endpoints', { url })).body).toMatchObject({ moderation_links: true })
    expect((await world.api('POST', '/api/endpoints', { url })).body).toMatchObject({ moderation_links: true })
    const wanted = { moderation_links: true }
    for (const refused of [
      await writing('POST', '/api/endpoints', { url, ...wanted }),
      await writing('PATCH', `/api/endpoints/${made.body.id}`, wanted),
    ]) {
      expect([refused.status, refused.body.code]).toEqual([403, 'missing_scope'])
    }
    expect((await both('PATCH', `/api/endpoints/${made.body.id}`, wanted)).body).toMatchObject(wanted)
    const off = await world.api('PATCH', `/api/endpoints/${made.body.id}`, { moderation_links: false })
    expect(off.body).toMatchObject({ moderation_links: false })
  })

  it.each([
    ['url', { url: 'https://elsewhere.example/hook', headers: {} }],
    ['event_types', { event_types: ['comment.held', 'comment.published'] }],
    ['books', { books: ['main'] }],
    ['when', { when: 'type == "comment.held"' }],
    ['texts', { texts: { 'comment.held': '{{data.moderation.approve_url}}' } }],
    ['format', { format: 'cloudevents' }],
    ['headers', { headers: { 'X-Forward-To': 'mallory@example.com' } }],
    ['a hidden header', { headers: { Authorization: 'Bearer another-value-1' } }],
  ])('do not follow a change of %s by a key with "write" alone', async (_, change) => {
    const world = new World()
    const headers = { Authorization: 'Bearer stored-value-1' }
    const { id } = await anEndpoint(world, mailbox().url(), { event_types: ['comment.held'], headers })
    const writing = as(world, await aKey(world, ['write']))
    const kept = { headers: { Authorization: '••••••••' } }
    const same = { description: 'x', rate_limit: 7, event_types: ['comment.held'], ...kept }
    expect((await writing('PATCH', `/api/endpoints/${id}`, same)).body).toMatchObject({ moderation_links: true })
    expect((await writing('PATCH', `/api/endpoints/${id}`, { ...kept, ...change })).body).toMatchObject({
      moderation_links: false,
    })
  })

  it('follow a change by the owner, and are turned off and on with a form', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const { id } = await anEndpoint(world, mailbox().url())
    await world.api('PATCH', `/api/endpoints/${id}`, { url: mailbox().url('echo') })
    expect(await linksOf(world, id)).toBe(true)
    const fields = { url: mailbox().url(), event_types: '*', rate_limit: '300' }
    await browser.submit(`/admin/endpoints/${id}`, { ...fields, no_moderation_links: 'on' })
    expect(await linksOf(world, id)).toBe(false)
    expect(await browser.see(`/admin/endpoints/${id}?tab=settings`)).toContain('Moderation links')
    await browser.submit(`/admin/endpoints/${id}`, fields)
    expect(await linksOf(world, id)).toBe(true)
  })

  it('never go to the built-in receiver, whose messages every key with "read" can see', async () => {
    const world = new World()
    const { endpoint_id } = await registerReceiver(world.env, BASE, Date.now())
    expect(await linksOf(world, endpoint_id)).toBe(false)
    const wanted = await world.api('PATCH', `/api/endpoints/${endpoint_id}`, { moderation_links: true })
    expect(wanted).toMatchObject({ status: 422, body: { errors: [{ path: 'moderation_links' }] } })
  })

  it('are turned off by a pull token that a key without "moderate" makes', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const path = `/api/endpoints/${id}/pull-token`
    expect((await as(world, await aKey(world, ['write']))('POST', path)).status).toBe(403)
    await world.api('POST', path)
    expect(await linksOf(world, id)).toBe(true)
    expect((await as(world, await aKey(world, ['read', 'write']))('POST', path)).status).toBe(201)
    expect(await linksOf(world, id)).toBe(false)
  })

  it('are taken by the migration from endpoints of keys without "moderate", and "read" keeps secrets', async () => {
    const world = new World()
    const [writing, both] = [await aKey(world, ['write']), await aKey(world, ['write', 'moderate'])]
    const read = await aKey(world, ['read', 'moderate'])
    const url = mailbox().url()
    const mine = await anEndpoint(world, url)
    const theirs = await as(world, writing)('POST', '/api/endpoints', { url })
    const trusted = await as(world, both)('POST', '/api/endpoints', { url })
    const receiver = await registerReceiver(world.env, BASE, Date.now())
    await env.DB.prepare('update endpoints set moderation_links = 1').run()
    const updates = migration.split('--> statement-breakpoint').filter((sql) => /^\s*update/i.test(sql))
    await env.DB.batch(updates.map((sql) => env.DB.prepare(sql)))
    const ids = [mine.id, theirs.body.id, trusted.body.id, receiver.endpoint_id]
    expect(await Promise.all(ids.map((id) => linksOf(world, id)))).toEqual([true, false, true, false])
    const { body } = await world.api<{ data: { id: string; scopes: string[] }[] }>('GET', '/api/keys')
    const scopes = Object.fromEntries(body.data.map((key) => [key.id, key.scopes]))
    expect(scopes[read.id]).toEqual(['read', 'moderate', 'secrets'])
    expect(scopes[writing.id]).toEqual(['write'])
  })
})

describe('comment.held', () => {
  it('is signed as each endpoint and each reader gets it, with links or without', async () => {
    const world = await withModeration(new World())
    const [mine, theirs] = [mailbox(), mailbox()]
    const own = await anEndpoint(world, mine.url())
    const writing = as(world, await aKey(world, ['write']))
    const other = await writing('POST', '/api/endpoints', { url: theirs.url() })
    await signAsGuest(world, { body: 'Quotes ","moderation":null}} and {{braces}}' })
    await world.drain()
    letPass(1_100)
    const secretOf = async (id: string) =>
      (await world.api<{ secret: string }>('GET', `/api/endpoints/${id}/secret`)).body.secret
    const { body: made } = await world.api<{ token: string }>('POST', `/api/endpoints/${own.id}/pull-token`)
    const pull = async (token: string, id: string) => {
      const path = `/api/endpoints/${id}/messages`
      type Page = { data: { body: string; headers: Record<string, string> }[] }
      const { body } = await world.api<Page>('GET', path, undefined, { Authorization: `Bearer ${token}` })
      return body.data[0] ?? { body: '', headers: {} }
    }
    const reading = (await aKey(world, ['read'])).key
    const [[withLinks], [without]] = [await mine.received(), await theirs.received()]
    for (const [request, id, hasLinks] of [
      [withLinks, own.id, true],
      [without, other.body.id, false],
      [await pull(TOKEN, own.id), own.id, true],
      [await pull(made.token, own.id), own.id, true],
      [await pull(reading, own.id), own.id, false],
    ] as const) {
      const headers = Object.entries(request?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
      const text = Buffer.from(request?.body ?? '', request === withLinks || request === without ? 'latin1' : 'utf8')
      new Webhook(await secretOf(id)).verify(text.toString(), Object.fromEntries(headers))
      const { data } = JSON.parse(text.toString())
      expect(data.comment.body).toBe('Quotes ","moderation":null}} and {{braces}}')
      expect(data.moderation === null).toBe(!hasLinks)
    }
    expect((await pull(TOKEN, own.id)).body).toBe(withLinks?.body)
  })
})

describe('stored headers', () => {
  it('do not follow a URL that a key changes, and stay with the owner', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url(), { headers: { Authorization: 'Bearer gateway' } })
    const writing = as(world, await aKey(world, ['write', 'moderate', 'secrets']))
    const next = mailbox()
    const url = next.url()
    for (const change of [{ url }, { url, headers: { Authorization: '••••••••' } }]) {
      const { status, body } = await writing('PATCH', `/api/endpoints/${id}`, change)
      expect([status, body.errors[0]?.path.split('.')[0]]).toEqual([422, 'headers'])
    }
    const { body } = await writing('PATCH', `/api/endpoints/${id}`, { url, headers: { 'X-Mine': '1' } })
    expect(body.headers).toEqual({ 'X-Mine': '1' })
    await aComment(world)
    await world.drain()
    expect((await next.received())[0]?.headers).not.toHaveProperty('authorization')
    await world.api('PATCH', `/api/endpoints/${id}`, { url: mailbox().url() })
    expect((await world.api<Endpoint>('GET', `/api/endpoints/${id}`)).body.headers).toEqual({ 'X-Mine': '1' })
  })
})

describe('a pull token that was revoked or replaced', () => {
  it.each(['revoked', 'replaced'])('does not come back by its Idempotency-Key: %s', async (how) => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const path = `/api/endpoints/${id}/pull-token`
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'k' }
    const first = await world.api('POST', path, undefined, headers)
    expect((await world.api('POST', path, undefined, headers)).body).toEqual(first.body)
    await (how === 'revoked' ? world.api('DELETE', path) : world.api('POST', path))
    expect((await world.api('POST', path, undefined, headers)).status).toBe(410)
  })
})

it('a stored response is repeated only for the key that got it', async () => {
  const world = new World()
  const [first, second] = [await aKey(world, ['write']), await aKey(world, ['write'])]
  const input = { url: mailbox().url() }
  const create = (more: Record<string, string>) =>
    world.api('POST', '/api/endpoints', input, { ...more, 'Idempotency-Key': 'create-1' })
  const made = await create(withKey(first))
  expect((await create(withKey(first))).body).toEqual(made.body)
  expect(await create(withKey(second))).toMatchObject({ status: 409, body: { code: 'key_reused' } })
  expect(await create({ Authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 409 })
})

describe('what came in', () => {
  it.each([
    ['X-Api-Key', 'api-key-value'],
    ['Ocp-Apim-Subscription-Key', 'subscription-value'],
    ['X-Auth-Token', 'auth-token-value'],
    ['X-Vendor-Access-Token', 'access-token-value'],
    ['X-Session-Id', 'session-value'],
    ['Cf-Access-Jwt-Assertion', 'access-assertion-value'],
    ['X-Goog-Iap-Jwt-Assertion', 'iap-assertion-value'],
  ])('has %s sealed, hidden from keys, and out of reach of templates', async (name, value) => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    const { body } = await post(world, source.path, '{}', { [name]: value })
    await world.drain()
    const { results } = await env.DB.prepare('select * from inbound_messages').all()
    expect(JSON.stringify(results)).not.toContain(value)
    const template = { name: 'x', body: `a{{$header.${name.toLowerCase()}}}b` }
    const preview = await world.api('POST', `/api/sources/${source.id}/preview`, { template, inbound_id: body.id })
    expect(preview.body).toMatchObject({ body: 'ab' })
    const read = withKey(await aKey(world, ['read']))
    const secret = withKey(await aKey(world, ['read', 'secrets']))
    const see = async (path: string, key = read) => (await world.request(path, { headers: key })).text()
    for (const path of [`/api/inbound/${body.id}`, `/api/inbound/${body.id}/har`]) {
      expect(await see(path)).not.toContain(value)
      expect(await see(path)).not.toContain(source.path)
    }
    expect(await see(`/api/inbound/${body.id}`, secret)).toContain(value)
    expect(await see(`/api/inbound/${body.id}/har`, secret)).not.toContain(source.path)
  })

  it.each(['X-Client-IP', 'Remote-Addr', 'X-Original-Forwarded-For', 'Fastly-Client-IP', 'X-Envoy-External-Address'])(
    'has no address of the sender from %s',
    async (name) => {
      const world = new World()
      const source = await aSource(world, 'unsigned')
      await post(world, source.path, '{}', { [name]: '203.0.113.99', 'X-Event-Key': 'repo:push', 'X-Ship': 'yes' })
      const { results } = await env.DB.prepare('select * from inbound_messages').all()
      expect(JSON.stringify(results)).not.toContain('203.0.113.99')
      expect(JSON.stringify(results)).toContain('repo:push')
      expect(JSON.stringify(results)).toContain('x-ship')
    }
  )
})

it('a search finds nothing in the part of a URL that the key may not see', async () => {
  const world = new World()
  const box = mailbox()
  await anEndpoint(world, box.services.telegram, { format: 'telegram' })
  const [read, secrets] = [await aKey(world, ['read']), await aKey(world, ['secrets'])]
  const found = async (key: ApiKey, q: string) => {
    const { body } = await world.api<{ data: Endpoint[] }>('GET', `/api/endpoints?q=${q}`, undefined, withKey(key))
    return body.data.map(({ url }) => url)
  }
  const token = box.name.slice(0, 6)
  expect(await found(read, token)).toEqual([])
  expect(await found(read, '127.0.0.1')).toEqual([box.services.telegram.replace(box.name, 'hidden-hidden-hidden')])
  expect(await found(secrets, token)).toEqual([box.services.telegram])
})

it('a response that may repeat a secret stays hidden from a key, also after it has changed the endpoint, and once that is gone', async () => {
  const world = new World()
  const headers = { Authorization: 'stored-header-value' }
  const { id } = await anEndpoint(world, mailbox().url('mirror'), { headers })
  const key = as(world, await aKey(world, ['read', 'write']))
  const { body: test } = await world.api<{ message_id: string }>('POST', `/api/endpoints/${id}/test`)
  const seen = async () => JSON.stringify((await key('GET', `/api/messages/${test.message_id}/deliveries/${id}`)).body)
  expect(await seen()).toContain('hidden: ')
  letPass(1_000)
  expect(await key('PATCH', `/api/endpoints/${id}`, { url: mailbox().url('ok'), headers: {} })).toMatchObject({
    status: 200,
  })
  expect(await seen()).not.toContain('stored-header-value')
  await env.DB.prepare(`update endpoints set status = 'deleted', url = '', secrets = '' where id = ?`).bind(id).run()
  expect(await seen()).not.toContain('stored-header-value')
})

it('a key with `secrets` sees what a receiver answers, unless it may repeat the hidden value of a stored header', async () => {
  const world = new World()
  const key = as(world, await aKey(world, ['read', 'secrets', 'write']))
  const excerpt = async (headers: object, change?: object) => {
    const { id } = await anEndpoint(world, mailbox().url('mirror'), { headers })
    const { body: test } = await world.api<{ message_id: string }>('POST', `/api/endpoints/${id}/test`)
    letPass(1_000)
    if (change) expect((await world.api('PATCH', `/api/endpoints/${id}`, change)).status).toBe(200)
    const path = `/api/messages/${test.message_id}/deliveries/${id}`
    const text = async (call: Promise<{ body: object }>) => JSON.stringify((await call).body)
    expect(await text(world.api('GET', path))).toContain('x-site')
    const again = await text(key('POST', `/api/endpoints/${id}/test`))
    return [await text(key('GET', path)), again].map((shown) => /old-header|hidden: |x-site/.exec(shown)?.[0])
  }
  expect(await excerpt({ 'X-Site': 'blog' })).toEqual(['x-site', 'x-site'])
  const hidden = { 'X-Site': 'blog', Authorization: 'Bearer old-header-value-1' }
  expect(await excerpt(hidden)).toEqual(['hidden: ', 'hidden: '])
  expect(await excerpt(hidden, { headers: { 'X-Site': 'blog' } })).toEqual(['hidden: ', 'x-site'])
})
