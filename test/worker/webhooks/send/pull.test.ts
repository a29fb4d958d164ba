import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'
import { aKey, withKey } from '../../access/a-key'

interface Page {
  data: { id: string; type: string; headers: Record<string, string>; body: string }[]
  next: string | null
  has_more: boolean
}

function lower(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]))
}

/** An endpoint with a pull token. The messages are old enough to be returned. */
async function aPuller(world: World, comments: number, options: Record<string, unknown> = {}) {
  const endpoint = await anEndpoint(world, mailbox().url('ok'), options)
  const { body } = await world.api<{ token: string }>('POST', `/api/endpoints/${endpoint.id}/pull-token`)
  for (let i = 0; i < comments; i++) await aComment(world, { body: `comment ${i}` })
  letPass(1_100)
  const pull = (query = '', token = body.token) =>
    world.api<Page>('GET', `/api/endpoints/${endpoint.id}/messages${query}`, undefined, {
      Authorization: `Bearer ${token}`,
    })
  return { ...endpoint, token: body.token, pull }
}

function bodies({ body }: { body: Page }): string[] {
  return body.data.map((message) => JSON.parse(message.body).data.comment.body)
}

describe('pulling messages', () => {
  it('does not give the secret URL to a key that may not see it', async () => {
    const world = new World()
    const endpoint = await anEndpoint(world, 'https://ntfy.example/my-secret-topic', { format: 'ntfy' })
    await aComment(world)
    letPass(1_100)
    const path = `/api/endpoints/${endpoint.id}/messages`
    const topics = ['read', 'secrets'].map(async (scope) => {
      const key = withKey(await aKey(world, ['read', scope]))
      const { body } = await world.api<Page>('GET', path, undefined, key)
      return JSON.parse(body.data[0]?.body ?? '{}').topic
    })
    expect(await Promise.all(topics)).toEqual(['hidden-hidden-hidden', 'my-secret-topic'])
  })

  it('returns the bytes that were sent, oldest first, with a new signature', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret } = await anEndpoint(world, box.url('ok'))
    const { body } = await world.api<{ token: string }>('POST', `/api/endpoints/${id}/pull-token`)
    for (const text of ['one', 'two']) await aComment(world, { body: text })
    await world.drain()
    letPass(1_100)
    const pulled = await world.api<Page>('GET', `/api/endpoints/${id}/messages`, undefined, {
      Authorization: `Bearer ${body.token}`,
    })
    expect(bodies(pulled)).toEqual(['one', 'two'])
    const sent = await box.received()
    const shown = pulled.body.data.map(({ body, headers }) => ({ body, ...lower(headers) }))
    expect(shown).toMatchObject(
      sent.map(({ body, headers }) => ({
        body,
        'webhook-id': headers['webhook-id'],
        'content-type': 'application/json',
      }))
    )
    for (const message of pulled.body.data) new Webhook(secret).verify(message.body, lower(message.headers))
  })

  it('continues after the last message, page by page, and returns a cursor even at the end', async () => {
    const { pull } = await aPuller(new World(), 5)
    const first = await pull('?limit=2')
    expect(bodies(first)).toEqual(['comment 0', 'comment 1'])
    expect(first.body.has_more).toBe(true)
    const second = await pull(`?limit=2&after=${first.body.next}`)
    const third = await pull(`?limit=2&after=${second.body.next}`)
    expect(bodies(third)).toEqual(['comment 4'])
    expect(third.body).toMatchObject({ has_more: false, next: third.body.data[0]?.id })
    const end = await pull(`?after=${third.body.next}`)
    expect(end.body).toEqual({ data: [], has_more: false, next: third.body.next })
  })

  it.each([
    ['/sign', 'application/x-www-form-urlencoded', 'name=Ada&body=slow'],
    ['/api/comments', 'application/json', '{"name":"Ada","body":"slow"}'],
  ])(
    'returns what a slow client sends to %s, although a later request was read in the meantime',
    async (path, type, sent) => {
      const world = new World()
      const { pull } = await aPuller(world, 0)
      let next: string | null = null
      const body = new ReadableStream(
        {
          async pull(controller) {
            await aComment(world, { body: 'quick' })
            letPass(1_100)
            next = (await pull()).body.next
            controller.enqueue(new TextEncoder().encode(sent))
            controller.close()
          },
        },
        { highWaterMark: 0 }
      )
      await world.request(path, { method: 'POST', headers: { 'Content-Type': type }, body })
      letPass(1_100)
      expect(next).toMatch(/^msg_/)
      expect(bodies(await pull(`?after=${next}`))).toEqual(['slow'])
    }
  )

  it('returns only messages that the endpoint subscribes to, and runs a bounded number of queries', async () => {
    const world = new World()
    const { pull } = await aPuller(world, 1, { event_types: ['order.*'], enabled: false })
    await env.DB.prepare(
      `insert into messages (id, type, created_at, payload, dispatched_at)
       select 'msg_0' || substr('0000000000000000000000000' || value, -25), 'other.thing', 0, '{}', 0 from json_each(?1)`
    )
      .bind(JSON.stringify(Array.from({ length: 600 }, (_, i) => i)))
      .run()
    await world.api('POST', '/api/messages', { type: 'order.paid', data: {} })
    letPass(1_100)
    const { body } = await pull()
    expect(body.data.map(({ type }) => type)).toEqual(['order.paid'])
    const counts = world.invocations.at(-1)?.counts
    expect(counts?.queries).toBeLessThanOrEqual(50)
  })

  it('works for an endpoint that was never enabled, to which nothing is sent', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'), { enabled: false })
    const { body: endpoint } = await world.api('GET', `/api/endpoints/${id}`)
    expect(endpoint).toMatchObject({ status: 'disabled', disabled_reason: 'manual', pull: false })
    await aComment(world)
    await world.drain()
    expect(await box.received()).toEqual([])
    letPass(1_100)
    const { body } = await world.api<Page>('GET', `/api/endpoints/${id}/messages`)
    expect(body.data).toHaveLength(1)
  })

  it('returns the tests sent to this endpoint, and to no other', async () => {
    const world = new World()
    const { id, pull } = await aPuller(world, 0)
    const other = await anEndpoint(world, mailbox().url('ok'))
    await world.api('POST', `/api/endpoints/${other.id}/test`)
    await world.api('POST', `/api/endpoints/${id}/test`)
    letPass(1_100)
    expect((await pull()).body.data.map(({ type }) => type)).toEqual(['ping'])
  })

  it('waits for a message as long as the request asks, and no longer', async () => {
    const world = new World()
    const { pull } = await aPuller(world, 0)
    const waiting = pull('?wait=10')
    await new Promise((resolve) => setTimeout(resolve, 300))
    await aComment(world, { body: 'late' })
    expect(bodies(await waiting)).toEqual(['late'])
    const { body } = await pull(`?wait=2&after=${(await pull()).body.next}`)
    expect(body.data).toEqual([])
  })

  it('keeps waiting while the condition of the endpoint excludes what arrives, and then returns what it allows', async () => {
    const world = new World()
    const { pull } = await aPuller(world, 0, { when: 'data.ok == true' })
    const publish = (ok: boolean) => world.api('POST', '/api/messages', { type: 'order.paid', data: { ok } })
    await publish(false)
    letPass(1_100)
    const waiting = pull('?wait=20')
    await new Promise((resolve) => setTimeout(resolve, 300))
    await publish(false)
    letPass(3_000)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await publish(true)
    letPass(3_000)
    const { body } = await waiting
    expect(body.data.map((message) => JSON.parse(message.body).data)).toEqual([{ ok: true }])
    expect((await pull(`?after=${body.next}`)).body).toEqual({ data: [], has_more: false, next: body.next })
    expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(50)
  })

  it('returns long payloads a few at a time, without losing any', async () => {
    const world = new World()
    const { pull } = await aPuller(world, 0)
    const text = 'x'.repeat(200_000)
    for (let i = 0; i < 7; i++) {
      await world.api('POST', '/api/messages', { type: 'order.paid', data: { i, text } })
    }
    letPass(1_100)
    const seen: number[] = []
    const sizes: number[] = []
    for (let after = ''; seen.length < 7; ) {
      const { body } = await pull(after && `?after=${after}`)
      sizes.push(body.data.length)
      seen.push(...body.data.map((message) => JSON.parse(message.body).data.i))
      after = body.next ?? ''
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(Math.max(...sizes)).toBeLessThan(6)
  })

  it('requires the token of this endpoint, and a new token replaces the old one', async () => {
    const world = new World()
    const { id, token, pull } = await aPuller(world, 0)
    const other = await aPuller(world, 0)
    for (const wrong of ['', 'pull_x', other.token, `${token}x`]) {
      expect((await pull('', wrong)).status).toBe(401)
    }
    const nobody = await world.api('GET', '/api/endpoints/ep_x/messages', undefined, {
      Authorization: `Bearer ${token}`,
    })
    expect(nobody.status).toBe(401)
    expect((await pull()).status).toBe(200)
    const { body } = await world.api<{ token: string }>('POST', `/api/endpoints/${id}/pull-token`)
    expect((await pull()).status).toBe(401)
    expect((await pull('', body.token)).status).toBe(200)
    await world.api('DELETE', `/api/endpoints/${id}/pull-token`)
    expect((await pull('', body.token)).status).toBe(401)
    const row = await env.DB.prepare('select * from endpoints where id = ?1').bind(id).first()
    expect(JSON.stringify(row)).not.toContain(token)
  })

  it('is the only action that the token allows', async () => {
    const world = new World()
    const { id, token } = await aPuller(world, 0)
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/secret'],
      ['POST', '/messages'],
      ['POST', '/pull-token'],
      ['DELETE', ''],
    ]) {
      const headers = { Authorization: `Bearer ${token}` }
      const { status } = await world.api(method ?? '', `/api/endpoints/${id}${path}`, undefined, headers)
      expect(status).toBe(401)
    }
  })

  it.each(['?limit=0', '?limit=101', '?wait=26', '?wait=-1', '?after=x'])('rejects the query %s', async (query) => {
    const { pull } = await aPuller(new World(), 0)
    expect([400, 422]).toContain((await pull(query)).status)
  })

  it('works with a token from the dashboard, which is shown once', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    const browser = await ownerBrowser(world)
    const path = `/admin/endpoints/${id}`
    const made = await browser.submit(`${path}/pull-token`, {})
    const shown = await browser.see(made.location ?? '')
    const token = /pull_[\w-]{43}/.exec(shown)?.[0] ?? ''
    expect(await browser.see(path)).not.toContain('pull_')
    const headers = { Authorization: `Bearer ${token}` }
    const { status } = await world.api('GET', `/api/endpoints/${id}/messages`, undefined, headers)
    expect(status).toBe(200)
    await browser.submit(`${path}/pull-token/revoke`, {})
    const after = await world.api('GET', `/api/endpoints/${id}/messages`, undefined, headers)
    expect(after.status).toBe(401)
  })
})
