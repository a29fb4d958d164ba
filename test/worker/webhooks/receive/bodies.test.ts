import { env } from 'cloudflare:workers'
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bodyUrl } from '../../../../src/webhooks/receive/messages/download'
import { ownerBrowser } from '../../../support/session'
import { aSource, post, theBody, theInbound } from '../../../support/sources'
import { World } from '../../../support/world'

const MB = 1_024 * 1_024

/** All byte values in pseudo-random order, so that swapped chunks would be noticed. */
function noise(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let state = 0x9e3779b9
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}

function textOf(size: number, unit: string): Uint8Array<ArrayBuffer> {
  const one = new TextEncoder().encode(unit)
  const bytes = new Uint8Array(size).fill(0x20)
  for (let at = 0; at + one.length <= size; at += one.length) bytes.set(one, at)
  return bytes
}

async function expectSameBytes(given: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const world = new World({ FREE_PLAN: 'false' })
  const { path } = await aSource(world, 'unsigned')
  const answer = await post(world, path, given, headers)
  expect(answer.status).toBe(202)
  await world.drain()
  const inbound = await theInbound(world, answer.body.id)
  expect(inbound).toMatchObject({ status: 'processed', size: given.length })
  const back = await theBody(world, answer.body.id)
  expect(back.length).toBe(given.length)
  expect(Buffer.compare(Buffer.from(back), Buffer.from(given))).toBe(0)
  expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(50)
  return { world, inbound }
}

const bytes = (...values: number[]) => Uint8Array.from(values)
const encoded = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>

describe('a stored body has the bytes that were sent', () => {
  it.each([
    ['nothing', bytes()],
    ['one byte', bytes(0x41)],
    ['a NUL character', bytes(0)],
    ['NUL characters in text', encoded('a\0b\0')],
    ['invalid UTF-8', bytes(0x7b, 0xff, 0xfe, 0xc3, 0x28, 0x7d)],
    ['an incomplete character', encoded('€').slice(0, 2)],
    ['a byte order mark', bytes(0xef, 0xbb, 0xbf, 0x7b, 0x7d)],
    ['lone surrogates as bytes', bytes(0xed, 0xa0, 0x80)],
    ['line breaks of every kind', encoded('a\r\nb\rc\nd\u2028e\u0085')],
    ['every byte value', Uint8Array.from({ length: 256 }, (_, i) => i)],
    ['quotes and braces', encoded(`'"\\{{}}--;'drop table sources;`)],
    ['characters beyond the basic plane', encoded('🎉'.repeat(1_000))],
  ])('for %s', async (_, given) => {
    await expectSameBytes(given)
  })

  it.each([
    ['text of 1,000,001 bytes', textOf(1_000_001, 'abc')],
    ['a character that crosses a chunk boundary', textOf(2_000_003, '€🎉')],
    ['noise that crosses a chunk boundary', noise(1_500_001)],
    ['8 MB of text', textOf(8 * MB, '€')],
    ['8 MB of noise', noise(8 * MB)],
  ])('for %s', async (_, given) => {
    const { world } = await expectSameBytes(given, { 'Content-Type': 'application/octet-stream' })
    const { results } = await env.DB.prepare('select length(cast(content as blob)) as size from inbound_chunks').all<{
      size: number
    }>()
    expect(results.length).toBeGreaterThan(1)
    expect(Math.max(...results.map(({ size }) => size))).toBeLessThanOrEqual(1_000_000)
    const accepted = world.invocations.find(({ counts }) => counts.queueMessages > 0)
    expect(accepted?.counts.d1RoundTrips).toBeLessThanOrEqual(2)
  })
})

describe('a body that an older version stored as text', () => {
  it('can still be read, however long it is', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const text = `${'é€🎉 "quoted"\n'.repeat(110_000)}`.slice(0, 1_500_000)
    const { body } = await post(world, path, text)
    const middle = 900_000
    const rows = [text.slice(0, middle), text.slice(middle)].map((content, number) => [body.id, number, content])
    await env.DB.prepare('delete from inbound_chunks').run()
    const insert = env.DB.prepare("insert into inbound_chunks values (?1, ?2, 'utf8', ?3)")
    await env.DB.batch(rows.map((row) => insert.bind(...row)))
    expect(new TextDecoder().decode(await theBody(world, body.id))).toBe(text)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })
})

describe('a short text', () => {
  it.each([
    [64 * 1_024, 'utf8'],
    [64 * 1_024 + 1, 'base64'],
  ])('of %i bytes is stored as %s', async (size, encoding) => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, 'a'.repeat(size))
    const { results } = await env.DB.prepare('select encoding from inbound_chunks').all()
    expect(results).toEqual([{ encoding }])
  })
})

describe('a body that is too large', () => {
  it.each([
    [4, 'true'],
    [8, 'false'],
  ] as const)('of more than %i MB is rejected without being read if FREE_PLAN is %s', async (max, FREE_PLAN) => {
    const world = new World({ FREE_PLAN })
    const { path } = await aSource(world, 'unsigned')
    const answer = await post(world, path, new Uint8Array(max * MB + 1))
    expect(answer.status).toBe(413)
    expect(answer.body.code).toBe('too_large')
    const rows = await env.DB.prepare('select count(*) as n from inbound_messages').first()
    expect(rows).toEqual({ n: 0 })
    expect((await post(world, path, new Uint8Array(max * MB))).status).toBe(202)
  })

  it('is rejected during the upload if it has no Content-Length', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    let given = 0
    const endless = new ReadableStream({
      pull(controller) {
        given += MB
        controller.enqueue(new Uint8Array(MB))
        if (given > 100 * MB) controller.close()
      },
    })
    const init = { method: 'POST', body: endless, duplex: 'half' } as RequestInit
    const response = await world.request(path, init)
    expect(response.status).toBe(413)
    expect(given).toBeLessThan(20 * MB)
  })
})

describe('a request', () => {
  it('keeps 200 headers, and keeps its query parameters in order', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const many = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`x-h-${String(i).padStart(3, '0')}`, `v${i}`])
    )
    const query = 'b=2&a=1&a=%00&b=&%F0%9F&c'
    const answer = await post(world, `${path}?${query}`, 'x', many)
    const inbound = await theInbound(world, answer.body.id)
    expect(inbound.query).toBe(query)
    const mine = inbound.headers.filter(([name]) => name.startsWith('x-h-'))
    expect(mine).toHaveLength(200)
    expect(mine.map(([name]) => name)).toEqual(Object.keys(many))
  })

  it('is stored without the IP address of its sender and without readable credentials', async () => {
    const world = new World()
    const { path } = await aSource(world, 'gitlab-token', { secret: 'very secret' })
    const answer = await post(world, path, '{}', {
      'CF-Connecting-IP': '192.0.2.7',
      'X-Forwarded-For': '192.0.2.7',
      'X-Gitlab-Token': 'very secret',
      Authorization: 'Bearer also secret',
    })
    const row = await env.DB.prepare('select * from inbound_messages').first()
    const stored = JSON.stringify(row)
    for (const word of ['192.0.2.7', 'very secret', 'also secret']) expect(stored).not.toContain(word)
    await world.drain()
    const inbound = await theInbound(world, answer.body.id)
    expect(inbound).toMatchObject({ status: 'processed', verified: true })
    expect(Object.fromEntries(inbound.headers)).toMatchObject({
      'x-gitlab-token': 'very secret',
      authorization: 'Bearer also secret',
    })
    const query = await aSource(world, 'query-token', { secret: 'very secret' })
    await post(world, `${query.path}?token=very%20secret`, '{}')
    const asked = await env.DB.prepare("select query from inbound_messages where query <> ''").first()
    expect(JSON.stringify(asked)).not.toContain('very')
    await world.drain()
    const { body } = await world.api<{ data: { verified: boolean }[] }>('GET', `/api/inbound?source=${query.id}`)
    expect(body.data).toMatchObject([{ verified: true }])
  })

  it.each([
    'text/html; charset=utf-8',
    'text/javascript',
    'application/javascript',
    'text/css',
    'image/svg+xml',
    'application/xhtml+xml',
    'text/xml',
    'application/pdf',
    'application/wasm',
    'application/manifest+json',
    'text/html, text/plain',
    'TEXT/HTML',
    '',
  ])('of the type "%s" has a body that is downloaded as an inert attachment', async (type) => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const answer = await post(world, path, '<script>alert(1)</script>', { 'Content-Type': type })
    const shown = Object.fromEntries((await theInbound(world, answer.body.id)).headers)['content-type']
    expect(shown).toBe(type)
    const headers = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` }
    const response = await world.request(`/api/inbound/${answer.body.id}/body`, { headers })
    const link = new URL(await bodyUrl(world.env, { id: answer.body.id, origin: 'https://guestbook.example.com' }))
    const page = await (await ownerBrowser(world)).get(`/admin/inbound/${answer.body.id}/body`)
    for (const { headers } of [response, await world.request(link.pathname + link.search), page]) {
      expect(headers.get('Content-Type')).toBe('application/octet-stream')
      expect(headers.get('Content-Disposition')).toBe(`attachment; filename="${answer.body.id}"`)
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Content-Security-Policy')).toBe("default-src 'none'; sandbox")
    }
    expect((await world.request(`/api/inbound/${answer.body.id}/body`)).status).toBe(401)
  })
})

describe('a header', () => {
  it('that contains the text of our placeholder is not mistaken for the placeholder', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const text = '(sealed with a SECRETS_KEY that is no longer available)'
    const { body } = await post(world, path, '{}', { 'X-A': text })
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })

  it('that contains a secret is not stored as a hash that helps anyone guess the secret', async () => {
    const world = new World()
    const { path } = await aSource(world, 'gitlab-token', { secret: 'hush' })
    await post(world, path, '{}', { 'X-Gitlab-Token': 'hush' })
    const row = await env.DB.prepare('select fingerprint from inbound_messages').first()
    const hmac = (text: string) => createHmac('sha256', '').update(text).digest('hex')
    const body = createHash('sha256').update('{}').digest('hex')
    const guess = createHash('sha256').update(`${body}\nhush`).digest('hex')
    expect(row?.fingerprint).toMatch(/^[0-9a-f]{64}$/)
    expect([guess, hmac(`${body}\nhush`)]).not.toContain(row?.fingerprint)
  })
})

describe('the link to a body', () => {
  it('gives access to this body and nothing else, even after SECRETS_KEY has been rotated', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    const [a, b] = [await post(world, path, 'one'), await post(world, path, 'two')]
    const link = new URL(await bodyUrl(world.env, { id: a.body.id, origin: 'https://guestbook.example.com' }))
    const response = await world.request(link.pathname + link.search)
    expect(await response.text()).toBe('one')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    const others = [
      `/api/inbound/${b.body.id}/body${link.search}`,
      `/api/inbound/${a.body.id}${link.search}`,
      `/api/inbound/${a.body.id}/verification${link.search}`,
      `/api/inbound/${a.body.id}/body?key=`,
      `/api/inbound/${a.body.id}/body?key=${'0'.repeat(64)}`,
    ]
    for (const other of others) expect((await world.request(other)).status, other).toBe(401)
    const keys = { SECRETS_KEY: btoa('k'.repeat(32)), SECRETS_KEY_PREVIOUS: world.env.SECRETS_KEY }
    const rotated = await new World(keys).request(link.pathname + link.search)
    expect(await rotated.text()).toBe('one')
  })
})
