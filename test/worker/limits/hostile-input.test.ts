import { describe, expect, it, vi } from 'vitest'
import { EN } from '../../../src/guestbook/rules/languages/en'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { FORM as SAME_ORIGIN_FORM } from '../../support/session'
import { latestMessageId } from '../../support/views'
import { TOKEN, World } from '../../support/world'

const OWNER = { Authorization: `Bearer ${TOKEN}` }
const JSON_TYPE = { 'Content-Type': 'application/json' }
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** None of these may cause a 500, and each response must say what is wrong. */
describe('hostile input to the API', () => {
  const good = { name: 'Ada', body: 'Hello' }
  const text = (value: unknown) => JSON.stringify(value)

  it.each<[string, string | Uint8Array<ArrayBuffer>, number, string?]>([
    ['malformed JSON', '{', 400, 'not_json'],
    ['an array', '[]', 422],
    ['null', 'null', 422],
    ['a number', '42', 422],
    ['an empty object', '{}', 422],
    ['a missing name', text({ body: 'x' }), 422],
    ['a number as a name', text({ ...good, name: 7 }), 422],
    ['an array as a body', text({ ...good, body: ['x'] }), 422],
    ['an object as a website', text({ ...good, website: {} }), 422],
    ['an unknown field', text({ ...good, admin: true }), 422],
    ['__proto__', '{"name":"a","body":"b","__proto__":{"status":"hidden"}}', 422],
    ['a blank name', text({ ...good, name: ' \u200b ' }), 422],
    ['a long name', text({ ...good, name: 'x'.repeat(81) }), 422],
    ['a name of 1 MB', text({ ...good, name: 'x'.repeat(1_048_576) }), 413, 'too_large'],
    ['a lone surrogate', '{"name":"\\ud800","body":"x"}', 422],
    ['NUL', '{"name":"a\\u0000b","body":"x"}', 422],
    ['a text direction override', text({ ...good, body: 'abc\u202edcba' }), 422],
    ['a script as a website', text({ ...good, website: 'javascript:alert(1)' }), 422],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400, 'not_utf8'],
    ['deep nesting', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 422, 'too_deep'],
    ['thousands of escaped quotes', '"\\"'.repeat(20_000), 400, 'not_json'],
    ['thousands of unknown fields', `{${Array.from({ length: 4_000 }, (_, i) => `"f${i}":0`)}}`, 422],
    ['thousands of values', `{"name":[${'0,'.repeat(4_000)}0]}`, 422],
    ['16,000 accents in the name', text({ ...good, name: `a${'\u0301\u0323'.repeat(8_000)}` }), 422],
    ['16,000 accents in the body', text({ ...good, body: `a${'\u0301\u0323'.repeat(7_999)}` }), 422],
    ['16,000 spaces in a line', text({ ...good, body: `x${' '.repeat(15_998)}x` }), 422],
  ])('a comment with %s is rejected', async (_, body, status, code) => {
    const world = new World()
    const response = await world.request('/api/comments', {
      method: 'POST',
      headers: { ...OWNER, ...JSON_TYPE },
      body,
    })
    await expectProblem(response, status, code)
  })

  it.each([
    ['unknown fields', `{${Array.from({ length: 6_500 }, (_, i) => `"f${i}":0`)}}`],
    ['values', `{"name":[${'0,'.repeat(6_500)}0]}`],
  ])('a comment with thousands of %s gets one error, because no field is checked', async (_, body) => {
    const headers = { ...OWNER, ...JSON_TYPE }
    const response = await new World().request('/api/comments', { method: 'POST', headers, body })
    const { errors } = (await response.json()) as { errors: { path: string }[] }
    expect(errors.map(({ path }) => path)).toEqual([''])
  })

  it.each([
    ['application/x-www-form-urlencoded', 'name=a&body=b'],
    ['text/plain', '{"name":"a","body":"b"}'],
    ['', '{"name":"a","body":"b"}'],
    ['multipart/form-data; boundary=x', '--x--'],
  ])('a comment with the content type "%s" is rejected', async (type, body) => {
    const world = new World()
    const headers = new Headers(OWNER)
    if (type) headers.set('Content-Type', type)
    const bytes = new TextEncoder().encode(body)
    await expectProblem(await world.request('/api/comments', { method: 'POST', headers, body: bytes }), 415, 'not_json')
  })

  it.each<[string, unknown]>([
    ['no URL', {}],
    ['a number', { url: 1 }],
    ['not a URL', { url: 'nonsense' }],
    ['an empty URL', { url: '' }],
    ['a private address', { url: 'https://10.0.0.1/' }],
    ['a metadata address', { url: 'https://169.254.169.254/latest' }],
    ['a long URL', { url: `https://example.com/${'x'.repeat(3_000)}` }],
    ['no event types', { url: 'https://example.com/', event_types: [] }],
    ['a bad event type', { url: 'https://example.com/', event_types: ['comment..published'] }],
    ['a star inside', { url: 'https://example.com/', event_types: ['*.published'] }],
    ['too many event types', { url: 'https://example.com/', event_types: Array(51).fill('a') }],
    ['a short secret', { url: 'https://example.com/', secret: 'whsec_AAAA' }],
    ['a secret without its prefix', { url: 'https://example.com/', secret: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
    ['an unknown field', { url: 'https://example.com/', status: 'enabled' }],
    ['a long description', { url: 'https://example.com/', description: 'x'.repeat(201) }],
  ])('an endpoint with %s is rejected', async (_, body) => {
    const world = new World()
    await expectProblem(await post(world, '/api/endpoints', body), 422)
  })

  it.each<[string, unknown, number]>([
    ['no type', { data: {} }, 422],
    ['a bad type', { type: 'a b', data: {} }, 422],
    ['no data', { type: 'a' }, 422],
    ['a list as data', { type: 'a', data: [] }, 422],
    ['an id of another kind', { type: 'a', data: {}, id: 'cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A' }, 422],
    ['an id with a dot', { type: 'a', data: {}, id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0.' }, 422],
    ['deep nesting', { type: 'a', data: nest(70) }, 422],
    ['more than 256 KiB', { type: 'a', data: { x: 'y'.repeat(300_000) } }, 413],
  ])('a message with %s is rejected', async (_, body, status) => {
    const world = new World()
    await expectProblem(await post(world, '/api/messages', body), status)
  })

  it.each([
    ['/api/comments?limit=0', 422],
    ['/api/comments?limit=101', 422],
    ['/api/comments?limit=abc', 422],
    ['/api/comments?limit=1e9', 422],
    ['/api/comments?cursor=nonsense', 400],
    ['/api/comments?cursor=%00', 400],
    ["/api/comments?cursor='%3bdrop table comments", 400],
    ['/api/comments?cursor=msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', 400],
    [`/api/comments?cursor=${'x'.repeat(5_000)}`, 422],
    ["/api/books/main/embed/entries?cursor='%3bdrop table comments.1", 400],
    [`/api/books/main/embed/entries?language=${'x'.repeat(101)}`, 422],
    ['/api/comments/nonsense', 404],
    ['/api/comments/%00', 404],
    ['/api/comments/%ff', 404],
    ['/api/messages?cursor=x', 400],
    ['/api/messages/nonsense', 404],
    ['/api/messages/a/deliveries/b', 404],
    ['/api/endpoints/nonsense', 404],
    ['/api/endpoints/nonsense/secret', 404],
    ['/api/endpoints/nonsense/deliveries', 404],
    ['/api/nothing', 404],
    [`/api/${'x'.repeat(8_000)}`, 404],
  ])('GET %s returns %i', async (path, status) => {
    const world = new World()
    await expectProblem(await world.request(path, { headers: OWNER }), status)
  })

  it('a POST without a body returns 422 if a field is required, and 200 otherwise', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const accepted: number[] = []
    for (const headers of [OWNER, { ...OWNER, ...JSON_TYPE }]) {
      for (const path of ['/api/comments', '/api/endpoints', '/api/messages']) {
        for (const body of [undefined, '']) {
          const init = body === undefined ? {} : { body: new TextEncoder().encode(body) }
          await expectProblem(await world.request(path, { method: 'POST', headers, ...init }), 422)
        }
      }
      for (const path of [`${id}/test`, `${id}/secret/rotate`, `${id}/enable`, `${id}/disable`]) {
        for (const init of [{}, { body: new Uint8Array() }]) {
          const call = { method: 'POST', headers, ...init }
          accepted.push((await world.request(`/api/endpoints/${path}`, call)).status)
        }
      }
    }
    expect(accepted).toEqual(Array(16).fill(200))
  })

  it('a list rejects an unknown status and a cursor from another list', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const path = `/api/endpoints/${id}/deliveries`
    await expectProblem(await world.request(`${path}?status=lost`, { headers: OWNER }), 422)
    await expectProblem(await world.request(`${path}?cursor=${id}`, { headers: OWNER }), 400)
  })

  it.each([
    ['PUT', '/api/comments'],
    ['DELETE', '/api/comments'],
    ['POST', '/api/comments/cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'],
    ['PUT', '/api/endpoints'],
    ['DELETE', '/api/messages'],
    ['PUT', '/api/event-types'],
  ])('%s %s returns the methods that are allowed', async (method, path) => {
    const world = new World()
    const response = await world.request(path, { method, headers: OWNER })
    await expectProblem(response, 405, 'method_not_allowed')
    expect(response.headers.get('Allow')).toMatch(/GET|POST|PATCH/)
  })

  it.each<[string, unknown]>([
    ['rotate', { grace_seconds: -1 }],
    ['rotate', { grace_seconds: 604_801 }],
    ['rotate', { grace_seconds: '5' }],
    ['rotate', { secret: 'whsec_!' }],
    ['test', { type: 'no.such.type' }],
    ['test', { type: 5 }],
    ['patch', { url: 'http://example.com/' }],
    ['patch', { status: 'disabled' }],
    ['patch', { event_types: 'comment.*' }],
  ])('the endpoint action "%s" rejects %j', async (action, body) => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const paths = { rotate: `${id}/secret/rotate`, test: `${id}/test`, patch: id }
    const path = `/api/endpoints/${paths[action as keyof typeof paths]}`
    await expectProblem(await post(world, path, body, action === 'patch' ? 'PATCH' : 'POST'), 422)
  })

  it.each(['', ' ', 'x'.repeat(256), 'naïve', 'a b'])('the Idempotency-Key "%s" is rejected', async (key) => {
    const world = new World()
    const headers = { ...OWNER, ...JSON_TYPE, 'Idempotency-Key': key }
    const response = await world.request('/api/comments', {
      method: 'POST',
      headers,
      body: text(good),
    })
    expect([400, 422]).toContain(response.status)
  })
})

describe('a path', () => {
  const deep = (segments: number) => '/a'.repeat(segments)

  it.each([
    ['1,024 characters', `/${'a'.repeat(1_023)}`],
    ['1,025 characters', `/${'a'.repeat(1_024)}`],
    ['15 KB', deep(7_500)],
    ['15 KB of slashes', '/'.repeat(15_000)],
    ['15 KB, escaped', '/%61'.repeat(3_750)],
    ['12 segments', deep(12)],
    ['13 segments', deep(13)],
  ])('of %s gets a 404 that says what to do, from the API and from the pages', async (_, path) => {
    const world = new World()
    await expectProblem(await world.request(`/api${path}`), 404, 'not_found')
    const response = await world.request(path, { method: 'POST' })
    expect(response.status).toBe(404)
    expect(await response.text()).toContain(EN.error_gone)
  })

  it('is compared with the routes, for the methods that it accepts, only up to 12 segments', async () => {
    const split = vi.spyOn(String.prototype, 'split')
    const longest = () => Math.max(...split.mock.contexts.map((text) => String(text).length))
    await new World().request(deep(7_500), { method: 'POST' })
    // One split counts the segments. Without the limit, there is one for each of the routes.
    expect(split.mock.contexts.filter((text) => String(text).length > 1_000).length).toBeLessThanOrEqual(1)
    split.mockClear()
    await new World().request(deep(12), { method: 'POST' })
    expect(longest()).toBeLessThan(1_000)
    split.mockRestore()
  })
})

describe('hostile input to the pages of the guestbook', () => {
  it.each([
    ['of JSON', 'application/json', '{}', 415],
    ['of multipart data', 'multipart/form-data; boundary=x', '--x--', 415],
    ['with invalid UTF-8', FORM_TYPE, 'name=%ff%fe&body=x', 422],
    ['with NUL', FORM_TYPE, 'name=%00&body=x', 422],
    ['without fields', FORM_TYPE, '', 422],
    ['of 70 KB', FORM_TYPE, `name=a&body=${'x'.repeat(70_000)}`, 413],
    ['of 1,001 fields', FORM_TYPE, `name=a&body=b${'&'.repeat(999)}`, 413],
    ['with 31 accents on one character', FORM_TYPE, `name=a${'%CC%81'.repeat(31)}&body=x`, 422],
  ])('a form %s is shown again', async (_, type, body, status) => {
    const response = await sign(type, body)
    expect(response.status).toBe(status)
    expect(await response.text()).toContain('Sign my guestbook!')
  })

  it('a form of 1,000 fields is accepted', async () => {
    expect((await sign(FORM_TYPE, `name=a&body=b${'&x'.repeat(998)}`)).status).toBe(303)
  })

  it('a login form of 1,001 fields is refused', async () => {
    const body = `token=x${'&'.repeat(1_000)}`
    const response = await new World().request('/admin/login', { method: 'POST', headers: SAME_ORIGIN_FORM, body })
    expect(response.status).toBe(413)
    expect(await response.text()).toContain('1,000 fields')
  })

  it('a form with stray percent signs is accepted', async () => {
    expect((await sign(FORM_TYPE, 'name=%&body=%zz')).status).toBe(303)
  })

  it.each(['/?before=nonsense', '/?before=%00', '/comments/nonsense', '/nowhere', '/comments/%ff'])(
    '%s shows an error page in the style of the guestbook',
    async (path) => {
      const world = new World()
      const response = await world.request(path)
      expect([400, 404]).toContain(response.status)
      const html = await response.text()
      expect(html).toContain('/guestbook.css')
      // Only faults are logged, so the id of this request would lead nowhere.
      expect(html).not.toContain(response.headers.get('X-Request-Id'))
    }
  )
})

describe('a visitor', () => {
  it('sees only the request id of an internal error', async () => {
    const world = new World()
    world.recorder.failNextD1 = new Error('D1_ERROR: secret internals')
    const response = await world.request('/api/comments')
    const body = await response.text()
    expect(response.status).toBe(500)
    expect(body).not.toContain('internals')
    expect(JSON.parse(body)).toMatchObject({
      code: 'internal_error',
      request_id: response.headers.get('X-Request-Id'),
    })
    world.recorder.failNextD1 = new Error('D1_ERROR: secret internals')
    expect((await world.request('/healthz')).status).toBe(503)
    world.recorder.failNextD1 = new Error('D1_ERROR: secret internals')
    const page = await world.request('/')
    expect(page.status).toBe(500)
    expect(await page.text()).toContain('/guestbook.css')
  })

  it('cannot see a held comment', async () => {
    const world = new World()
    const { id } = await aComment(world, {
      body: 'http://a.example http://b.example http://c.example',
    })
    expect(await latestMessageId(world)).toMatch(/^msg_/)
    expect((await world.request(`/api/comments/${id}`)).status).toBe(404)
    expect((await world.request(`/comments/${id}`)).status).toBe(404)
    expect(await (await world.request('/')).text()).not.toContain('a.example')
    expect((await world.api('GET', '/api/comments')).body).toMatchObject({ data: [] })
    expect((await world.api('GET', `/api/comments/${id}`)).body).toMatchObject({ status: 'held' })
  })
})

function sign(type: string, body: string): Promise<Response> {
  return new World().request('/sign', { method: 'POST', headers: { 'Content-Type': type }, body })
}

function nest(depth: number): Record<string, unknown> {
  return depth === 0 ? {} : { x: nest(depth - 1) }
}

async function post(world: World, path: string, body: unknown, method = 'POST'): Promise<Response> {
  return world.request(path, {
    method,
    headers: { ...OWNER, ...JSON_TYPE },
    body: JSON.stringify(body),
  })
}

async function expectProblem(response: Response, status: number, code?: string): Promise<void> {
  const body = await response.text()
  expect(response.status, body).toBe(status)
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  const problem = JSON.parse(body)
  const text = expect.stringMatching(/\S/)
  expect(problem).toMatchObject({
    status,
    request_id: response.headers.get('X-Request-Id'),
    type: text,
    title: text,
    detail: text,
    code: code ?? text,
  })
  const messages: string[] = problem.errors.map((error: { message: string }) => error.message)
  expect(messages.length).toBeGreaterThanOrEqual(status === 422 ? 1 : 0)
  expect(messages).toEqual(messages.map(() => text))
}
