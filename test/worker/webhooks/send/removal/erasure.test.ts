import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { letPass } from '../../../../support/clock'
import { aComment, anEndpoint, later, mailbox } from '../../../../support/fixtures'
import { tablesWith } from '../../../../support/search'
import { ownerBrowser } from '../../../../support/session'
import { aSource, DAY, post } from '../../../../support/sources'
import { latestMessageId, messageIds, theDelivery } from '../../../../support/views'
import { TOKEN, World } from '../../../../support/world'

const WORDS = 'unrepeatable-words'
const MINUTE = 60_000
const SECRET = `whsec_${btoa('0123456789abcdef0123456789abcdef')}`

interface Pulled {
  data: { type: string; body: string }[]
}

async function pullAll(world: World, id: string): Promise<Pulled['data']> {
  const { body } = await world.api<{ token: string }>('POST', `/api/endpoints/${id}/pull-token`)
  letPass(1_100)
  const headers = { Authorization: `Bearer ${body.token}` }
  return (await world.api<Pulled>('GET', `/api/endpoints/${id}/messages`, undefined, headers)).body.data
}

async function replayAll(world: World, id: string): Promise<void> {
  const since = new Date(Date.now() - DAY).toISOString()
  const { status } = await world.api('POST', `/api/endpoints/${id}/replay`, { since, only: 'all' })
  expect(status).toBe(202)
  for (let i = 0; i < 3; i++) {
    await world.sweep(later(i * MINUTE))
    await world.drainDelayed()
  }
}

describe('an entry that is deleted for good', () => {
  it('removes no webhook that a source still has to act on, although it has the id of an event', async () => {
    const world = new World()
    const source = await aSource(world, 'standard-webhooks', { act: 'publish', secret: SECRET })
    const { id } = await aComment(world)
    const message = await latestMessageId(world)
    const { body } = await post(world, source.path, '{}', { 'webhook-id': message })
    await world.api('DELETE', `/api/comments/${id}`)
    expect(await world.api('GET', `/api/inbound/${body.id}`)).toMatchObject({ status: 200 })
  })

  it('removes the copies that the built-in receiver has, and no others', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    await browser.submit('/admin/first-steps/receiver', { from: 'overview' })
    const { id } = await aComment(world, { name: WORDS, body: WORDS })
    await world.api('PATCH', `/api/comments/${id}`, { body: `${WORDS} again` })
    await aComment(world, { body: 'another entry' })
    await world.drain()
    expect(await tablesWith(WORDS)).toContain('inbound_chunks.content')
    expect(await world.api('DELETE', `/api/comments/${id}`)).toMatchObject({ status: 204 })
    await world.drain()
    expect(await tablesWith(WORDS)).toEqual([])
    expect(await tablesWith('another entry')).toContain('inbound_chunks.content')
    // The receiver is told that the entry was removed, in words that do not repeat it.
    const kept = await env.DB.prepare('select event_type from inbound_messages order by id').all()
    expect(kept.results.map(({ event_type }) => event_type).toSorted()).toEqual([
      'comment.published',
      'comment.removed',
    ])
  })

  it('leaves its text in no table, and is never replayed or pulled again', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('echo'))
    const owner = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'sign-once' }
    const entry = { name: WORDS, body: WORDS, website: `https://example.com/${WORDS}` }
    const { body } = await world.api<{ id: string }>('POST', '/api/comments', entry, owner)
    await world.drain()
    await world.api('PATCH', `/api/comments/${body.id}`, { body: `${WORDS} again` })
    await world.drain()
    await aComment(world, { body: 'another entry' })
    await world.drain()
    expect(await tablesWith(WORDS)).toEqual([
      'attempts.response_excerpt',
      'comments.body',
      'comments.name',
      'comments.website',
      'messages.payload',
    ])

    expect((await world.api('DELETE', `/api/comments/${body.id}`)).status).toBe(204)
    await world.drain()
    expect(await tablesWith(WORDS)).toEqual([])

    const before = (await box.received()).length
    await replayAll(world, id)
    const replayed = (await box.received()).slice(before)
    expect(replayed.map(({ body }) => JSON.parse(body).type)).toEqual(['comment.published', 'comment.removed'])
    expect(JSON.stringify(replayed)).not.toContain(WORDS)
    expect((await pullAll(world, id)).map(({ type }) => type)).toEqual(['comment.published', 'comment.removed'])
    expect(await tablesWith(WORDS)).toEqual([])

    const repeated = await world.api('POST', '/api/comments', entry, owner)
    expect(repeated).toMatchObject({ status: 410, body: { code: 'deleted' } })
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(1)
  })

  it('is reported by an event that says which entry it was, but not what it said', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.removed'] })
    const { id } = await aComment(world, { name: WORDS, body: WORDS })
    await world.api('DELETE', `/api/comments/${id}`)
    await world.drain()
    const [removed] = await box.received()
    const { comment } = JSON.parse(removed?.body ?? '').data
    expect(comment).toEqual({
      id,
      book: 'main',
      status: 'hidden',
      url: expect.stringContaining(id),
      created_at: expect.any(String),
      edited_at: null,
    })
  })

  it('keeps a readable delivery log', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('echo'))
    const comment = await aComment(world, { body: WORDS })
    await world.drain()
    const message = await latestMessageId(world)
    await world.api('DELETE', `/api/comments/${comment.id}`)
    expect(await theDelivery(world, id, message)).toMatchObject({
      status: 'delivered',
      last_status_code: 200,
      attempts: [{ number: 1, outcome: 'delivered', response_excerpt: null }],
      curl: null,
    })
    const { body } = await world.api('GET', `/api/messages/${message}`)
    expect(body).toMatchObject({ payload: null, erased_at: expect.any(String) })
    const browser = await ownerBrowser(world)
    for (const path of [`/admin/messages/${message}`, `/admin/messages/${message}/deliveries/${id}`]) {
      expect(await browser.see(path)).toMatch(/payload [^.]*erased/)
    }
  })

  it('cancels what has not been sent yet', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/500'))
    const failing = await aComment(world, { body: WORDS })
    await world.drain()
    const undispatched = await aComment(world, { body: WORDS })
    const [first = '', second = ''] = await messageIds(world)
    const sent = (await box.received()).length
    for (const { id } of [failing, undispatched]) await world.api('DELETE', `/api/comments/${id}`)
    expect(await theDelivery(world, id, first)).toMatchObject({ status: 'canceled', reason: 'erased' })
    await world.drain()
    await world.sweep(later(10 * MINUTE))
    await world.drainDelayed()
    const since = (await box.received()).slice(sent)
    expect(new Set(since.map(({ body }) => JSON.parse(body).type))).toEqual(new Set(['comment.removed']))
    const retry = await world.api('POST', `/api/messages/${first}/deliveries/${id}/retry`)
    expect(retry).toMatchObject({ status: 409, body: { code: 'message_erased' } })
    const { body } = await world.api<{ deliveries: unknown[] }>('GET', `/api/messages/${second}`)
    expect(body.deliveries).toEqual([])
  })

  it('does not keep the response to a request that was under way', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('echo'))
    const comment = await aComment(world, { body: WORDS })
    const message = await latestMessageId(world)
    const { insertAttempts } = await import('../../../../../src/webhooks/send/deliver/store')
    await world.drain()
    await env.DB.prepare('delete from attempts').run()
    await world.api('DELETE', `/api/comments/${comment.id}`)
    const attempt = {
      endpoint_id: id,
      message_id: message,
      number: 1,
      trigger: 'auto' as const,
      started_at: 1,
      duration_ms: 1,
      outcome: 'delivered' as const,
      status_code: 200,
      error_class: null,
      response_excerpt: WORDS,
      response_headers: null,
      late_at: null,
      job_id: null,
    }
    await insertAttempts(world.env, [attempt]).run()
    expect((await theDelivery(world, id, message)).attempts).toMatchObject([{ number: 1, response_excerpt: null }])
  })

  it('leaves no text in the responses to its removals, where a receiver may repeat what it remembers', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const comment = await aComment(world)
    await world.api('PATCH', `/api/comments/${comment.id}`, { status: 'hidden' })
    await world.drain()
    const hidden = await latestMessageId(world)
    await env.DB.prepare('update attempts set response_excerpt = ?1').bind(WORDS).run()
    await world.api('PATCH', `/api/comments/${comment.id}`, { status: 'published' })
    await world.api('DELETE', `/api/comments/${comment.id}`)
    expect(await tablesWith(WORDS)).toEqual([])
    await world.drain()
    const deleted = await latestMessageId(world)
    const [attempt] = (await theDelivery(world, id, deleted)).attempts
    expect(attempt).toMatchObject({ outcome: 'delivered', response_excerpt: null })
    expect(await theDelivery(world, id, hidden)).toMatchObject({ status: 'delivered' })
  })

  it('names the inbound message that created it, which still contains the text', async () => {
    const world = new World()
    const template = { name: 'A webhook', body: '{{text}}' }
    const source = await aSource(world, 'unsigned', { act: 'sign', template })
    const { body } = await post(world, source.path, JSON.stringify({ text: WORDS }))
    await world.drain()
    const [comment] = (await world.api<{ data: { id: string }[] }>('GET', '/api/comments')).body.data
    const deleted = await world.api('DELETE', `/api/comments/${comment?.id}`)
    expect(deleted.headers.get('Link')).toContain(`/api/inbound/${body.id}>; rel="via"`)
    expect(await tablesWith(WORDS)).toEqual(['inbound_chunks.content', 'inbound_messages.body_prefix'])
    await world.api('POST', `/api/inbound/${body.id}/replay`)
    await world.drain()
    expect((await world.api<{ data: unknown[] }>('GET', '/api/comments')).body.data).toEqual([])
    await world.api('DELETE', `/api/inbound/${body.id}`)
    expect(await tablesWith(WORDS)).toEqual([])
  })

  it('is deleted on the dashboard, which links to the webhook that created it', async () => {
    const world = new World()
    const template = { name: 'A webhook', body: '{{text}}' }
    const source = await aSource(world, 'unsigned', { act: 'sign', template })
    const { body } = await post(world, source.path, JSON.stringify({ text: WORDS }))
    await world.drain()
    const [comment] = (await world.api<{ data: { id: string }[] }>('GET', '/api/comments')).body.data
    const browser = await ownerBrowser(world)
    const { location } = await browser.submit(`/admin/comments/${comment?.id}`, { action: 'delete' })
    const page = await (await browser.get(location ?? '')).text()
    expect(page).toContain(`href="/admin/inbound/${body.id}"`)
    expect(page).toContain('deleted for good')
  })
})

describe('an inbound message that is deleted', () => {
  it('leaves its text in no table, although it had published an event', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url('echo'))
    const source = await aSource(world, 'unsigned', { act: 'publish' })
    const { body } = await post(world, source.path, JSON.stringify({ text: WORDS }))
    await world.drain()
    expect(await tablesWith(WORDS)).toContain('messages.payload')
    await world.api('DELETE', `/api/inbound/${body.id}`)
    expect(await tablesWith(WORDS)).toEqual([])
  })
})

describe('an endpoint that is deleted', () => {
  it('leaves its URL in no table, and its deliveries stay readable', async () => {
    const world = new World()
    const box = mailbox()
    const owner = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'register-once' }
    const url = box.url(`status/404/${WORDS}`)
    const { body: endpoint } = await world.api<{ id: string }>('POST', '/api/endpoints', { url }, owner)
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    // Some receivers repeat the path of the request in their responses.
    await env.DB.prepare('update attempts set response_excerpt = ?').bind(`Cannot POST /${WORDS}`).run()
    await world.api('DELETE', `/api/endpoints/${endpoint.id}`)
    expect(await tablesWith(WORDS)).toEqual([])
    await world.sweep(later(10 * MINUTE))
    await world.drain()
    expect(await world.api('GET', `/api/messages/${message}/deliveries/${endpoint.id}`)).toMatchObject({
      status: 200,
      body: { endpoint_url: null, status: 'canceled', reason: 'endpoint_deleted' },
    })
    const browser = await ownerBrowser(world)
    for (const path of [`/admin/messages/${message}`, `/admin/messages/${message}/deliveries/${endpoint.id}`]) {
      expect(await browser.see(path)).toContain('deleted endpoint')
    }
    expect(await world.api('POST', '/api/endpoints', { url }, owner)).toMatchObject({ status: 410 })
  })

  it("loses all of its receivers' responses, page by page, and then its row when its deliveries are gone", async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 700)
       insert into attempts (endpoint_id, message_id, number, trigger, started_at, duration_ms, outcome,
         response_excerpt)
       select ?1, printf('msg_%026d', i), 1, 'auto', 1, 1, 'refused', ?2 from n`
    )
      .bind(id, WORDS)
      .run()
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status, settled_at)
       select endpoint_id, message_id, 'failed', 1 from attempts`
    ).run()
    await world.api('DELETE', `/api/endpoints/${id}`)
    expect(await tablesWith(WORDS)).toEqual(['attempts.response_excerpt'])
    for (let i = 0; i < 5; i++) await world.sweep(later(i * MINUTE), 'deleted_endpoints')
    expect(await tablesWith(WORDS)).toEqual([])
    await world.sweep(later(2 * DAY), 'deleted_endpoints')
    expect(await env.DB.prepare('select count(*) as n from endpoints').first('n')).toBe(1)
    await env.DB.prepare('delete from deliveries').run()
    await world.sweep(later(4 * DAY), 'deleted_endpoints')
    expect(await env.DB.prepare('select count(*) as n from endpoints').first('n')).toBe(0)
  })
})
