import { describe, expect, it } from 'vitest'
import { HEALTHY } from '../../../src/core/delivering/endpoint-health'
import { isStuck, laneNow, noteBegin } from '../../../src/outbound/deliver/suspects'
import type { WorkOrder } from '../../../src/queue/orders'
import type { World as Worlds } from '../../support/world'
import { aComment, anEndpoint, later, mailbox, World } from '../../support/world'

type AttemptOrder = Extract<WorkOrder, { kind: 'attempt' }>

/** What was sent to a queue, as soon as it was. */
async function nextQueued(world: Worlds) {
  const deadline = Date.now() + 5_000
  while (world.queued.length === 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20))
  return world.queued.splice(0)
}

/** Six receivers that never answer are in the way of six that do. */
async function aMixedBook(world: Worlds) {
  const [sick, well] = [mailbox(), mailbox()]
  // The latest registered is served last.
  for (let i = 0; i < 6; i++) await anEndpoint(world, sick.url('hang'))
  for (let i = 0; i < 6; i++) await anEndpoint(world, well.url('ok'))
  return { sick, well }
}

describe('receivers that hang', () => {
  it('keep nobody waiting: what has not begun goes on by itself, and what comes next goes past them', async () => {
    const world = new World()
    const { sick, well } = await aMixedBook(world)
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    if (!dispatch) throw new Error('no dispatch was sent')
    const hanging = world.consume(dispatch)
    const [handedOver, ...more] = await nextQueued(world)
    expect(more).toEqual([])
    expect(handedOver).toMatchObject({ queue: 'guesthook-fresh', body: { kind: 'attempt' } })
    expect(await well.received()).toEqual([])
    if (handedOver) expect(await world.consume(handedOver)).toBe(true)
    expect(await well.received()).toHaveLength(6)
    await aComment(world)
    const [second] = world.queued.splice(0)
    if (second) expect(await world.consume(second)).toBe(true)
    // The healthy six are served by the second dispatch itself, the others wait on the patient lane.
    expect(await well.received()).toHaveLength(12)
    expect(world.queued.map(({ queue }) => queue)).toEqual(['guesthook-patient'])
    expect(await sick.received()).toHaveLength(6)
    // Only now do those come to their deadline, and are settled as well.
    expect(await hanging).toBe(true)
    const [, first] = (await world.api<{ data: { id: string }[] }>('GET', '/api/messages')).body
      .data
    const { body } = await world.api<{ deliveries: { attempt_count: number }[] }>(
      'GET',
      `/api/messages/${first?.id}`
    )
    expect(body.deliveries.map((one) => one.attempt_count)).toEqual(Array(12).fill(1))
  })

  it('lose nobody a delivery where no queue takes the rest: the sweep finds it', async () => {
    const world = new World()
    const { well } = await aMixedBook(world)
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    world.queueFault = new Error('queue down')
    if (dispatch) expect(await world.consume(dispatch)).toBe(true)
    world.queueFault = undefined
    expect(await well.received()).toEqual([])
    await world.sweep(later(10 * 60_000))
    const refs = world.queued.flatMap(({ body }) => (body as AttemptOrder).deliveries)
    // Six that never began; the others have failed once, and their retry is due as well.
    expect(refs.filter((ref) => ref.attempt_count === 0)).toHaveLength(6)
    expect(refs).toHaveLength(12)
  })
})

describe('what an isolate knows before the database does', () => {
  const NOW = 1_000_000

  it('an attempt that waits sends the next ones to the patient lane, until it ends', () => {
    const end = noteBegin('ep_a', NOW)
    expect(laneNow('ep_a', HEALTHY, NOW + 99)).toBe('fresh')
    expect(laneNow('ep_a', HEALTHY, NOW + 100)).toBe('patient')
    expect(laneNow('ep_b', HEALTHY, NOW + 200)).toBe('fresh')
    end()
    expect(laneNow('ep_a', HEALTHY, NOW + 200)).toBe('fresh')
  })

  it('five that wait are enough', () => {
    const ends = [1, 2, 3, 4].map(() => noteBegin('ep_a', NOW))
    expect(isStuck('ep_a', NOW + 10_000)).toBe(false)
    ends.push(noteBegin('ep_a', NOW))
    expect(isStuck('ep_a', NOW + 1_999)).toBe(false)
    expect(isStuck('ep_a', NOW + 2_000)).toBe(true)
    expect(isStuck('ep_b', NOW + 2_000)).toBe(false)
    for (const end of ends) end()
    expect(isStuck('ep_a', NOW + 2_000)).toBe(false)
  })

  it('an attempt whose end was never noted, since its invocation was cut off, is forgotten', () => {
    noteBegin('ep_a', NOW)
    expect(laneNow('ep_a', HEALTHY, NOW + 20_000)).toBe('patient')
    expect(laneNow('ep_a', HEALTHY, NOW + 20_001)).toBe('fresh')
  })
})
