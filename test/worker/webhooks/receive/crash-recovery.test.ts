import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { later } from '../../../support/fixtures'
import {
  aSource,
  DAY,
  githubPost,
  listInbound as list,
  OVERDUE,
  post,
  STAR,
  theBody,
  theInbound,
} from '../../../support/sources'
import { World } from '../../../support/world'

describe('no message is lost', () => {
  it('when the consumer stops or the queue accepts nothing, because the sweep finds it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body: stopped } = await githubPost(world, source.path, 'hush', STAR)
    world.loseQueue()
    world.queueFault = new Error('Too Many Requests')
    const failing = await githubPost(world, source.path, 'hush', STAR)
    expect(failing.status).toBe(202)
    // It is too early: the queue may still deliver the messages.
    await world.sweep(later(30_000))
    expect(await list(world, 'status=new')).toHaveLength(2)
    // The queue still accepts nothing, so the sweep processes the messages itself.
    await world.sweep(later(OVERDUE))
    for (const { id } of [stopped, failing.body])
      expect(await theInbound(world, id)).toMatchObject({ status: 'processed' })
    world.queueFault = undefined
    const lost = await githubPost(world, source.path, 'hush', STAR)
    world.loseQueue()
    await world.sweep(later(OVERDUE))
    await world.drain()
    expect(await theInbound(world, lost.body.id)).toMatchObject({ status: 'processed' })
  })

  it('when D1 fails, because the sender gets an error and nothing is partially stored', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    await githubPost(world, source.path, 'hush', STAR)
    world.recorder.failNextD1 = new Error('D1_ERROR: Network connection lost.')
    const answer = await githubPost(world, source.path, 'hush', STAR)
    expect(answer.status).toBe(500)
    for (const table of ['inbound_messages', 'inbound_chunks']) {
      const row = await env.DB.prepare(`select count(*) as n from ${table}`).first()
      expect(row).toEqual({ n: 1 })
    }
  })

  it('after an internal error: the message is retried on schedule, then fails, and can be replayed', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    world.loseQueue()
    const broken = new World({ SECRETS_KEY: btoa('z'.repeat(32)) })
    for (let at = later(OVERDUE), i = 0; i < 10; i++, at += 2 * DAY) {
      await broken.sweep(at)
      await broken.drain()
    }
    const postponed = await env.DB.prepare('select status, reason, step, log from inbound_messages').first<{
      status: string
      reason: string
      step: number
      log: string
    }>()
    expect(postponed).toMatchObject({ status: 'failed', reason: 'internal_error', step: 10 })
    expect(JSON.parse(postponed?.log ?? '[]')).toHaveLength(10)
    const { body: replayed } = await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(replayed).toMatchObject({ status: 'processed', reason: null })
  })

  it('when SECRETS_KEY has been changed too early: an unreadable header does not make the message fail', async () => {
    const world = new World()
    const source = await aSource(world, 'gitlab-token', { secret: 'hush' })
    const { body } = await post(world, source.path, '{}', { 'X-Gitlab-Token': 'hush' })
    const [order] = world.queued.splice(0)
    const { headers } = (await env.DB.prepare('select headers from inbound_messages').first()) as {
      headers: string
    }
    await env.DB.prepare('update inbound_messages set headers = ?1')
      .bind(headers.replace(/"[\w+/=]{40,}"/, `"${btoa('x'.repeat(60))}"`))
      .run()
    await world.consume(order as never)
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'new', reason: null })
    await env.DB.prepare('update inbound_messages set headers = ?1').bind(headers).run()
    await world.drainDelayed()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', verified: true })
  })

  it('after a temporary error: a delayed queue message triggers a retry', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    const [order] = world.queued.splice(0)
    world.recorder.fault = { callsLeft: 2, isCommitted: false }
    expect(await world.consume(order as never)).toBe(true)
    expect(await theInbound(world, body.id)).toMatchObject({
      status: 'new',
      log: [{ event: 'received' }, { event: 'postponed' }],
    })
    expect(world.queued).toMatchObject([{ queue: 'guesthook-inbound' }])
    // Five seconds, plus up to 20%.
    expect([5, 6]).toContain(world.queued[0]?.delaySeconds)
    await world.drainDelayed()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })
})

describe('an isolate that dies', () => {
  const template = { name: '{{sender.login}}', body: 'starred {{repository.full_name}}' }

  it.each([
    ['publish', 1],
    ['publish', 2],
    ['publish', 3],
    ['sign', 1],
    ['sign', 2],
    ['sign', 3],
  ] as const)('while processing a message (act: %s, call %i) acts once and loses nothing', async (act, calls) => {
    for (const isCommitted of [false, true]) {
      await env.DB.batch(['inbound_messages', 'messages', 'comments'].map((t) => env.DB.prepare(`delete from ${t}`)))
      const world = new World()
      const source = await aSource(world, 'github', { secret: 'hush', act, template })
      await githubPost(world, source.path, 'hush', STAR)
      const [order] = world.queued.splice(0)
      world.recorder.death = { callsLeft: calls, isCommitted }
      await world.consume(order as never).catch(() => undefined)
      world.recorder.death = undefined
      world.loseQueue()
      // The queue delivers the order two more times, simultaneously, and the sweep runs too.
      await Promise.all([world.consume(order as never), world.consume(order as never)])
      await world.sweep(later(OVERDUE))
      await world.drain()
      const count = async (table: string) =>
        (await env.DB.prepare(`select count(*) as n from ${table}`).first<{ n: number }>())?.n
      expect(await list(world)).toMatchObject([{ status: 'processed' }])
      expect(await count('messages')).toBe(1)
      expect(await count('comments')).toBe(act === 'sign' ? 1 : 0)
    }
  })

  it('while accepting a message stores the whole message or nothing', async () => {
    for (const isCommitted of [false, true]) {
      const world = new World()
      const source = await aSource(world, 'github', { secret: 'hush' })
      await githubPost(world, source.path, 'hush', STAR, { delivery: 'first' })
      world.recorder.death = { callsLeft: 1, isCommitted }
      await githubPost(world, source.path, 'hush', STAR, { delivery: 'd' }).catch(() => undefined)
      world.recorder.death = undefined
      const retried = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd' })
      expect(retried.status).toBe(isCommitted ? 200 : 202)
      await world.sweep(later(OVERDUE))
      await world.drain()
      const mine = await list(world, `source=${source.id}`)
      expect(mine.map(({ status }) => status)).toEqual(['processed', 'processed'])
      expect(new TextDecoder().decode(await theBody(world, retried.body.id))).toBe(STAR)
    }
  })
})
