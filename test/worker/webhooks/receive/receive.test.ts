import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { ROWS } from '../../../../src/owner/rules/stats/quotas'
import { sealSource } from '../../../../src/webhooks/sources/secrets'
import { wakeInboundSoon } from '../../../../src/webhooks/work/send-orders'
import { letPass } from '../../../support/clock'
import { later } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import {
  aSource,
  DAY,
  githubPost,
  type InboundView,
  listInbound as list,
  OVERDUE,
  post,
  type SourceView,
  STAR,
  theBody,
  theInbound,
} from '../../../support/sources'
import { World } from '../../../support/world'

describe('receiving a webhook', () => {
  it('stores and acknowledges the webhook, then verifies and processes it', async () => {
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

  it('takes one round trip before the acknowledgement, one queue message, and eight written rows', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush' })
    await githubPost(world, source.path, 'hush', STAR)
    world.invocations.length = 0
    await githubPost(world, source.path, 'hush', STAR)
    const [accepted] = world.invocations
    expect(accepted?.counts).toMatchObject({ d1RoundTrips: 1, queueMessages: 1 })
    await world.drain()
    const consumed = world.invocations.filter(({ door }) => door === 'queue')
    expect(consumed).toHaveLength(2)
    expect(Math.max(...consumed.map(({ counts }) => counts.d1RoundTrips))).toBeLessThanOrEqual(3)
    const written = world.invocations.slice(0, 1).concat(consumed.slice(-1))
    const rows = written.reduce((sum, { counts }) => sum + counts.rowsWritten, 0)
    console.log(`budget  one inbound message: rows written ${rows} (<= ${ROWS.inbound})`)
    expect(rows).toBeLessThanOrEqual(ROWS.inbound)
  })

  it('reports why the message failed, and processes it on replay after the cause has been fixed', async () => {
    const world = new World()
    const source = await aSource(world, 'github')
    const { body } = await githubPost(world, source.path, 'hush', STAR)
    await world.drain()
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'failed', reason: 'no_secret' })
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

  it('measures the age of a signature on arrival, however late the message is processed', async () => {
    const world = new World()
    const source = await aSource(world, 'stripe', { secret: 'whsec_test' })
    await world.api('POST', `/api/sources/${source.id}/sample`)
    world.loseQueue()
    await world.sweep(later(20 * DAY))
    await world.drain()
    expect(await list(world)).toMatchObject([{ status: 'processed', verified: true }])
  })

  it('replays all failed messages of one source', async () => {
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

  it('accepts signatures made with the previous secret until that secret expires', async () => {
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

  it('keeps four old secrets valid during rotations, and refuses the fifth rotation instead of dropping one', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'first' })
    const path = `/api/sources/${source.id}/secret/rotate`
    const rotate = (secret: string, grace_seconds: number) =>
      world.api<{ detail: string }>('POST', path, { secret, grace_seconds })
    for (const secret of ['b', 'c', 'd', 'e']) expect((await rotate(secret, 3_600)).status).toBe(200)
    const refused = await rotate('f', 60)
    expect(refused).toMatchObject({ status: 409, body: { code: 'too_many_rotations' } })
    expect(refused.body.detail).toMatch(/Rotate again after \d{4}-\S+Z,.* grace period of 0/)
    for (const secret of ['first', 'b', 'c', 'd', 'e']) await githubPost(world, source.path, secret, STAR)
    await world.drain()
    expect(await list(world, 'status=processed')).toHaveLength(5)
    const form = { secret: 'f', grace_seconds: '86400' }
    const page = await (await ownerBrowser(world)).submit(`/admin/sources/${source.id}/secret`, form)
    expect(page).toMatchObject({ status: 409, text: expect.stringContaining('4 old secrets') })
    expect((await rotate('f', 0)).status).toBe(200)
    await githubPost(world, source.path, 'first', STAR)
    await world.drain()
    expect(await list(world, 'status=failed')).toHaveLength(1)
  })
})

describe('the URL of a source', () => {
  it('distinguishes requests without a body by their query and method', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    for (const query of ['event=door', 'event=fire'])
      expect((await post(world, `${path}?${query}`, null, {}, 'GET')).status).toBe(202)
    expect((await post(world, path, '')).status).toBe(202)
    expect((await post(world, `${path}?event=fire`, null, {}, 'GET')).status).toBe(200)
  })

  it('returns 404 if no source has that URL, with at most one read and no writes', async () => {
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

  it('returns 404 after its source has been deleted, while the messages are kept', async () => {
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

  it('can be replaced by another URL', async () => {
    const world = new World()
    const source = await aSource(world, 'unsigned')
    const renewed = await world.api<SourceView>('POST', `/api/sources/${source.id}/url/rotate`)
    expect((await post(world, source.path, STAR)).status).toBe(404)
    expect((await post(world, new URL(renewed.body.url).pathname, STAR)).status).toBe(202)
  })

  it('accepts any method, responds to HEAD, and does not allow cross-origin scripts', async () => {
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

describe('a paused source', () => {
  it('stores messages, and processes them when it is resumed', async () => {
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

  it.each(['paused', 'failed'])(
    'verifies what arrived in a grace period with the old secret, however often the secret is rotated (%s)',
    async (state) => {
      const world = new World()
      const source = await aSource(world, 'github', { secret: 'first' })
      const path = `/api/sources/${source.id}`
      const rotate = (secret: string) =>
        world.api('POST', `${path}/secret/rotate`, { secret, grace_seconds: 4 * 86_400 })
      await rotate('second')
      if (state === 'paused') await world.api('PATCH', path, { status: 'paused' })
      const { body } = await githubPost(world, source.path, 'first', STAR)
      await world.drain()
      if (state === 'failed')
        await env.DB.prepare("update inbound_messages set status = 'failed', reason = 'template'").run()
      for (const secret of ['third', 'fourth', 'fifth', 'sixth', 'seventh']) {
        letPass(5 * 86_400_000)
        expect((await rotate(secret)).status).toBe(200)
      }
      if (state === 'paused') await world.api('PATCH', path, { status: 'active' })
      else await world.api('POST', `${path}/replay`)
      await world.drain()
      expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed', verified: true })
      // What arrives now is verified with the secrets that are valid now.
      const late = await githubPost(world, source.path, 'first', STAR.replace('ada', 'bob'))
      await world.drain()
      expect(await theInbound(world, late.body.id)).toMatchObject({ reason: 'signature_mismatch' })
    }
  )

  it('does not lose a message that was parked while the source was being resumed', async () => {
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

describe('a strict source', () => {
  it('returns 401 for a wrong signature, and stores the refused request', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'hush', strict: true })
    const refused = await githubPost(world, source.path, 'wrong', STAR)
    expect(refused.status).toBe(401)
    expect(refused.body.code).toBe('signature_mismatch')
    expect(await list(world)).toMatchObject([
      { status: 'failed', reason: 'signature_mismatch', verified: false, event_type: 'star', size: STAR.length },
    ])
    const [kept] = await list(world)
    const { log } = await theInbound(world, kept?.id ?? '')
    expect(log.map(({ event }) => event)).toEqual(['received', 'failed'])
    expect((await githubPost(world, source.path, 'hush', STAR)).status).toBe(202)
  })

  it('reads its secret again before it refuses a request, because another isolate may have changed the secret', async () => {
    const world = new World()
    const source = await aSource(world, 'github', { secret: 'old', strict: true })
    expect((await githubPost(world, source.path, 'old', STAR)).status).toBe(202)
    const token = source.path.slice('/in/'.length)
    const sealed = await sealSource(world.env, source.id, { token, current: 'new' })
    await env.DB.prepare('update sources set secrets = ?1').bind(sealed).run()
    expect((await githubPost(world, source.path, 'new', STAR)).status).toBe(202)
  })

  it('refuses every request while it has no secret', async () => {
    const world = new World()
    const source = await aSource(world, 'discord')
    expect(source.strict).toBe(true)
    const refused = await post(world, source.path, '{"type":1}')
    expect(refused.status).toBe(401)
    expect(refused.body.code).toBe('no_secret')
  })
})

describe('the queue wake-up', () => {
  it('is sent by a later request if the request that should have sent it died', async () => {
    const world = new World()
    const never = new Promise<void>(() => undefined)
    const wait = vi.spyOn(scheduler, 'wait').mockReturnValueOnce(never)
    try {
      const at = Date.now()
      void wakeInboundSoon(world.env, 'in_1', at)
      await wakeInboundSoon(world.env, 'in_2', at + 500)
      expect(world.queued).toEqual([])
      await wakeInboundSoon(world.env, 'in_3', at + 1_500)
      expect(world.queued.map(({ body }) => body)).toEqual([{ kind: 'process', inbound_ids: ['in_3'] }])
    } finally {
      wait.mockRestore()
    }
  })
})
