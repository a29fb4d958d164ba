import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { anEndpoint, later, mailbox } from '../../../support/fixtures'
import { TOKEN, World } from '../../../support/world'

describe('an Idempotency-Key', () => {
  const body = { name: 'Ada', body: 'Hello' }
  const owner = { Authorization: `Bearer ${TOKEN}` }

  it.each([
    ['/api/comments', body, { ...body, name: 'Bob' }],
    ['/api/endpoints', { url: 'https://example.com/a' }, { url: 'https://example.com/b' }],
    ['/api/messages', { type: 'a.b', data: { x: 1 } }, { type: 'a.b', data: { x: 2 } }],
  ])('makes POST %s repeat its first response, and reject a different body', async (path, first, other) => {
    const world = new World()
    const headers = { ...owner, 'Idempotency-Key': 'once' }
    const one = await world.api('POST', path, first, headers)
    expect(one.status).toBe(201)
    const two = await world.api('POST', path, first, headers)
    expect(two).toMatchObject({ status: 201, body: one.body })
    expect(two.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await world.api('POST', path, other, headers)).toMatchObject({
      status: 409,
      body: { code: 'key_reused' },
    })
    const list = await world.api<{ data: unknown[] }>('GET', path)
    expect(list.body.data).toHaveLength(1)
  })

  it.each(['/api/comments', '/api/endpoints', '/api/messages', '/api/sources', '/api/event-types'])(
    'gets 400 from POST %s if it is malformed, however long it is, and nothing is created',
    async (path) => {
      const world = new World()
      const bodies: Record<string, object> = {
        '/api/comments': body,
        '/api/endpoints': { url: 'https://example.com/a' },
        '/api/messages': { type: 'a.b', data: {} },
        '/api/sources': { name: 'A source', provider: 'unsigned' },
        '/api/event-types': { name: 'a.b', schema: {}, example: {} },
      }
      const statuses: unknown[] = []
      for (const key of ['x'.repeat(256), 'x'.repeat(5_000), 'a b', '', 'é']) {
        const headers = { ...owner, 'Idempotency-Key': key }
        const { status, body: problem } = await world.api('POST', path, bodies[path], headers)
        statuses.push([key.length, status, problem.code])
      }
      expect(statuses).toEqual([256, 5_000, 3, 0, 1].map((length) => [length, 400, 'bad_idempotency_key']))
      expect(
        (await world.api('POST', path, bodies[path], { ...owner, 'Idempotency-Key': 'x'.repeat(255) })).status
      ).toBe(201)
      const { body: guests } = await world.api('POST', '/api/comments', body, { 'Idempotency-Key': 'x'.repeat(256) })
      expect(guests).toMatchObject({ status: 400, code: 'bad_idempotency_key' })
    }
  )

  it('creates one comment when the same request is sent ten times simultaneously', async () => {
    const world = new World()
    const headers = { ...owner, 'Idempotency-Key': 'race' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.api<{ id: string }>('POST', '/api/comments', body, headers))
    )
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(1)
    expect(await env.DB.prepare('select count(*) as n from messages').first('n')).toBe(1)
  })

  it('holds for a guest whose address changes between two attempts', async () => {
    const world = new World()
    const post = (address: string, name: string) =>
      world.api<{ id: string }>(
        'POST',
        '/api/comments',
        { name, body: 'hi' },
        { 'CF-Connecting-IP': address, 'Idempotency-Key': '1' }
      )
    const first = await post('203.0.113.30', 'Ada')
    expect(await post('203.0.113.31', 'Ada')).toMatchObject({ status: 201, body: { id: first.body.id } })
    expect(await post('203.0.113.31', 'Eve')).toMatchObject({ status: 409, body: { code: 'key_reused' } })
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(1)
  })

  it('expires after a day, and stores the response encrypted', async () => {
    const world = new World()
    const headers = { ...owner, 'Idempotency-Key': 'day' }
    const endpoint = { url: 'https://example.com/a' }
    const first = await world.api<{ id: string; secret: string }>('POST', '/api/endpoints', endpoint, headers)
    const stored = JSON.stringify((await env.DB.prepare('select * from idempotency_keys').all()).results)
    expect(stored).not.toContain(first.body.secret)
    expect(stored).not.toContain('whsec_')
    await env.DB.prepare('update idempotency_keys set created_at = created_at - 86400001').run()
    const again = await world.api<{ id: string }>('POST', '/api/endpoints', endpoint, headers)
    expect(again.body.id).not.toBe(first.body.id)
    // On the Paid plan, every chore has its turn in every sweep.
    await new World({ FREE_PLAN: 'false' }).sweep(later(2 * 86_400_000), 'old_keys')
    expect(await env.DB.prepare('select count(*) as n from idempotency_keys').first('n')).toBe(0)
  })

  it('is not needed for a message with its own id, which is accepted only once', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const message = { id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', type: 'invoice.paid', data: { n: 1 } }
    expect(await world.api('POST', '/api/messages', message)).toMatchObject({
      status: 201,
      body: { id: message.id },
    })
    expect(await world.api('POST', '/api/messages', message)).toMatchObject({
      status: 200,
      body: { id: message.id },
    })
    expect(await world.api('POST', '/api/messages', { ...message, data: { n: 2 } })).toMatchObject({
      status: 409,
    })
    await world.drain()
    const received = await box.received()
    expect(received.map((one) => one.headers['webhook-id'])).toEqual([message.id])
  })
})
