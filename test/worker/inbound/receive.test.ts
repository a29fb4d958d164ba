import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import {
  aSource,
  githubPost,
  type InboundView,
  listInbound as list,
  post,
  type SourceView,
  theBody,
  theInbound,
} from '../../support/sources'
import { later, World } from '../../support/world'

const STAR = '{"action":"created","sender":{"login":"ada"},"repository":{"full_name":"ada/engine"}}'
const DAY = 86_400_000
/** Beyond the first wake-up and any lease. */
const OVERDUE = 10 * 60_000

describe('the incoming journey', () => {
  it('stores, acknowledges, then verifies and processes', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const answer = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({ id: expect.stringMatching(/^in_/) })
    expect(await theInbound(world, answer.body.id)).toMatchObject({ status: 'new', verified: null })
    await world.drain()
    expect(await theInbound(world, answer.body.id)).toMatchObject({
      source_id: source.id,
      provider: 'github',
      status: 'processed',
      reason: null,
      verified: true,
      event_type: 'star',
      external_id: 'd-1',
      repeats: 0,
      method: 'POST',
      path: source.path,
      query: '',
      size: STAR.length,
      log: [{ event: 'received' }, { event: 'processed', detail: 'Kept.' }],
    })
    expect(new TextDecoder().decode(await theBody(world, answer.body.id))).toBe(STAR)
  })

  it('takes one round trip before it is acknowledged, and one message of a queue', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    await githubPost(world, source.path, 'hush', STAR)
    world.invocations.length = 0
    await githubPost(world, source.path, 'hush', STAR)
    const [accepted] = world.invocations
    expect(accepted?.counts).toMatchObject({ d1RoundTrips: 1, queueMessages: 1 })
    await world.drain()
    const consumed = world.invocations.filter(({ door }) => door === 'queue')
    for (const { counts } of consumed) expect(counts.d1RoundTrips).toBeLessThanOrEqual(3)
    const written = world.invocations.slice(0, 1).concat(consumed.slice(-1))
    const rows = written.reduce((sum, { counts }) => sum + counts.rowsWritten, 0)
    console.log(`budget  one inbound message: rows written ${rows} (<= 6)`)
    expect(rows).toBeLessThanOrEqual(6)
  })

  it('says what failed, and processes it once that is mended', async () => {
    const world = new World()
    const source = await aSource(world, 'github')
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({
      status: 'failed',
      reason: 'no_secret',
    })
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'wrong' })
    const again = () => world.api<InboundView>('POST', `/api/inbound/${body.id}/replay`)
    const wrong = await again()
    expect(wrong.status).toBe(202)
    expect(wrong.body).toMatchObject({ status: 'failed', reason: 'signature_mismatch' })
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    const right = await again()
    expect(right.body).toMatchObject({ status: 'processed', reason: null, verified: true })
    const events = right.body.log.map(({ event }) => event)
    expect(events).toEqual(['received', 'failed', 'replayed', 'failed', 'replayed', 'processed'])
  })

  it('judges how old a signature is by when it came, however late it is looked at', async () => {
    const world = new World()
    const source = await aSource(world, 'stripe', { secret: 'whsec_test' })
    await world.api('POST', `/api/sources/${source.id}/sample`)
    world.loseQueue()
    await world.sweep(later(20 * DAY))
    await world.drain()
    expect(await list(world)).toMatchObject([{ status: 'processed', verified: true }])
  })

  it('processes again all that failed of a source, and nothing else', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'wrong' })
    const other = await aSource(world, 'github', { secret: 'wrong' })
    for (let i = 0; i < 5; i++) await githubPost(world, source.path, 'hush', STAR)
    await githubPost(world, other.path, 'hush', STAR)
    await world.drain()
    await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
    const { status, body } = await world.api('POST', `/api/sources/${source.id}/replay`)
    expect({ status, body }).toEqual({ status: 202, body: { count: 5, has_more: false } })
    await world.drain()
    expect(await list(world, 'status=processed')).toHaveLength(5)
    expect(await list(world, `source=${other.id}`)).toMatchObject([{ status: 'failed' }])
  })

  it('takes what was signed with the previous secret, until its time is over', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'old' })
    const path = `/api/sources/${source.id}/secret/rotate`
    const rotated = await world.api('POST', path, { secret: 'new', grace_seconds: 3_600 })
    expect(rotated.body.previous_secret_expires_at).not.toBeNull()
    for (const secret of ['old', 'new']) await githubPost(world, source.path, secret, STAR)
    await world.drain()
    expect(await list(world, 'status=processed')).toHaveLength(2)
    await world.api('POST', path, { secret: 'newest', grace_seconds: 0 })
    await githubPost(world, source.path, 'new', STAR)
    await world.drain()
    expect(await list(world, 'status=failed')).toHaveLength(1)
  })
})

describe('a repeat', () => {
  it('with the same delivery id is answered as the first, stored once, and counted', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const first = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    await world.drain()
    for (let i = 0; i < 3; i++) {
      const again = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
      expect(again.status).toBe(200)
      expect(again.body).toEqual({ id: first.body.id, repeat: true })
    }
    expect(await list(world)).toHaveLength(1)
    expect(await theInbound(world, first.body.id)).toMatchObject({ repeats: 3 })
    expect(world.queued).toEqual([])
    const chunks = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(chunks).toEqual({ n: 1 })
  })

  it('with the same id at another source is another message', async () => {
    const world = new World()
    const [a, b] = [
      await aSource(world, 'github', { secret: 'hush' }),
      await aSource(world, 'github', { secret: 'hush' }),
    ]
    for (const { path } of [a, b]) {
      const answer = await githubPost(world, path, 'hush', STAR, { delivery: 'd-1' })
      expect(answer.status).toBe(202)
    }
  })

  it('without an id is one with the same body, within a day', async () => {
    const world = new World()
    const source = await aSource(world, 'calendly', { secret: 'hush' })
    const first = await post(world, source.path, '{"a":1}')
    expect(first.status).toBe(202)
    expect((await post(world, source.path, '{"a":1}')).body).toEqual({
      id: first.body.id,
      repeat: true,
    })
    expect((await post(world, source.path, '{"a":2}')).status).toBe(202)
    await env.DB.prepare('update inbound_messages set received_at = received_at - ?1')
      .bind(DAY)
      .run()
    const next = await post(world, source.path, '{"a":1}')
    expect(next.status).toBe(202)
    expect(next.body.id).not.toBe(first.body.id)
    expect((await post(world, source.path, '{"a":1}')).body.id).toBe(next.body.id)
  })

  it('of an id in the body is found too', async () => {
    const world = new World()
    const source = await aSource(world, 'stripe', { secret: 'whsec_test' })
    const first = await post(world, source.path, '{"id":"evt_1","type":"a"}')
    const again = await post(world, source.path, '{"type":"a", "id":"evt_1"}')
    expect(again.body).toEqual({ id: first.body.id, repeat: true })
  })

  it('cannot be used to keep out the real one: what failed gives up its id to other bytes', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const forged = await githubPost(world, source.path, 'guess', '{}', { delivery: 'd-1' })
    await world.drain()
    expect((await githubPost(world, source.path, 'guess', '{}', { delivery: 'd-1' })).body).toEqual(
      {
        id: forged.body.id,
        repeat: true,
      }
    )
    const real = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(real.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, real.body.id)).toMatchObject({ status: 'processed' })
    const repeat = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(repeat.body).toEqual({ id: real.body.id, repeat: true })
  })

  it('is counted, however many come at once', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
      )
    )
    const ids = new Set(answers.map(({ body }) => body.id))
    expect(ids.size).toBe(1)
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
    const [id] = ids
    expect(await theInbound(world, id ?? '')).toMatchObject({ repeats: 19 })
  })
})

describe('what was refused', () => {
  const template = { name: '{{sender.login}}', body: 'starred {{repository.full_name}}' }

  async function comments(world: World): Promise<number> {
    return (await world.api<{ data: [] }>('GET', '/api/comments')).body.data.length
  }

  it('is no first one for the same bytes with another signature: the secret was mended at the sender', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const first = await githubPost(world, source.path, 'wrong', STAR, { delivery: 'd-1' })
    await world.drain()
    const again = await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
    expect(again.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, first.body.id)).toMatchObject({ status: 'failed' })
    expect(await theInbound(world, again.body.id)).toMatchObject({ status: 'processed' })
  })

  it('without a signature cannot keep out the same bytes with one', async () => {
    const world = new World()
    const source = await aSource(world, 'websub', { secret: 'hush' })
    await post(world, source.path, STAR)
    await world.drain()
    const { createHmac } = await import('node:crypto')
    const mac = createHmac('sha256', 'hush').update(STAR).digest('hex')
    const real = await post(world, source.path, STAR, { 'X-Hub-Signature': `sha256=${mac}` })
    expect(real.status).toBe(202)
    await world.drain()
    expect(await theInbound(world, real.body.id)).toMatchObject({ status: 'processed' })
  })

  it('while a source is paused cannot keep out the real one', async () => {
    const world = new World()
    const source = await aSource(world, 'telegram', { secret: 'hush' })
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'paused' })
    await post(world, source.path, '{"update_id":7,"forged":true}')
    await world.drain()
    const headers = { 'X-Telegram-Bot-Api-Secret-Token': 'hush' }
    const real = await post(world, source.path, '{"update_id":7}', headers)
    expect(real.status).toBe(202)
  })

  it.each([true, false])(
    'and is mended, acts once for one delivery (strict: %s)',
    async (strict) => {
      const world = new World()
      const more = { secret: 'wrong', act: 'sign', template, strict }
      const source = await aSource(world, 'github', more)
      for (let i = 0; i < 3; i++) {
        const body = STAR.replace('created', `attempt ${i}`)
        await githubPost(world, source.path, 'hush', body, { delivery: 'd-1' })
        await world.drain()
      }
      await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
      await world.api('POST', `/api/sources/${source.id}/replay`)
      await Promise.all(world.queued.splice(0).map((order) => world.consume(order)))
      await githubPost(world, source.path, 'hush', STAR, { delivery: 'd-1' })
      await world.drain()
      expect(await comments(world)).toBe(1)
      const all = await list(world, `source=${source.id}`)
      expect(all.every(({ status }) => status === 'processed')).toBe(true)
    }
  )

  it('acts once also when repeats are processed side by side', async () => {
    for (let round = 0; round < 5; round++) {
      const world = new World()
      await env.DB.prepare('delete from comments').run()
      const source = await aSource(world, 'github', { secret: 'wrong', act: 'sign', template })
      const ids: string[] = []
      for (let i = 0; i < 4; i++) {
        const body = STAR.replace('created', `attempt ${i}`)
        ids.push((await githubPost(world, source.path, 'hush', body, { delivery: 'd' })).body.id)
        await world.drain()
      }
      await world.api('PATCH', `/api/sources/${source.id}`, { secret: 'hush' })
      world.recorder.pauses = [0, 3, 1, 5, 2, 0, 4, 1]
      await Promise.all(ids.map((id) => world.api('POST', `/api/inbound/${id}/replay`)))
      world.recorder.pauses = undefined
      await world.sweep(later(OVERDUE))
      await world.drain()
      expect(await comments(world)).toBe(1)
      expect((await list(world)).slice(0, 4).map(({ status }) => status)).toEqual(
        Array(4).fill('processed')
      )
    }
  })
})

describe('an address', () => {
  it('tells requests without a body apart by what they ask', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    for (const query of ['event=door', 'event=fire'])
      expect((await post(world, `${path}?${query}`, null, {}, 'GET')).status).toBe(202)
    expect((await post(world, path, '')).status).toBe(202)
    expect((await post(world, `${path}?event=fire`, null, {}, 'GET')).status).toBe(200)
  })

  it('that nobody has is 404, and costs no write, nor more than one read', async () => {
    const world = new World()
    const token = `hook_${'x'.repeat(43)}`
    for (const path of [`/in/${token}`, '/in/short', `/in/hook_${'é'.repeat(43)}`]) {
      const answer = await post(world, path, STAR)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    }
    world.invocations.length = 0
    await post(world, `/in/${token}`, STAR)
    expect(world.invocations[0]?.counts).toMatchObject({ d1RoundTrips: 0, rowsWritten: 0 })
  })

  it('is dead once its source is deleted, and the log stays', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    const waiting = await githubPost(world, source.path, 'hush', STAR)
    await world.consume(world.queued.shift() as never)
    const { status } = await world.api('DELETE', `/api/sources/${source.id}`)
    expect(status).toBe(204)
    expect((await githubPost(world, source.path, 'hush', STAR)).status).toBe(404)
    expect((await world.api('GET', `/api/sources/${source.id}`)).status).toBe(404)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
    expect(await theInbound(world, waiting.body.id)).toMatchObject({ reason: 'source_deleted' })
    expect(await list(world, `source=${source.id}`)).toHaveLength(2)
  })

  it('can be changed for another', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    const renewed = await world.api<SourceView>('POST', `/api/sources/${source.id}/url/rotate`)
    expect((await post(world, source.path, STAR)).status).toBe(404)
    expect((await post(world, new URL(renewed.body.url).pathname, STAR)).status).toBe(202)
  })

  it('takes any method, answers HEAD, and is not for other sites’ scripts', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const body = method === 'GET' ? null : `{"by":"${method}"}`
      const { status, body: answer } = await post(world, `${source.path}?a=1&a=2`, body, {}, method)
      expect(status).toBe(202)
      expect(await theInbound(world, answer.id)).toMatchObject({ method, query: 'a=1&a=2' })
    }
    expect((await post(world, source.path, null, {}, 'HEAD')).status).toBe(200)
    const options = await post(world, source.path, null, { Origin: 'https://a.example' }, 'OPTIONS')
    expect(options.headers.get('Access-Control-Allow-Origin')).toBeNull()
    expect(await list(world)).toHaveLength(4)
  })
})

describe('a source that is paused', () => {
  it('keeps what comes, and deals with it when it goes on', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const path = `/api/sources/${source.id}`
    await world.api('PATCH', path, { status: 'paused' })
    for (let i = 0; i < 3; i++) {
      expect((await githubPost(world, source.path, 'hush', STAR)).status).toBe(202)
    }
    await world.drain()
    for (let i = 1; i < 5; i++) await world.sweep(later(i * OVERDUE))
    expect(world.queued).toEqual([])
    expect(await list(world, 'status=new')).toHaveLength(3)
    await world.api('PATCH', path, { status: 'active' })
    await world.drain()
    expect(await list(world, 'status=processed')).toHaveLength(3)
  })

  it('loses nothing that was set aside by one who thought it was still paused', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    const { body } = await post(world, source.path, STAR)
    world.loseQueue()
    await env.DB.prepare('update inbound_messages set next_attempt_at = null').run()
    await world.sweep(later(OVERDUE))
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })
})

describe('a source that is strict', () => {
  it('answers 401 to a bad signature, and keeps what it refused', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush', strict: true })
    const refused = await githubPost(world, source.path, 'wrong', STAR)
    expect(refused.status).toBe(401)
    expect(refused.body.code).toBe('signature_mismatch')
    expect(await list(world)).toMatchObject([
      {
        status: 'failed',
        reason: 'signature_mismatch',
        verified: false,
        event_type: 'star',
        size: STAR.length,
      },
    ])
    const [kept] = await list(world)
    const { log } = await theInbound(world, kept?.id ?? '')
    expect(log.map(({ event }) => event)).toEqual(['received', 'failed'])
    expect((await githubPost(world, source.path, 'hush', STAR)).status).toBe(202)
  })

  it('reads its secret again before it refuses: another isolate may have changed it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'old', strict: true })
    expect((await githubPost(world, source.path, 'old', STAR)).status).toBe(202)
    const { sealSource } = await import('../../../src/inbound/sources/secrets')
    const token = source.path.slice('/in/'.length)
    const sealed = await sealSource(world.env, source.id, { token, current: 'new' })
    await env.DB.prepare('update sources set secrets = ?1').bind(sealed).run()
    expect((await githubPost(world, source.path, 'new', STAR)).status).toBe(202)
  })

  it('fails closed while it has no secret', async () => {
    const world = new World()
    const source = await aSource(world, 'discord')
    expect(source.strict).toBe(true)
    const refused = await post(world, source.path, '{"type":1}')
    expect(refused.status).toBe(401)
    expect(refused.body.code).toBe('no_secret')
  })
})

describe('nothing is lost', () => {
  it('when the consumer is stopped, or every send to the queue fails: the sweep finds it', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body: stopped } = await githubPost(world, source.path, 'hush', STAR)
    world.loseQueue()
    world.queueFault = new Error('Too Many Requests')
    const failing = await githubPost(world, source.path, 'hush', STAR)
    expect(failing.status).toBe(202)
    // Too early: the queue may still bring it.
    await world.sweep(later(30_000))
    expect(await list(world, 'status=new')).toHaveLength(2)
    // The queue still takes nothing, so the sweep does it itself.
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

  it('when D1 does not take it: the sender is told, and nothing is half stored', async () => {
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

  it('by a fault of ours: it is tried again by the schedule, then given up, and can be mended', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    world.loseQueue()
    const broken = new World({ SECRETS_KEY: btoa('z'.repeat(32)) })
    for (let at = later(OVERDUE), i = 0; i < 10; i++, at += 2 * DAY) {
      await broken.sweep(at)
      await broken.drain()
    }
    const postponed = await env.DB.prepare(
      'select status, reason, step, log from inbound_messages'
    ).first<{ status: string; reason: string; step: number; log: string }>()
    expect(postponed).toMatchObject({ status: 'failed', reason: 'internal_error', step: 10 })
    expect(JSON.parse(postponed?.log ?? '[]')).toHaveLength(10)
    const { body: mended } = await world.api('POST', `/api/inbound/${body.id}/replay`)
    expect(mended).toMatchObject({ status: 'processed', reason: null })
  })

  it('when SECRETS_KEY was changed too early: what cannot be read is no verdict', async () => {
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

  it('by a passing fault: a delayed order brings it again', async () => {
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
    // Five seconds, and up to a fifth more.
    expect([5, 6]).toContain(world.queued[0]?.delaySeconds)
    await world.drainDelayed()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })
})

describe('killed at any step', () => {
  const template = { name: '{{sender.login}}', body: 'starred {{repository.full_name}}' }

  it.each([
    ['publish', 1],
    ['publish', 2],
    ['publish', 3],
    ['sign', 1],
    ['sign', 2],
    ['sign', 3],
  ] as const)('%s, at call %i: done once, and not lost', async (act, calls) => {
    for (const isCommitted of [false, true]) {
      await env.DB.batch(
        ['inbound_messages', 'messages', 'comments'].map((t) => env.DB.prepare(`delete from ${t}`))
      )
      const world = new World()
      const source = await aSource(world, 'github', { secret: 'hush', act, template })
      await githubPost(world, source.path, 'hush', STAR)
      const [order] = world.queued.splice(0)
      world.recorder.death = { callsLeft: calls, isCommitted }
      await world.consume(order as never).catch(() => undefined)
      world.recorder.death = undefined
      world.loseQueue()
      // The queue brings it twice more, side by side, and the sweep comes too.
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

  it('while it is accepted: all of it or nothing', async () => {
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

describe('what is old', () => {
  it('goes with its body, by the days of its source, in pages', async () => {
    const world = new World()
    const short = await aSource(world, 'unsigned', { retention_days: 2 })
    const long = await aSource(world, 'unsigned', { retention_days: 60 })
    for (const { path } of [short, long])
      for (let i = 0; i < 3; i++) await post(world, path, `{"n":${i}}`)
    await world.drain()
    await world.sweep(later(1 * DAY))
    expect(await list(world)).toHaveLength(6)
    await world.sweep(later(3 * DAY))
    expect(await list(world, `source=${short.id}`)).toHaveLength(0)
    expect(await list(world, `source=${long.id}`)).toHaveLength(3)
    const chunks = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(chunks).toEqual({ n: 3 })
  })

  it('may lose its body first: the rest stays to be seen', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { body_retention_days: 7 })
    const { body } = await post(world, source.path, '{"needle":1}')
    await world.drain()
    expect(await list(world, 'q=needle')).toHaveLength(1)
    await world.sweep(later(8 * DAY))
    expect(await list(world, 'q=needle')).toHaveLength(0)
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', size: 12 })
    const gone = await world.api('GET', `/api/inbound/${body.id}/body`)
    expect(gone.status).toBe(404)
    expect(gone.body.code).toBe('body_removed')
  })

  it('stays while it has not been dealt with', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { retention_days: 1, body_retention_days: 1 })
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'paused' })
    const { body } = await post(world, source.path, '{}')
    await world.drain()
    await world.sweep(later(5 * DAY))
    await world.api('PATCH', `/api/sources/${source.id}`, { status: 'active' })
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })

  it('stays while it waits for its turn, however short its source keeps things', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned', { retention_days: 1, body_retention_days: 1 })
    const { body } = await post(world, source.path, '{"a":1}')
    world.loseQueue()
    await world.sweep(later(3 * DAY))
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
    expect(new TextDecoder().decode(await theBody(world, body.id))).toBe('{"a":1}')
  })

  it('goes from every source in one call, however many have a time of their own for bodies', async () => {
    const world = new World()
    for (let i = 0; i < 15; i++) {
      const { path } = await aSource(world, 'unsigned', { body_retention_days: 1 })
      await post(world, path, `{"i":${i}}`)
    }
    await world.drain()
    await world.sweep(later(2 * DAY))
    const left = await env.DB.prepare('select count(*) as n from inbound_chunks').first()
    expect(left).toEqual({ n: 0 })
  })

  it('of a source that was deleted goes too, and then the source', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    await post(world, source.path, '{}')
    await world.api('DELETE', `/api/sources/${source.id}`)
    await world.drain()
    await world.sweep(later(31 * DAY))
    await world.sweep(later(32 * DAY))
    const left = await env.DB.prepare('select count(*) as n from sources').first()
    expect(left).toEqual({ n: 0 })
  })
})
