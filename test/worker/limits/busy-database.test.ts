import { describe, expect, it, vi } from 'vitest'
import { translator } from '../../core/guestbook/languages/translators'
import { letPass } from '../../support/clock'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { FORM, ownerBrowser, signAsGuest, withoutModeration } from '../../support/session'
import { aSource, post } from '../../support/sources'
import { World } from '../../support/world'

/** What D1 says, locally and on the platform, when it did not run a call. */
const BUSY = [
  'D1_ERROR: database is locked: SQLITE_BUSY',
  'D1_ERROR: database table is locked: SQLITE_LOCKED',
  'D1_ERROR: D1 DB is overloaded. Too many requests queued.',
]

/**
 * Repeats a request until no call to the database is left that could fail.
 * @returns the responses, the last of them good
 */
async function failingEach(world: World, send: () => Promise<Response>, message = BUSY[0]): Promise<Response[]> {
  const responses: Response[] = []
  for (let failing = 1; ; failing++) {
    world.recorder.fault = { callsLeft: failing, isCommitted: false, error: new Error(message) }
    responses.push(await send())
    if (world.recorder.fault !== undefined) break
  }
  world.recorder.fault = undefined
  return responses
}

const FULL = [
  'D1_ERROR: Exceeded maximum DB size: SQLITE_FULL',
  "D1_ERROR: Your account has exceeded D1's maximum account storage limit",
]

describe('a database that is busy or full', () => {
  it.each([...BUSY.map((message) => ['5', message] as const), ...FULL.map((message) => ['3600', message] as const)])(
    'is a 503 with Retry-After: %s at every door: %s',
    async (after, message) => {
      vi.spyOn(console, 'error').mockReturnValue()
      const world = await withoutModeration(new World())
      const source = await aSource(world, 'github')
      const { get } = await ownerBrowser(world)
      const entry = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"A","body":"B"}' }
      const doors = [
        () => world.request('/api/comments'),
        () =>
          world.request('/api/comments', { ...entry, body: JSON.stringify({ name: 'A', body: crypto.randomUUID() }) }),
        () => world.request(source.path, { method: 'POST', body: crypto.randomUUID() }),
        () => world.request('/?page=1'),
        () => get('/admin/endpoints'),
      ]
      for (const send of doors) {
        const answers = (await failingEach(world, send, message)).map(({ status, headers }) => ({
          status,
          retryAfter: headers.get('Retry-After'),
        }))
        expect(answers[0]).toEqual({ status: 503, retryAfter: after })
        // A call whose result nobody waits for may fail unseen.
        expect(answers.filter(({ status }) => status >= 500 && status !== 503)).toEqual([])
      }
    }
  )

  it('has a code of its own in the API', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const world = new World()
    for (const [message, code] of [
      [BUSY[0], 'database_busy'],
      [FULL[0], 'storage_full'],
    ]) {
      world.recorder.failNextD1 = new Error(message)
      const { status, body } = await world.api('GET', '/api/endpoints')
      expect([status, body.code]).toEqual([503, code])
    }
  })

  it.each([
    ['at once', 'ok'],
    ['while the invocation goes on in the background', 'late-500/700'],
  ])('calls no receiver again and again if the result cannot be stored: it answers %s', async (_when, behavior) => {
    vi.spyOn(console, 'error').mockReturnValue()
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(behavior))
    await aComment(world)
    world.recorder.gate = async (statements) => {
      if (statements.some(({ sql }) => /insert\b.*\battempts/is.test(sql))) throw new Error(FULL[0])
    }
    for (let round = 0; round < 6; round++) {
      for (const message of world.queued.splice(0)) if (!(await world.consume(message))) world.queued.push(message)
      letPass(140_000)
      await world.sweep(Date.now())
    }
    expect(await box.received()).toHaveLength(1)
  })

  it('lets orders to process requests wait, too', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const world = new World()
    const source = await aSource(world, 'unsigned')
    await post(world, source.path, '{}')
    const [order] = world.queued.splice(0)
    if (!order) throw new Error('There is no order.')
    world.recorder.gate = () => Promise.reject(new Error(FULL[0]))
    expect(await world.consume(order)).toBe(false)
    world.recorder.gate = () => Promise.resolve()
    expect(await world.consume(order)).toBe(false)
    expect(world.invocations.at(-1)?.counts).toMatchObject({ queries: 0 })
  })

  it('stores nothing, and the same request succeeds afterwards', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const world = await withoutModeration(new World())
    const source = await aSource(world, 'github')
    world.recorder.failNextD1 = new Error(BUSY[0])
    expect((await post(world, source.path, '{}')).status).toBe(503)
    expect((await post(world, source.path, '{}')).body.repeat).toBeUndefined()
  })
})

const USED_UP = "D1_ERROR: Your account has exceeded D1's free tier daily row write limit."
const TYPED = 'A long and thoughtful entry'

/** Sends the same form to a new isolate each time, until no call to the database is left that could fail. */
async function everyRefusal(send: (cold: World) => Promise<Response>, message?: string) {
  const pages: { status: number; html: string }[] = []
  for (let failing = 1; ; failing++) {
    const cold = new World()
    cold.recorder.fault = { callsLeft: failing, isCommitted: false, error: new Error(message) }
    const response = await send(cold)
    if (cold.recorder.fault !== undefined) return pages
    // A call whose result nobody waits for may fail unseen.
    if (response.status >= 400) pages.push({ status: response.status, html: await response.text() })
  }
}

describe.each([BUSY[0], FULL[0], USED_UP])('a guest loses nothing, whichever call fails: %s', (message) => {
  let guests = 0
  const aNetwork = () => ({ 'CF-Connecting-IP': `10.2.0.${guests++}` })
  const expectText = (pages: { status: number; html: string }[]) => {
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.filter(({ status, html }) => status !== 503 || !html.includes(TYPED))).toEqual([])
  }

  it.each([
    ['/sign', {}],
    ['/embed/main/sign', {}],
    ['/sign', { preview: 'on' }],
  ])('signing at %s %j', async (path, more) => {
    vi.spyOn(console, 'error').mockReturnValue()
    await withoutModeration(new World())
    const fields = { body: TYPED, ...more }
    expectText(await everyRefusal((cold) => signAsGuest(cold, fields, { path, headers: aNetwork() }), message))
  })

  it('changing an entry', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const world = await withoutModeration(new World())
    const signed = await signAsGuest(world, {})
    const Cookie = signed.headers.get('Set-Cookie')?.split(';')[0] ?? ''
    const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/comments')
    const form = new URLSearchParams({ name: 'Ada', body: TYPED }).toString()
    const path = `/comments/${body.data[0]?.id}/edit`
    const send = (cold: World) =>
      cold.request(path, { method: 'POST', headers: { ...FORM, ...aNetwork(), Cookie }, body: form })
    expectText(await everyRefusal(send, message))
  })
})

it('a guest loses nothing in a new isolate if nothing can be written until tomorrow', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  await withoutModeration(new World())
  const cold = new World()
  cold.recorder.usedUp = 'write'
  const response = await signAsGuest(cold, { body: TYPED })
  expect([response.status, await response.text()]).toEqual([503, expect.stringContaining(TYPED)])
})

it('a guest whose language is not English reads in it that the database is busy', async () => {
  vi.spyOn(console, 'error').mockReturnValue()
  const world = await withoutModeration(new World())
  world.recorder.failNextD1 = new Error(BUSY[0])
  const html = await (await signAsGuest(world, {}, { headers: { 'Accept-Language': 'de' } })).text()
  expect(html).toContain(translator('de').text('error_later'))
  expect(html).not.toContain('database')
})
