import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  beginCalls,
  beginDraining,
  closeIfDrained,
  disableEndpoint,
  nextRev,
} from '../../../../src/webhooks/endpoints/health'
import { BREAKER_STATES } from '../../../../src/webhooks/rules/delivering/breaker'
import { AT_ONCE, getsCalls, nextDigest } from '../../../../src/webhooks/rules/delivering/pace'
import { waitAfter, waitOf } from '../../../../src/webhooks/rules/delivering/waiting'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { justBefore } from '../../../support/meanwhile'
import { messageIds, theDelivery, theEndpoint } from '../../../support/views'
import { BASE, World } from '../../../support/world'

/* The pace that the owner sets, and what the endpoint waits for now, where they meet. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** The statement that writes the result of an attempt. */
const RESULT = /insert into "?attempts/

afterEach(() => void vi.useRealTimers())

async function sweepAt(world: World, at: number): Promise<void> {
  vi.setSystemTime(at)
  await world.sweep(at)
  await world.drain()
}

async function sign(world: World, ...bodies: string[]): Promise<void> {
  for (const body of bodies) await aComment(world, { body })
  await world.drain()
}

/** An endpoint whose digest is due in two to three hours, and what it got. */
async function aDigest(world: World) {
  const box = mailbox()
  const hour = new Date(Date.now() + 3 * HOUR).getUTCHours()
  const { id } = await anEndpoint(world, box.services.ntfy, {
    format: 'ntfy',
    digest: 'daily',
    digest_hour: hour,
    event_types: ['comment.*'],
  })
  const texts = async () => (await box.received()).map(({ body }) => JSON.parse(body).message as string)
  return { id, box, due: nextDigest(hour, Date.now()), texts }
}

async function aBuildHook(world: World, min_interval_minutes: number) {
  const box = mailbox()
  const hook = { format: 'build-hook', event_types: ['comment.*'], min_interval_minutes }
  const { id } = await anEndpoint(world, box.url('scripted'), hook)
  await box.script('ok')
  const count = async () => (await box.received()).length
  return { id, box, count }
}

const change = (world: World, id: string, fields: Record<string, unknown>) =>
  world.api('PATCH', `/api/endpoints/${id}`, fields)
const health = async (world: World, id: string) => (await theEndpoint(world, id)).health

/** What the database does to what an endpoint waits for. The functions of waiting.ts have a test in core/delivering/. */
describe('an act that is written in SQL', () => {
  const STATES = BREAKER_STATES.flatMap((breaker) => [0, 1].map((probes) => ({ breaker, probes })))
  const SET = `update endpoints set breaker = ?2, probes = ?3, resume_at = iif(?2 = 'closed', null, ?4) where id = ?1`
  const GET = 'select breaker, probes, health_rev from endpoints where id = ?1'
  type Row = { breaker: (typeof BREAKER_STATES)[number]; probes: number; health_rev: string }
  const read = async (id: string) => (await env.DB.prepare(GET).bind(id).first<Row>()) as Row

  it.each([
    { pace: AT_ONCE, fields: {} },
    { pace: { kind: 'every', minutes: 5 } as const, fields: { format: 'build-hook', min_interval_minutes: 5 } },
  ])('follows the table for an endpoint with the pace $pace.kind', async ({ pace, fields }) => {
    const world = new World()
    const now = Date.now()
    const acts = {
      parked: ({ id }: Row & { id: string }) =>
        getsCalls(pace) ? beginCalls(world.env, [id], now).run() : beginDraining(world.env, id, now).run(),
      drained: ({ id, health_rev }: Row & { id: string }) =>
        closeIfDrained(world.env, { id, before: health_rev, health_rev: nextRev(health_rev) }).run(),
      disabled: ({ id }: Row & { id: string }) => disableEndpoint(world.env, id, 'manual', now),
    }
    for (const act of ['parked', 'drained', 'disabled'] as const)
      for (const before of STATES) {
        const { id } = await anEndpoint(world, mailbox().url(), fields)
        await env.DB.prepare(SET).bind(id, before.breaker, before.probes, now).run()
        await acts[act]({ id, ...(await read(id)) })
        const after = waitOf(await read(id), getsCalls(pace))
        expect({ act, before, after }).toMatchObject({ after: waitAfter(act, waitOf(before, getsCalls(pace)), pace) })
      }
  })
})

describe('a digest that is turned off', () => {
  it('while it is being retried sends each event that it covered', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, box, due, texts } = await aDigest(world)
    await sign(world, 'one', 'two', 'three')
    await box.script('status/500')
    await sweepAt(world, due + 1_000)
    await box.script('status/200')
    await change(world, id, { digest: 'off' })
    for (const minute of [1, 7, 14]) await sweepAt(world, due + minute * MINUTE)
    expect((await texts()).slice(1).toSorted()).toEqual(['one', 'three', 'two'])
    expect(await health(world, id)).toMatchObject({ breaker: 'closed' })
  })

  it('while it is under way reports each event once, and holds nothing back', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, due, texts } = await aDigest(world)
    await sign(world, 'one', 'two')
    const hasCome = justBefore(world, RESULT, () => change(world, id, { digest: 'off' }))
    await sweepAt(world, due + 1_000)
    expect(hasCome()).toBe(true)
    await sign(world, 'three')
    for (const minute of [1, 2, 3]) await sweepAt(world, due + minute * MINUTE)
    const [digest, ...others] = await texts()
    for (const body of ['one', 'two']) expect(digest).toContain(`: ${body}`)
    expect(others).toEqual(['three'])
    expect(await health(world, id)).toMatchObject({ breaker: 'closed', resume_at: null })
  })

  it('does not send an event that was erased', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, box, due, texts } = await aDigest(world)
    await sign(world, 'one')
    const { id: newest } = await aComment(world, { body: 'gone' })
    await world.drain()
    await box.script('status/500')
    await sweepAt(world, due + 1_000)
    await box.script('status/200')
    await env.DB.prepare(`update endpoints set event_types = '["comment.published"]'`).run()
    await world.api('DELETE', `/api/comments/${newest}`)
    await change(world, id, { digest: 'off' })
    for (const minute of [1, 7, 14]) await sweepAt(world, due + minute * MINUTE)
    expect((await texts()).slice(1)).toEqual(['one'])
  })
})

describe('a new pace while a call is under way', () => {
  it.each([
    ['no digest', { digest: 'off' }, 'closed'],
    ['another hour', { digest_hour: 5 }, 'held'],
  ] as const)('takes effect at once: %s', async (_, fields, breaker) => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, due } = await aDigest(world)
    await sign(world, 'one')
    justBefore(world, RESULT, () => change(world, id, fields))
    await sweepAt(world, due + 1_000)
    await sweepAt(world, due + MINUTE)
    const { resume_at, ...after } = await health(world, id)
    expect(after).toMatchObject({ breaker })
    if (breaker === 'held') expect(Date.parse(resume_at ?? '')).toBe(nextDigest(5, due + 1_000))
  })

  it('of a build hook decides when the next call is due', async () => {
    const world = new World()
    const { id, count } = await aBuildHook(world, 1_440)
    await aComment(world)
    const at = Date.now()
    justBefore(world, RESULT, () => change(world, id, { min_interval_minutes: 1 }))
    await world.drain()
    const { breaker, resume_at } = await health(world, id)
    expect(breaker).toBe('held')
    expect(Date.parse(resume_at ?? '') - at).toBeLessThan(3 * MINUTE)
    await sign(world, 'two')
    await sweepAt(world, later(5 * MINUTE))
    expect(await count()).toBe(2)
  })

  it('of a build hook that becomes an ordinary endpoint sends what waits at once', async () => {
    const world = new World()
    const { id, box, count } = await aBuildHook(world, 1_440)
    await aComment(world)
    justBefore(world, RESULT, async () => {
      await aComment(world, { body: 'waits' })
      return change(world, id, { format: 'standard' })
    })
    await world.drain()
    await sign(world, 'new')
    await sweepAt(world, later(MINUTE))
    expect(await count()).toBe(3)
    const bodies = (await box.received()).slice(1).map(({ body }) => JSON.parse(body).data.comment.body)
    expect(bodies.toSorted()).toEqual(['new', 'waits'])
    expect(await health(world, id)).toMatchObject({ breaker: 'closed' })
  })
})

describe('a build hook that is down', () => {
  it('does not cause the same rows to be written with each call', async () => {
    const world = new World()
    const { box } = await aBuildHook(world, 1_440)
    await sign(world, 'first')
    await sign(world, ...Array.from({ length: 20 }, (_, i) => `entry ${i}`))
    await box.script('status/500')
    await sweepAt(world, later(25 * HOUR))
    world.invocations.length = 0
    await sweepAt(world, later(26 * HOUR))
    expect((await box.received()).length).toBe(3)
    const written = world.invocations.reduce((sum, { counts }) => sum + counts.rowsWritten, 0)
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(20)
  })
})

describe('a build hook that becomes an ordinary endpoint', () => {
  it('gets each event that its next call would have covered, and none that was erased', async () => {
    const world = new World()
    const { id, box } = await aBuildHook(world, 1_440)
    await sign(world, 'first')
    const gone = await aComment(world, { body: 'gone' })
    await sign(world, 'stays')
    await env.DB.prepare(`update endpoints set event_types = '["comment.published"]'`).run()
    await world.api('DELETE', `/api/comments/${gone.id}`)
    await change(world, id, { format: 'standard' })
    await sweepAt(world, later(MINUTE))
    const bodies = (await box.received()).slice(1).map(({ body }) => JSON.parse(body).data?.comment?.body)
    expect(bodies).toEqual(['stays'])
  })
})

describe('a digest that fails while a replay is canceled', () => {
  it('still reports every event, and none twice', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, box, due, texts } = await aDigest(world)
    await sign(world, 'zero')
    await sweepAt(world, due + 1_000)
    vi.setSystemTime(due + HOUR)
    await sign(world, 'one', 'two')
    await box.script('status/500')
    await sweepAt(world, due + DAY + 1_000)
    const since = new Date(due - DAY).toISOString()
    const replay = await world.api('POST', `/api/endpoints/${id}/replay`, { only: 'all', since })
    expect((await world.api('POST', `/api/jobs/${replay.body.id}/cancel`)).body.state).toBe('canceled')
    const [zero] = await messageIds(world)
    expect(await theDelivery(world, id, zero)).toMatchObject({ status: 'delivered' })
    await box.script('status/200')
    await sweepAt(world, due + DAY + MINUTE)
    const sent = await texts()
    for (const body of ['one', 'two']) expect(sent.at(-1)).toContain(`: ${body}`)
    expect(sent.filter((text) => text.includes('zero'))).toHaveLength(1)
    const missing = await world.api('POST', `/api/endpoints/${id}/replay`, { only: 'missing', since, dry_run: true })
    expect(missing.body.count).toBe(0)
  })
})
