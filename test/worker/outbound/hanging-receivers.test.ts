import { describe, expect, it, vi } from 'vitest'
import { HEALTHY } from '../../../src/webhooks/rules/delivering/endpoint-health'
import { laneNow, noteBegin } from '../../../src/webhooks/send/deliver/hanging'
import type { WorkOrder } from '../../../src/webhooks/work/orders'
import { aComment, anEndpoint, later, mailbox } from '../../support/fixtures'
import { theEndpoint } from '../../support/views'
import type { World as Worlds } from '../../support/world'
import { World } from '../../support/world'

type AttemptOrder = Extract<WorkOrder, { kind: 'attempt' }>

/** Waits for the next queue messages. */
async function nextQueued(world: Worlds) {
  const deadline = Date.now() + 5_000
  while (world.queued.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  return world.queued.splice(0)
}

/** A book with six receivers that never answer, dispatched before six that do. */
async function aMixedBook(world: Worlds) {
  const [sick, well] = [mailbox(), mailbox()]
  const book = await aBook(world)
  // Endpoints are dispatched in the order of their ids, so the one registered last comes last.
  for (let i = 0; i < 6; i++) await anEndpoint(world, sick.url('hang'), { books: [book] })
  for (let i = 0; i < 6; i++) await anEndpoint(world, well.url('ok'), { books: [book] })
  return { sick, well, book }
}

/** Each receiver belongs to one book, so that several tests can wait for a deadline at the same time. */
async function aBook(world: Worlds): Promise<string> {
  const slug = `b-${crypto.randomUUID().slice(0, 8)}`
  expect((await world.api('POST', '/api/books', { slug, title: slug })).status).toBe(201)
  return slug
}

/** Waiting deliveries are handed over, and the next message bypasses the receivers that hang. */
async function healthyReceiversDoNotWait() {
  const world = new World()
  const { sick, well, book } = await aMixedBook(world)
  await aComment(world, { book })
  const [dispatch] = world.queued.splice(0)
  if (!dispatch) throw new Error('No dispatch was sent.')
  const hanging = world.consume(dispatch)
  const [handedOver, ...more] = await nextQueued(world)
  expect(more).toEqual([])
  expect(handedOver).toMatchObject({ queue: 'guesthook-fresh', body: { kind: 'attempt' } })
  expect(await well.received()).toEqual([])
  if (handedOver) expect(await world.consume(handedOver)).toBe(true)
  expect(await well.received()).toHaveLength(6)
  await aComment(world, { book })
  const [second] = world.queued.splice(0)
  if (second) expect(await world.consume(second)).toBe(true)
  // The second dispatch serves the healthy six; the other deliveries use the patient lane.
  expect(await well.received()).toHaveLength(12)
  expect(world.queued.map(({ queue }) => queue)).toEqual(['guesthook-patient'])
  expect(await sick.received()).toHaveLength(6)
  // Only now do the hanging attempts reach their deadline, and then they are settled.
  expect(await hanging).toBe(true)
  const { message_id } = dispatch.body as { message_id: string }
  const { body } = await world.api<{ deliveries: { attempt_count: number }[] }>('GET', `/api/messages/${message_id}`)
  expect(body.deliveries.map((one) => one.attempt_count)).toEqual(Array(12).fill(1))
}

/** @returns a check that the sweep finds the deliveries that the queue refused */
async function nothingIsLostIfTheQueueRefuses() {
  const world = new World()
  const { well, book } = await aMixedBook(world)
  await aComment(world, { book })
  const [dispatch] = world.queued.splice(0)
  if (!dispatch) throw new Error('No dispatch was sent.')
  world.queueFault = new Error('queue down')
  expect(await world.consume(dispatch)).toBe(true)
  world.queueFault = undefined
  expect(await well.received()).toEqual([])
  return async () => {
    const { message_id } = dispatch.body as { message_id: string }
    await world.sweep(later(10 * 60_000))
    const refs = world.queued.flatMap(({ body }) => (body as AttemptOrder).deliveries)
    const own = refs.filter((ref) => ref.message_id === message_id)
    // Six deliveries never started; the other six failed once, and their retries are due as well.
    expect(own.filter((ref) => ref.attempt_count === 0)).toHaveLength(6)
    expect(own).toHaveLength(12)
  }
}

/** While forty entries come in, each breaker opens, and nothing more is sent than what was under way. */
async function breakersOpen() {
  const world = new World()
  const book = await aBook(world)
  const boxes = Array.from({ length: 6 }, mailbox)
  const endpoints = []
  for (const box of boxes) endpoints.push(await anEndpoint(world, box.url('hang'), { books: [book] }))
  for (let i = 0; i < 40; i++) await aComment(world, { book })
  const dispatches = world.queued.splice(0)
  expect(dispatches).toHaveLength(40)
  await Promise.all(dispatches.map((one) => world.consume(one)))
  await world.drainDelayed()
  for (const { id } of endpoints) {
    expect((await theEndpoint(world, id)).health).toMatchObject({ breaker: 'open', consecutive_failures: 5 })
  }
  const sent = await Promise.all(boxes.map(async (box) => (await box.received()).length))
  expect(Math.max(...sent)).toBeLessThanOrEqual(40)
}

it('receivers that hang delay no others, lose no delivery, and are found out by their breakers', async () => {
  const [, isSwept] = await Promise.all([healthyReceiversDoNotWait(), nothingIsLostIfTheQueueRefuses(), breakersOpen()])
  await isSwept()
})

describe('an attempt that is under way', () => {
  const NOW = 1_000_000
  const laneOf = (id: string, now: number) => laneNow({ ...HEALTHY, id }, now)

  it('moves its endpoint to the patient lane after 100 ms, until it ends', () => {
    const end = noteBegin('ep_a', NOW)
    expect(laneOf('ep_a', NOW + 99)).toBe('fresh')
    expect(laneOf('ep_a', NOW + 100)).toBe('patient')
    expect(laneOf('ep_b', NOW + 200)).toBe('fresh')
    end()
    expect(laneOf('ep_a', NOW + 200)).toBe('fresh')
  })

  it('is forgotten if its invocation was cut off', () => {
    noteBegin('ep_a', NOW)
    expect(laneOf('ep_a', NOW + 20_000)).toBe('patient')
    expect(laneOf('ep_a', NOW + 20_001)).toBe('fresh')
  })

  it('lets the receivers that have answered go first', async () => {
    const world = new World()
    const book = await aBook(world)
    const boxes = Array.from({ length: 3 }, mailbox)
    const endpoints = []
    for (const box of boxes) endpoints.push(await anEndpoint(world, box.url('ok'), { books: [book] }))
    const [busy] = endpoints
    const now = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(now)
    const end = noteBegin(busy?.id ?? '', now)
    await aComment(world, { book })
    await world.drain()
    end()
    const called = world.sent.map(({ url }) => url)
    expect(called).toEqual([1, 2, 0].map((i) => boxes[i]?.url('ok')))
  })
})
