import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { aComment, aGuestComment, anEndpoint, later, mailbox, restChores } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { latestMessageId, messageIds, theDelivery, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const INTERVAL = 5 * MINUTE

/** A build hook that is called at most once in five minutes. */
async function aBuildHook(world: World, behavior = 'ok', more: Record<string, unknown> = {}) {
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url(behavior), {
    format: 'build-hook',
    event_types: ['comment.*'],
    ...more,
  })
  const countCalls = async () => (await box.received()).length
  return { box, id, countCalls }
}

async function sweepAt(world: World, ms: number): Promise<void> {
  await world.sweep(later(ms))
  await world.drain()
}

/** The message that the latest call names. */
async function called(box: ReturnType<typeof mailbox>): Promise<string> {
  return JSON.parse((await box.received()).at(-1)?.body ?? '{}').client_payload.message_id
}

describe('a build hook', () => {
  it('is not called for an entry that was deleted before its call succeeded', async () => {
    const world = new World()
    const { id, box } = await aBuildHook(world, 'status/500', { event_types: ['comment.published'] })
    const { id: entry } = await aComment(world)
    await world.drain()
    await world.api('DELETE', `/api/comments/${entry}`)
    const before = (await box.received()).length
    expect(await world.api('POST', `/api/endpoints/${id}/try`)).toMatchObject({ status: 409 })
    for (let minute = 1; minute < 4; minute++) await sweepAt(world, minute * INTERVAL)
    expect((await box.received()).length).toBe(before)
  })

  it('is called once for 30 entries, and once more after the interval; other endpoints get all of them', async () => {
    const world = new World()
    const { id, countCalls } = await aBuildHook(world)
    const other = mailbox()
    await anEndpoint(world, other.url())
    await aComment(world)
    await world.drain()
    for (let i = 1; i < 30; i++) await aComment(world)
    await world.drain()
    const calls = [await countCalls()]
    for (const ms of [INTERVAL - MINUTE, INTERVAL + SECOND, 3 * INTERVAL, 30 * INTERVAL]) {
      await sweepAt(world, ms)
      calls.push(await countCalls())
    }
    expect(calls).toEqual([1, 1, 2, 2, 2])
    expect(await other.received()).toHaveLength(30)
    expect((await theEndpoint(world, id)).health).toMatchObject({ breaker: 'closed', resume_at: null })
  })

  it('is called once for entries that are dispatched at the same moment', async () => {
    const world = new World()
    const { countCalls } = await aBuildHook(world)
    for (let i = 0; i < 8; i++) await aComment(world)
    await Promise.all(world.queued.splice(0).map((message) => world.consume(message)))
    await world.drain()
    expect(await countCalls()).toBe(1)
    await sweepAt(world, INTERVAL + SECOND)
    await sweepAt(world, INTERVAL + 5 * MINUTE)
    expect(await countCalls()).toBe(1)
  })

  it('is called at once for an entry after a long pause', async () => {
    const world = new World()
    const { box, countCalls } = await aBuildHook(world)
    await aComment(world)
    await world.drain()
    await sweepAt(world, INTERVAL + SECOND)
    await aComment(world)
    await world.drain()
    expect(await countCalls()).toBe(2)
    expect(await called(box)).toBe(await latestMessageId(world))
  })

  it('is called without any text of the guest, and is signed', async () => {
    const world = new World()
    const { box } = await aBuildHook(world)
    await aComment(world, { name: 'Secret name', body: 'Secret body' })
    await world.drain()
    const [request] = await box.received()
    const payload = { type: 'comment.published', book: 'main', message_id: await latestMessageId(world) }
    expect(JSON.parse(request?.body ?? '')).toEqual({ event_type: 'guesthook', client_payload: payload })
    expect(request?.headers['webhook-signature']).toMatch(/^v1/)
  })

  it('says in the dashboard why a call waits', async () => {
    const world = new World()
    const { id } = await aBuildHook(world)
    for (let i = 0; i < 2; i++) {
      await aComment(world)
      await world.drain()
    }
    const page = await (await ownerBrowser(world)).see(`/admin/endpoints/${id}`)
    expect(page).toContain('every 5 minutes')
    expect(page).toContain('enabled')
    expect(page).not.toContain('(429')
    expect(await theDelivery(world, id)).toMatchObject({ status: 'pending', reason: 'paced' })
  })

  it('with an interval of 0 is called for each event', async () => {
    const world = new World()
    const { countCalls } = await aBuildHook(world, 'ok', { min_interval_minutes: 0 })
    for (let i = 0; i < 3; i++) await aComment(world)
    await world.drain()
    expect(await countCalls()).toBe(3)
  })

  it('costs a limited number of rows for a burst of entries', async () => {
    const world = new World()
    await aGuestComment(world)
    await aBuildHook(world)
    const rowsFor = async (entries: number) => {
      world.invocations.length = 0
      for (let i = 0; i < entries; i++) await aGuestComment(world)
      await world.drain()
      return world.invocations.reduce((total, { counts }) => total + counts.rowsWritten, 0)
    }
    // The first entry causes a call. Each of the others has a delivery that waits, which the next call settles.
    expect(await rowsFor(1)).toBeLessThanOrEqual(6 + 25)
    expect(await rowsFor(1)).toBeLessThanOrEqual(6 + 3)
    expect(await rowsFor(10)).toBeLessThanOrEqual(10 * (6 + 2))
  })
})

it('costs a new entry no more because many deliveries of a replay wait', async () => {
  const world = new World()
  const { id } = await aBuildHook(world)
  const waiting = Array.from({ length: 500 }, (_, i) => `msg_01${String(i).padStart(24, '0')}`)
  await env.DB.prepare(
    `insert into deliveries (endpoint_id, message_id, status, trigger)
     select ?1, value, 'pending', 'manual' from json_each(?2)`
  )
    .bind(id, JSON.stringify(waiting))
    .run()
  await env.DB.prepare(`update endpoints set breaker = 'held', resume_at = ?1`).bind(later(HOUR)).run()
  await aComment(world)
  world.invocations.length = 0
  await world.drain()
  expect(world.invocations.reduce((total, { counts }) => total + counts.rowsRead, 0)).toBeLessThan(200)
})

describe('a call that fails', () => {
  it('is retried on the schedule, and the interval starts with its success', async () => {
    const world = new World()
    const { id, countCalls } = await aBuildHook(world, 'fail-times/2')
    await aComment(world)
    await world.drain()
    const waits: number[] = []
    for (const calls of [1, 2]) {
      expect(await countCalls()).toBe(calls)
      const { resume_at, consecutive_failures } = (await theEndpoint(world, id)).health
      expect(consecutive_failures).toBe(calls)
      const wait = Date.parse(resume_at ?? '') - Date.now()
      waits.push(Math.ceil(wait / 5_000) * 5)
      // The delayed order is lost, so the sweep must find the retry.
      world.loseQueue()
      await sweepAt(world, wait + 1)
    }
    expect(waits).toEqual([5, 300])
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 3 })
    await aComment(world)
    await world.drain()
    await sweepAt(world, INTERVAL - SECOND)
    expect(await countCalls()).toBe(3)
    await sweepAt(world, INTERVAL + SECOND)
    expect(await countCalls()).toBe(4)
  })

  it('for the fifth time opens the breaker; after the probe that succeeds, the interval is kept', async () => {
    const world = new World()
    const { id, countCalls } = await aBuildHook(world, 'fail-times/5')
    const breakers: string[] = []
    for (let i = 0; i < 6; i++) {
      await aComment(world)
      await world.drain()
      const { breaker, resume_at } = (await theEndpoint(world, id)).health
      breakers.push(breaker)
      world.loseQueue()
      await sweepAt(world, Date.parse(resume_at ?? '') - Date.now() + 1)
    }
    expect(breakers).toEqual(['held', 'held', 'held', 'held', 'open', 'held'])
    // The sixth call was the probe. The one after it covers the entries that came since.
    expect(await countCalls()).toBe(7)
    expect((await theEndpoint(world, id)).health).toMatchObject({ breaker: 'held', consecutive_failures: 0, probes: 0 })
  })

  it('with a 429 waits as long as the receiver says', async () => {
    const world = new World()
    const { id, countCalls } = await aBuildHook(world, 'retry-after/600')
    await aComment(world)
    await world.drain()
    await sweepAt(world, INTERVAL + SECOND)
    expect(await countCalls()).toBe(1)
    expect(await theDelivery(world, id)).toMatchObject({ reason: 'throttled' })
    await sweepAt(world, 601 * SECOND)
    expect(await countCalls()).toBe(2)
  })

  it('because its order was lost is made again, and no other call is made before', async () => {
    const world = new World()
    const { countCalls } = await aBuildHook(world)
    await aComment(world)
    // The dispatch, and the release; then the order of the call is lost.
    for (let i = 0; i < 2; i++) await world.consume(world.queued.splice(0, 1)[0] as never)
    world.loseQueue()
    await aComment(world)
    await world.drain()
    for (let minute = 2; minute <= 4; minute++) await sweepAt(world, minute * MINUTE)
    expect(await countCalls()).toBe(0)
    await sweepAt(world, 5 * MINUTE)
    expect(await countCalls()).toBe(1)
    await sweepAt(world, 2 * INTERVAL)
    expect(await countCalls()).toBe(1)
  })
})

describe('a call that waits', () => {
  it('is made for the other entries if the entry that caused it is deleted', async () => {
    const world = new World()
    const { box, countCalls } = await aBuildHook(world, 'ok', { event_types: ['comment.published'] })
    await aComment(world)
    await world.drain()
    const second = await aComment(world)
    const message_id = await latestMessageId(world)
    await world.drain()
    await aComment(world)
    await world.drain()
    await world.api('DELETE', `/api/comments/${second.id}`)
    await world.drain()
    await sweepAt(world, INTERVAL + SECOND)
    expect(await countCalls()).toBe(2)
    expect(await called(box)).not.toBe(message_id)
  })

  it('covers the messages of a replay, too', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    for (let i = 0; i < 5; i++) await aComment(world)
    await world.drain()
    const { id, countCalls } = await aBuildHook(world)
    const since = new Date(later(-HOUR)).toISOString()
    await world.api('POST', `/api/endpoints/${id}/replay`, { since, only: 'missing' })
    await world.drain()
    await sweepAt(world, INTERVAL + SECOND)
    expect(await countCalls()).toBe(1)
    const ids = await messageIds(world)
    const deliveries = await Promise.all(ids.map((message_id) => theDelivery(world, id, message_id)))
    const canceled = { status: 'canceled', reason: 'coalesced' }
    expect(deliveries).toMatchObject([canceled, canceled, canceled, canceled, { status: 'delivered' }])
  })

  it('is made at once by a manual retry, and the interval starts again', async () => {
    const world = new World()
    const { id, countCalls } = await aBuildHook(world)
    for (let i = 0; i < 2; i++) {
      await aComment(world)
      await world.drain()
    }
    const path = `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`
    expect((await world.api('POST', path, { hasten: true })).status).toBe(202)
    await world.drain()
    expect(await countCalls()).toBe(2)
    expect((await theEndpoint(world, id)).health.breaker).toBe('held')
  })

  it('is made at once if the interval changes', async () => {
    const world = new World()
    const { id, countCalls } = await aBuildHook(world, 'ok', { min_interval_minutes: 1_440 })
    for (let i = 0; i < 2; i++) {
      await aComment(world)
      await world.drain()
    }
    await world.api('PATCH', `/api/endpoints/${id}`, { min_interval_minutes: 1_440 })
    await world.drain()
    expect(await countCalls()).toBe(1)
    await world.api('PATCH', `/api/endpoints/${id}`, { min_interval_minutes: 10 })
    await world.drain()
    expect(await countCalls()).toBe(2)
  })
})

describe('whatever happens, in any order,', () => {
  afterEach(() => void vi.useRealTimers())

  /** Pseudorandom numbers below a limit, always the same ones for a seed. */
  function randomFrom(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
  }

  const STEPS: ((world: World, random: (below: number) => number) => Promise<unknown>)[] = [
    (world) => aComment(world),
    (world) => aComment(world),
    async (world) => world.loseQueue(),
    (world) => world.drain(),
    (world) => world.drainDelayed(),
    (world) => Promise.all(world.queued.splice(0).map((message) => world.consume(message))),
    (world) => world.sweep(Date.now()),
    async (world, random) => {
      vi.setSystemTime(Date.now() + random(3 * MINUTE))
      await world.sweep(Date.now())
      await world.drain()
    },
  ]

  it.each([1, 2, 3])(
    'calls are an interval apart, and the last entry is covered (seed %i)',
    { timeout: 20_000 },
    async (seed) => {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 24, 10) })
      const world = new World()
      await restChores()
      const { countCalls } = await aBuildHook(world)
      const random = randomFrom(seed)
      for (let i = 0; i < 30; i++) await STEPS[random(STEPS.length)]?.(world, random)
      await aComment(world)
      const lastEntry = Date.now()
      for (let minute = 0; minute < 12; minute++) {
        vi.setSystemTime(Date.now() + MINUTE)
        await world.sweep(Date.now())
        await world.drainDelayed()
      }
      const times = world.sent.map(({ at }) => at)
      expect(times).toHaveLength(await countCalls())
      expect(times.at(-1)).toBeGreaterThanOrEqual(lastEntry)
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0))
      expect(gaps.filter((gap) => gap < INTERVAL)).toEqual([])
    }
  )
})
