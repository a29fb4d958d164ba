import { describe, expect, it, vi } from 'vitest'
import { letPass } from '../../support/clock'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser, signAsGuest, withoutModeration } from '../../support/session'
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

  it('does not lose what a guest has written', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const world = await withoutModeration(new World())
    const body = 'A long and thoughtful entry'
    await world.request('/')
    const responses = await failingEach(world, () => signAsGuest(world, { body }))
    expect(responses.at(-1)?.status).toBe(303)
    const pages = await Promise.all(responses.slice(0, -1).map((response) => response.text()))
    expect(pages.filter((html) => html.includes(body))).not.toEqual([])
  })
})
