import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import app from '../../../src/app'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { FORM, session } from '../../support/session'
import { aSource, githubPost } from '../../support/sources'
import { latestMessageId } from '../../support/views'
import { TOKEN, World } from '../../support/world'

/*
 * Paths, queries and forms that no page of ours sends. Each of them gets an explanation, never a 500.
 */

const OWNER = { Authorization: `Bearer ${TOKEN}` }
const JSON_TYPE = { 'Content-Type': 'application/json' }

/** What a path segment or a value in a query can contain, as it is sent. */
const ODD = [
  '*',
  '%2A',
  ':id',
  '%3Aid',
  '..',
  '%2e%2e',
  '%2E%2E%2F',
  'a%0D%0ALocation:%20x',
  '%0A',
  '%00',
  'a%00b',
  '%FF',
  '%E0%A4',
  '%',
  '%zz',
  '%25',
  '%2F%2Fevil.example',
  '%5Cevil.example',
  '%3Fa=b',
  '%23x',
  '%20',
  'é',
  '%F0%9F%98%80',
  '__proto__',
  'constructor',
  '-1',
  '1e999',
  "'",
  '%22%3E%3Cscript%3E',
  'null',
  'x'.repeat(101),
  'x'.repeat(5_000),
]

/** Names of the parameters that the program reads from queries and forms. */
const NAMES = [
  'after',
  'action',
  'before',
  'cursor',
  'done',
  'dry_run',
  'event_type',
  'event_types',
  'grace_seconds',
  'key',
  'limit',
  'next',
  'only',
  'part',
  'provider',
  'q',
  'secret',
  'signed',
  'since',
  'source',
  'status',
  'tested',
  'to',
  'token',
  'type',
  'until',
  'url',
]

/** Each route once. Middleware is registered for the method ALL. */
const ROUTES = [...new Map(app.routes.map(({ method, path }) => [`${method} ${path}`, { method, path }])).values()]
/** Routes with a parameter. */
const WITH_ID = ROUTES.filter(({ method, path }) => method !== 'ALL' && path.includes(':'))
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Ids of rows that exist, so that a request gets past the first check. */
async function realIds(world: World): Promise<string[]> {
  const endpoint = await anEndpoint(world, mailbox().url())
  const comment = await aComment(world)
  const source = await aSource(world, 'github', { secret: 'hush' })
  const inbound = await githubPost(world, source.path, 'hush', '{"zen":"x"}')
  await world.drain()
  return [endpoint.id, comment.id, source.id, inbound.body.id, await latestMessageId(world), source.path.slice(4)]
}

const segment = (ids: string[]) =>
  fc.oneof(fc.constantFrom(...ODD), fc.constantFrom(...ids), fc.string({ unit: 'binary', maxLength: 12 }).map(encode))

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

const query = (ids: string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom(...NAMES), segment(ids)), { maxLength: 4 })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value.replace(/[#&]/g, '')}`).join('&'))

function fill(pattern: string, segments: string[]): string {
  let i = 0
  return pattern.replace(/:\w+(\{[^}]*\})?|\*/g, () => segments[i++ % segments.length] ?? '')
}

const BODIES = ['', '{}', '{"limit":1e999}', '[]', '{"url":"x","name":"a","body":"b","type":"ping","data":{}}']

const DASHBOARD = /^\/admin/

interface Sent {
  path: string
  method: string
  headers: Record<string, string>
  body: string
}

async function send(world: World, { path, method, headers, body }: Sent): Promise<Response> {
  if (method === 'GET' || method === 'HEAD') return world.request(path, { method, headers })
  const length = { 'Content-Length': String(body.length) }
  return world.request(path, { method, headers: { ...headers, ...length }, body })
}

async function expectAnswer(world: World, sent: Sent): Promise<void> {
  const response = await send(world, sent)
  const text = await response.text()
  expect(response.status, `${sent.method} ${sent.path} ${text}`).toBeLessThan(500)
  expect(response.headers.get('Location') ?? '/').toMatch(/^\/(?![/\\])[!-~]*$/)
}

describe('odd requests', () => {
  it('get a response at every route that has a parameter', { timeout: 120_000 }, async () => {
    const world = new World()
    const cookie = await session(world)
    expect(WITH_ID.length).toBeGreaterThan(60)
    for (const { method, path } of WITH_ID) {
      for (const odd of ODD) {
        const headers = DASHBOARD.test(path) ? { ...FORM, ...cookie } : { ...OWNER, ...JSON_TYPE }
        const body = DASHBOARD.test(path) ? 'a=b' : '{}'
        await expectAnswer(world, { path: fill(path, [odd]), method, headers, body })
      }
    }
  })

  it('get a response with any query, any form and any method, from anybody', { timeout: 120_000 }, async () => {
    const world = new World()
    const ids = await realIds(world)
    const cookie = await session(world)
    const strangers = [{}, FORM, JSON_TYPE]
    const request = fc.record({
      route: fc.constantFrom(...ROUTES),
      segments: fc.array(segment(ids), { minLength: 1, maxLength: 3 }),
      query: query(ids),
      form: query(ids),
      json: fc.constantFrom(...BODIES),
      otherMethod: fc.option(fc.constantFrom(...METHODS), { freq: 5 }),
      stranger: fc.option(fc.constantFrom<Record<string, string>>(...strangers), { freq: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(request, async ({ route, segments, query, form, json, otherMethod, stranger }) => {
        const owner = DASHBOARD.test(route.path) ? { ...FORM, ...cookie } : { ...OWNER, ...JSON_TYPE }
        const headers: Record<string, string> = stranger ?? owner
        const method = otherMethod ?? (route.method === 'ALL' ? 'POST' : route.method)
        const body = headers['Content-Type'] === FORM['Content-Type'] ? form : json
        await expectAnswer(world, { path: `${fill(route.path, segments)}?${query}`, method, headers, body })
      }),
      { numRuns: 1_000 }
    )
  })

  it.each([
    ['DELETE', '/api/comments/*'],
    ['PATCH', '/api/comments/*'],
    ['DELETE', '/api/comments/%2A'],
    ['DELETE', '/api/comments/:id'],
    ['POST', '/api/endpoints/*/secret/rotate'],
    ['POST', '/api/comments/..%2f*'],
  ])('%s %s with a body is a 4xx, although the router knows that path as a pattern', async (method, path) => {
    const world = new World()
    const response = await send(world, { path, method, headers: { ...OWNER, ...JSON_TYPE }, body: '{}' })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/\S/) })
  })

  it.each(ODD)('the dashboard explains that no job, endpoint or message is named %j', async (name) => {
    const world = new World()
    const headers = { ...FORM, ...(await session(world)) }
    for (const path of [
      `/admin/endpoints/${name}/jobs/${name}/cancel`,
      `/admin/endpoints/${name}/disable`,
      `/admin/messages/${name}/deliveries/${name}/retry`,
      `/admin/sources/${name}/pause`,
      `/admin/inbound/${name}/process`,
    ]) {
      const response = await world.request(path, { method: 'POST', headers, body: '' })
      expect([303, 404, 405]).toContain(response.status)
      expect(response.headers.get('Location') ?? '/admin').toMatch(/^\/admin[!-~]*$/)
    }
  })

  it('a login continues at a page of the dashboard, whatever "next" says', async () => {
    const world = new World()
    for (const next of [
      ...ODD,
      '/admin%0d%0aSet-Cookie:%20a=b',
      '/admin/%5c..',
      '//evil.example',
      '/admin?x=%0a',
      '/admin/%252e%252e//evil.example',
    ]) {
      const body = `token=${TOKEN}&next=${next}`
      const headers = { ...FORM, 'CF-Connecting-IP': `203.0.113.${crypto.randomUUID()}` }
      const response = await world.request('/admin/login', { method: 'POST', headers, body })
      // A form that is not UTF-8 is refused.
      expect([303, 400]).toContain(response.status)
      expect(response.headers.get('Location') ?? '/admin').toMatch(/^\/admin[\w\-./?=&%]*$/)
      expect(response.headers.get('Location') ?? '').not.toMatch(/\.\.|%2e/i)
      expect(response.headers.getSetCookie()).toHaveLength(response.status === 303 ? 1 : 0)
    }
  })
})
