import { describe, expect, it, vi } from 'vitest'
import { HEALTHY } from '../../../../src/webhooks/rules/delivering/endpoint-health'
import type { AttemptResult } from '../../../../src/webhooks/send/deliver/attempt'
import { laneNow, noteBegin, whenToBegin } from '../../../../src/webhooks/send/deliver/hanging-receivers'
import type { Sending, SendingEndpoint } from '../../../../src/webhooks/send/deliver/sending'
import type { WorkOrder } from '../../../../src/webhooks/work/orders'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { theDelivery, theEndpoint } from '../../../support/views'
import { type Queued, World, type World as Worlds } from '../../../support/world'

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

/**
 * Forty entries come in, and nobody has asked the six receivers before.
 * @returns how many requests the receiver with the most requests gets until all breakers are open
 */
async function fortyEntries(isolates: number) {
  const queued: Queued[] = []
  const worlds = Array.from({ length: isolates }, () => new World({}, queued))
  const [owner] = worlds as [Worlds]
  const book = await aBook(owner)
  const boxes = Array.from({ length: 6 }, mailbox)
  const endpoints = []
  for (const box of boxes) endpoints.push(await anEndpoint(owner, box.url('hang'), { books: [book] }))
  for (let i = 0; i < 40; i++) await aComment(owner, { book })
  expect(queued).toHaveLength(40)
  await consumeAll(worlds, queued)
  for (const { id } of endpoints) {
    expect((await theEndpoint(owner, id)).health).toMatchObject({ breaker: 'open' })
  }
  const sent = await Promise.all(boxes.map(async (box) => (await box.received()).length))
  return Math.max(...sent)
}

/** Consumes what is in the queues, when it is due, in one isolate after the other, until only probes are left. */
async function consumeAll(worlds: Worlds[], queued: Queued[]): Promise<void> {
  let consumed = 0
  const consume = async (message: Queued) => {
    if ((message.body as WorkOrder).kind === 'resume') return
    const world = worlds[consumed++ % worlds.length] as Worlds
    await sleep(message.delaySeconds * 1_000)
    expect(await world.consume(message)).toBe(true)
    await Promise.all(queued.splice(0).map(consume))
  }
  await Promise.all(queued.splice(0).map(consume))
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Eight entries to a receiver: five requests begin, and three wait, and are handed over. */
async function fiveWait(behavior: string) {
  const world = new World()
  const book = await aBook(world)
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url(behavior), { books: [book] })
  for (let i = 0; i < 8; i++) await aComment(world, { book })
  const dispatches = Promise.all(world.queued.splice(0).map((one) => world.consume(one)))
  while (world.queued.length < 3) await sleep(50)
  const waiting = world.queued.splice(0)
  const order = { kind: 'attempt', has_waited: true }
  expect(waiting).toEqual(
    Array(3).fill({ queue: 'guesthook-patient', body: expect.objectContaining(order), delaySeconds: 10 })
  )
  return { world, box, endpoint, waiting, dispatches }
}

/** What waits for a slow receiver is not parked, and is sent once the receiver has answered. */
async function answeredLate() {
  const { world, box, endpoint, waiting, dispatches } = await fiveWait('late-ok/3000')
  expect((await theEndpoint(world, endpoint.id)).health.breaker).toBe('closed')
  const refs = waiting.flatMap(({ body }) => (body as AttemptOrder).deliveries)
  for (const { message_id } of refs) {
    expect(await theDelivery(world, endpoint.id, message_id)).toMatchObject({ status: 'pending', is_sending: true })
  }
  await dispatches
  await Promise.all(waiting.map((one) => world.consume(one)))
  expect(await box.received()).toHaveLength(8)
  expect(world.queued).toEqual([])
}

/** An isolate that knows nothing of the receiver counts what others have begun. */
async function anotherIsolateCounts() {
  const { box, waiting, dispatches } = await fiveWait('hang')
  const other = new World()
  await Promise.all(waiting.map((one) => other.consume(one)))
  expect(other.sent).toEqual([])
  expect(other.queued).toEqual(waiting)
  await dispatches
  expect(await box.received()).toHaveLength(5)
}

/** Another URL is another receiver. */
async function movedMeanwhile() {
  const { world, box, endpoint, waiting, dispatches } = await fiveWait('hang')
  await world.api('PATCH', `/api/endpoints/${endpoint.id}`, { url: box.url('ok') })
  const before = world.sent.length
  await Promise.all(waiting.map((one) => world.consume(one)))
  expect(world.sent.slice(before).map(({ url }) => url)).toEqual(Array(3).fill(box.url('ok')))
  await dispatches
}

it('receivers that hang delay no others, lose no delivery, and get a handful of requests', async () => {
  const [, isSwept, inOne, inTwo] = await Promise.all([
    healthyReceiversDoNotWait(),
    nothingIsLostIfTheQueueRefuses(),
    fortyEntries(1),
    fortyEntries(2),
    answeredLate(),
    anotherIsolateCounts(),
    movedMeanwhile(),
  ])
  await isSwept()
  console.log(`budget  forty entries, receivers that hang: ${inOne} requests from one isolate, ${inTwo} from two`)
  expect(inOne).toBe(5)
  expect(inTwo).toBeLessThanOrEqual(11)
})

it('a receiver that answers gets forty entries that come at once', async () => {
  const world = new World()
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url('late-ok/50'))
  for (let i = 0; i < 40; i++) await aComment(world)
  await Promise.all(world.queued.splice(0).map((one) => world.consume(one)))
  await world.drainDelayed()
  expect(await box.received()).toHaveLength(40)
  expect((await theEndpoint(world, id)).health).toMatchObject({ breaker: 'closed', consecutive_failures: 0 })
})

describe('a request that is under way', () => {
  const NOW = 1_000_000
  const { env } = new World()
  const receiver = (id: string) => ({ ...HEALTHY, id, health_rev: '' }) as SendingEndpoint
  const laneOf = (id: string, now: number) => laneNow(env, receiver(id), now)
  const whenOf = (id: string, now: number, more = {}) =>
    whenToBegin(env, { endpoint: receiver(id), ahead: 0, release: undefined, ...more } as Sending, now)
  const mayBegin = (id: string, now: number, more = {}) => whenOf(id, now, more) === 'now'
  const begin = (id: string, now: number) => noteBegin(env, receiver(id), now)
  const outcome = (outcome: string, more = {}) => ({ outcome, error_class: null, ...more }) as AttemptResult
  const TIMED_OUT = outcome('timed_out', { error_class: 'deadline' })

  it('moves its endpoint to the patient lane after 100 ms, until it is answered', () => {
    const end = begin('ep_a', NOW)
    expect(laneOf('ep_a', NOW + 99)).toBe('fresh')
    expect(laneOf('ep_a', NOW + 100)).toBe('patient')
    expect(laneOf('ep_b', NOW + 200)).toBe('fresh')
    end(outcome('refused'), NOW + 200)
    expect(laneOf('ep_a', NOW + 200)).toBe('fresh')
  })

  it('is one of at most five until an answer of any status, and forgotten after a minute', () => {
    const ends = [1, 2, 3, 4, 5].map((i) => begin('ep_c', NOW + i))
    expect(whenOf('ep_c', NOW + 1_004)).toBe('soon')
    expect(whenOf('ep_c', NOW + 1_005)).toBe('later')
    expect(mayBegin('ep_d', NOW + 10)).toBe(true)
    ends[0]?.(TIMED_OUT, NOW + 15_000)
    expect(mayBegin('ep_c', NOW + 15_000)).toBe(false)
    expect(mayBegin('ep_c', NOW + 60_001)).toBe(false)
    expect(mayBegin('ep_c', NOW + 60_002)).toBe(true)
    ends[1]?.(outcome('refused'), NOW + 15_001)
    expect(mayBegin('ep_c', NOW + 15_001)).toBe(true)
  })

  it('gives its place back if no request was made', () => {
    const ends = [1, 2, 3, 4, 5].map((i) => begin('ep_e', NOW + i))
    ends[2]?.(outcome('blocked'), NOW + 10)
    expect(mayBegin('ep_e', NOW + 10)).toBe(true)
    begin('ep_e', NOW + 10)
    expect(mayBegin('ep_e', NOW + 11)).toBe(false)
  })

  it('does not keep a probe from sending, and a person only after five more', () => {
    for (const i of [1, 2, 3, 4, 5]) begin('ep_f', NOW + i)
    expect(mayBegin('ep_f', NOW + 10, { release: 'drain' })).toBe(false)
    expect(mayBegin('ep_f', NOW + 10, { release: 'manual' })).toBe(true)
    expect(mayBegin('ep_f', NOW + 10, { release: 'probe' })).toBe(true)
    for (const i of [6, 7, 8, 9, 10]) begin('ep_f', NOW + i)
    expect(mayBegin('ep_f', NOW + 10, { release: 'manual' })).toBe(false)
    expect(mayBegin('ep_f', NOW + 10, { release: 'probe' })).toBe(true)
  })

  it('in another isolate counts, unless the receiver has answered here since', () => {
    expect(mayBegin('ep_g', NOW, { ahead: 5 })).toBe(false)
    expect(mayBegin('ep_g', NOW, { ahead: 4 })).toBe(true)
    begin('ep_g', NOW)(outcome('delivered'), NOW + 5)
    expect(mayBegin('ep_g', NOW + 10, { ahead: 5 })).toBe(true)
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
    noteBegin(world.env, { id: busy?.id ?? '', health_rev: '' }, now)
    await aComment(world, { book })
    await world.drain()
    const called = world.sent.map(({ url }) => url)
    expect(called).toEqual([1, 2, 0].map((i) => boxes[i]?.url('ok')))
  })
})
