import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import app from '../../../src/app'
import { PICTURES } from '../../fixtures/pictures'
import { aComment, anEndpoint, laterOffTurn, mailbox } from '../../support/fixtures'
import { tablesWith } from '../../support/search'
import { FORM } from '../../support/session'
import { aSource, post } from '../../support/sources'
import { latestMessageId } from '../../support/views'
import { TOKEN, World } from '../../support/world'
import { fixture, importFile } from '../owner/moving/imports'

/*
 * Anyone can send a request with any Host. If PUBLIC_URL is set, no link may come from there.
 */

const FOREIGN = 'foreign-host.invalid'
const PUBLIC_URL = 'https://guests.example.net'
const OWNER = { Authorization: `Bearer ${TOKEN}` }

/** A world whose every request names a foreign host, and everything that it has answered. */
function foreignWorld() {
  const world = new World({ PUBLIC_URL })
  world.base = `https://${FOREIGN}`
  const answers: { request: string; status: number; text: string }[] = []
  const send = world.request.bind(world)
  world.request = async (path, init = {}) => {
    const headers = { ...(init.headers as Record<string, string>), Host: FOREIGN }
    const response = await send(path, { ...init, headers })
    const text = JSON.stringify([...response.headers]) + (await response.clone().text())
    answers.push({ request: `${init.method ?? 'GET'} ${path}`, status: response.status, text })
    return response
  }
  return { world, answers }
}

/** In a browser that shows the foreign host, the origin of a form is that host, too. */
const form = { ...FORM, Origin: `https://${FOREIGN}` }

async function loginAt(world: World): Promise<{ Cookie: string }> {
  const response = await world.request('/admin/login', { method: 'POST', headers: form, body: `token=${TOKEN}` })
  expect(response.status).toBe(303)
  return { Cookie: (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '' }
}

/**
 * Registers a URL twice, as an integrator does who has lost the private link.
 * @returns both tokens of the integrator
 */
async function registerTwice(world: World): Promise<{ token: string; renewal: string }> {
  const box = mailbox()
  await world.api('PATCH', '/api/settings', { registration: 'open' })
  const body = new URLSearchParams({ url: box.url('verify'), event_types: 'comment.published' }).toString()
  const register = () => world.request('/webhooks', { method: 'POST', headers: form, body })
  const [first, again] = [await register(), await register()]
  expect([first.status, again.status]).toEqual([303, 409])
  const [, request] = await box.received()
  const link = JSON.parse(request?.body ?? '{}').data.renew_url
  expect(link).toMatch(new RegExp(`^${PUBLIC_URL}/webhooks/renew/`))
  const token = /manage\/(link_[\w-]{43})/.exec(first.headers.get('Location') ?? '')?.[1] ?? ''
  return { token, renewal: link.split('/').at(-1) }
}

/** Signs, publishes, receives, replays and tests, so that everything that can contain a link is stored or sent. */
async function useEverything(world: World) {
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url())
  const cloudEvents = await anEndpoint(world, box.url(), { format: 'cloudevents' })
  const { token, renewal } = await registerTwice(world)
  const comment = await aComment(world)
  await world.request('/sign', { method: 'POST', headers: form, body: 'name=Bob&body=Hello' })
  const held = await aComment(world, { body: 'https://a.example https://b.example https://c.example' })
  await world.api('PATCH', `/api/comments/${held.id}`, { status: 'published' })
  await world.api('PATCH', `/api/comments/${comment.id}`, { body: 'Edited' })
  await world.api('POST', '/api/event-types', { name: 'guest.waved', schema: {}, example: {} })
  const template = { name: 'Bot', body: 'Hello from {{source}}' }
  const source = await aSource(world, 'unsigned', { act: 'publish' })
  const signing = await aSource(world, 'unsigned', { act: 'sign', template })
  const inbound = await post(world, source.path, '{"n":1}', { 'Content-Type': 'application/json' })
  await post(world, signing.path, '{"n":2}')
  await world.api('POST', `/api/sources/${source.id}/sample`)
  await world.drain()
  const message = await latestMessageId(world)
  await world.api('POST', `/api/endpoints/${endpoint.id}/test`)
  await world.api('POST', `/api/sources/${source.id}/url/rotate`)
  await world.api('POST', `/api/inbound/${inbound.body.id}/replay`, { to: box.url() })
  const range = { since: '2020-01-01T00:00:00Z', only: 'all' }
  const job = await world.api<{ id: string }>('POST', `/api/endpoints/${endpoint.id}/replay`, range)
  await world.api('DELETE', `/api/comments/${held.id}`)
  const imported = await importFile(world, fixture('isso.json'), '?webhooks=true')
  await world.sweep(laterOffTurn(60_000))
  await world.drain()
  const managed = await (await world.request(`/webhooks/manage/${token}`)).text()
  const delivered = /messages\/(msg_\w+)/.exec(managed)?.[1] ?? ''
  await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
  await world.api('PATCH', '/api/books/summer', { has_wall: true })
  const eve = await world.api<{ id: string }>('POST', '/api/comments', { book: 'summer', name: 'Eve', body: 'Hi' })
  const { gif } = PICTURES
  await env.DB.prepare(
    "insert into buttons (book, host, comment_id, url, hash, content) values ('summer', 'eve.example', ?, '', 'x', ?)"
  )
    .bind(eve.body.id, gif)
    .run()
  const picture = await world.api<{ id: string }>('POST', '/api/books/summer/pictures', { content: gif, alt: 'A dot' })
  const things = [
    'summer',
    picture.body.id,
    'cat.svg',
    endpoint.id,
    cloudEvents.id,
    comment.id,
    source.id,
    signing.id,
    inbound.body.id,
    job.body.id,
    imported.id,
  ]
  return { box, ids: [...things, message, delivered, token, renewal, 'guest.waved'] }
}

/** Every way to fill the parameters of a route with these ids. */
function fillings(pattern: string, ids: string[]): string[] {
  // With three parameters, there would be thousands.
  if (pattern === '/buttons/:slug/:host/:hash') return ['/buttons/summer/eve.example/x']
  const [parameter] = /:\w+(\{[^}]*\})?/.exec(pattern) ?? []
  if (parameter === undefined) return [pattern]
  return ids.flatMap((id) => fillings(pattern.replace(parameter, id), ids))
}

/** The query without which a route refuses. */
function queryOf(pattern: string, ids: string[]): string {
  if (pattern.startsWith('/api/people')) return '?q=Hello'
  return pattern.endsWith('/compare') ? `?with=${ids.find((id) => id.startsWith('in_'))}` : ''
}

const READABLE = [...new Set(app.routes.filter(({ method }) => method === 'GET').map(({ path }) => path))]

describe('a foreign host in requests', () => {
  it('appears in no response, no event and no stored row if PUBLIC_URL is set', { timeout: 120_000 }, async () => {
    const { world, answers } = foreignWorld()
    const { box, ids } = await useEverything(world)
    const headers = { ...OWNER, ...(await loginAt(world)) }
    const unread: string[] = []
    for (const pattern of READABLE.filter((path) => !/^\/in\/|\/edit$|^\/moderate\//.test(path))) {
      const before = answers.length
      const query = queryOf(pattern, ids)
      for (const path of fillings(pattern, ids)) await world.request(path + query, { headers })
      if (!answers.slice(before).some(({ status }) => status < 400)) unread.push(pattern)
    }
    expect(unread).toEqual([])
    const sent = await box.received()
    expect(sent.length).toBeGreaterThan(10)
    expect(sent.filter((request) => JSON.stringify(request).includes(FOREIGN))).toEqual([])
    expect(JSON.stringify(sent)).toContain(PUBLIC_URL)
    // The headers of a webhook are kept as they were sent, and the inspector shows them. They are not a link.
    expect(await tablesWith(FOREIGN)).toEqual(['inbound_messages.headers'])
    const named = answers.filter(({ text }) => text.includes(FOREIGN)).map(({ request }) => request)
    expect(named.filter((request) => !/^GET \/(api|admin)\/inbound\/in_/.test(request))).toEqual([])
    expect(answers.some(({ text }) => text.includes(PUBLIC_URL))).toBe(true)
  })

  it('does not matter for forms: a form must come from the host that it is sent to', async () => {
    const { world } = foreignWorld()
    for (const [origin, status] of [
      [`https://${FOREIGN}`, 303],
      [PUBLIC_URL, 403],
      ['https://evil.example', 403],
    ] as const) {
      const headers = { ...FORM, Origin: origin }
      const response = await world.request('/admin/login', { method: 'POST', headers, body: `token=${TOKEN}` })
      expect({ origin, status: response.status }).toEqual({ origin, status })
    }
  })

  it('is used for links if PUBLIC_URL is empty, because the guestbook knows no other address', async () => {
    const world = new World()
    world.base = `https://${FOREIGN}`
    expect(await aComment(world)).toMatchObject({ url: expect.stringContaining(FOREIGN) })
  })

  it('stops being used for stored webhooks once PUBLIC_URL is set', async () => {
    const before = new World()
    before.base = `https://${FOREIGN}`
    const box = mailbox()
    await anEndpoint(before, box.url())
    const source = await aSource(before, 'unsigned', { act: 'sign', template: { name: 'Bot', body: 'Hello' } })
    await post(before, source.path, '{"n":1}')
    const after = new World({ PUBLIC_URL })
    after.queued.push(...before.queued)
    await after.drain()
    const sent = JSON.stringify(await box.received())
    expect(sent).toContain(PUBLIC_URL)
    expect(sent).not.toContain(FOREIGN)
  })
})
