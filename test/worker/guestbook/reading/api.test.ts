import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { COMMENT_PUBLISHED } from '../../../../src/guestbook/rules/events/event-data'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { BASE, World } from '../../../support/world'

describe('the comments API', () => {
  it('returns a new comment as it was stored, and lists it', async () => {
    const world = new World()
    const { status, body } = await world.api('POST', '/api/comments', {
      name: '  Ada  ',
      body: 'Hi\r\nthere',
      website: 'example.com',
    })
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.stringMatching(/^cmt_[0-9A-Z]{26}$/),
      book: 'main',
      name: 'Ada',
      website: 'https://example.com/',
      body: 'Hi\nthere',
      status: 'published',
      url: `${BASE}/comments/${body.id}`,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/),
      edited_at: null,
      answers: [],
      mood: null,
      place: null,
      is_private: false,
      drawing: null,
      pre: false,
      reply: null,
      mentioned_on: null,
    })
    expect((await world.api('GET', '/api/comments', undefined, {})).body).toEqual({
      data: [body],
      next: null,
    })
    expect((await world.api('GET', `/api/comments/${body.id}`, undefined, {})).body).toEqual(body)
    // The schema of the events has the same fields.
    const { comment } = COMMENT_PUBLISHED.schema.properties as { comment: { properties: object } }
    expect(Object.keys(comment.properties).toSorted()).toEqual(Object.keys(body).toSorted())
  })

  it('paginates the list by cursor', async () => {
    const world = new World()
    for (let i = 0; i < 7; i++) await aComment(world, { name: `n${i}` })
    const names: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = cursor ? `&cursor=${cursor}` : ''
      const { body }: { body: { data: { name: string }[]; next: string | null } } = await world.api(
        'GET',
        `/api/comments?limit=3${query}`
      )
      names.push(...body.data.map(({ name }) => name))
      cursor = body.next
    }
    expect(names).toEqual(['n6', 'n5', 'n4', 'n3', 'n2', 'n1', 'n0'])
  })

  it('can be called from any site', async () => {
    const world = new World()
    const preflight = await world.request('/api/comments', {
      method: 'OPTIONS',
      headers: { Origin: 'https://other.example', 'Access-Control-Request-Method': 'POST' },
    })
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const response = await world.request('/api/comments', {
      headers: { Origin: 'https://other.example' },
    })
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const refused = await world.request('/api/comments?limit=0', {
      headers: { Origin: 'https://other.example' },
    })
    expect(refused.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const form = await world.request('/api/comments', { method: 'POST', body: 'a=b' })
    expect(form.status).toBe(415)
    expect(form.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })

  it('sends one event for each change to the public page', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const { id } = await aComment(world)
    const path = `/api/comments/${id}`
    await world.api('PATCH', path, { body: 'Edited' })
    await world.api('PATCH', path, { body: 'Edited' })
    await world.api('PATCH', path, { status: 'hidden' })
    await world.api('PATCH', path, { status: 'published' })
    // A deletion cancels what has not been sent yet.
    await world.drain()
    expect(await world.api('DELETE', path)).toMatchObject({ status: 204 })
    expect(await world.api('DELETE', path)).toMatchObject({ status: 404 })
    await world.drain()
    const types = (await box.received()).map((one) => JSON.parse(one.body).type).sort()
    expect(types).toEqual(
      ['comment.published', 'comment.published', 'comment.removed', 'comment.removed', 'comment.updated'].sort()
    )
  })

  it('sends one event for a change that several requests make at the same time', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.removed', 'comment.updated'] })
    const { id } = await aComment(world)
    const path = `/api/comments/${id}`
    await Promise.all(Array.from({ length: 10 }, () => world.api('PATCH', path, { status: 'hidden' })))
    await world.api('PATCH', path, { status: 'published' })
    const edits = await Promise.all(
      Array.from({ length: 10 }, (_, i) => world.api('PATCH', path, { body: `edit ${i}` }))
    )
    await world.drain()
    const deletions = await Promise.all(Array.from({ length: 10 }, () => world.api('DELETE', path)))
    await world.drain()
    const events = (await box.received()).map((one) => JSON.parse(one.body))
    const edited = edits.filter(({ status }) => status === 200)
    expect(events.map(({ type }) => type)).toEqual([
      'comment.removed',
      ...edited.map(() => 'comment.updated'),
      'comment.removed',
    ])
    expect(edited.map(({ body }) => body.body)).toEqual(
      events.filter(({ type }) => type === 'comment.updated').map(({ data }) => data.comment.body)
    )
    expect(deletions.filter(({ status }) => status === 204)).toHaveLength(1)
    const statuses = new Set([...edits, ...deletions].map(({ status }) => status))
    expect([...statuses].filter((status) => ![200, 204, 404, 409].includes(status))).toEqual([])
  })

  it('reports the deletion of a comment that was published after the deletion had read it', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.removed'] })
    const { id } = await aComment(world, { body: 'https://a.example https://b.example https://c.example' })
    const real = world.env.DB.batch.bind(world.env.DB)
    let isFirst = true
    world.env.DB.batch = async (statements) => {
      if (isFirst) await env.DB.prepare(`update comments set status = 'published'`).run()
      isFirst = false
      return real(statements as never)
    }
    expect((await world.api('DELETE', `/api/comments/${id}`)).status).toBe(204)
    await world.drain()
    expect((await box.received()).map(({ body }) => JSON.parse(body).data.comment.id)).toEqual([id])
  })

  it('allows only the owner to moderate', async () => {
    const world = new World()
    const { id } = await aComment(world)
    const path = `/api/comments/${id}`
    const statuses: number[] = []
    for (const headers of [{}, { Authorization: 'Bearer wrong' }]) {
      statuses.push((await world.api('PATCH', path, { status: 'hidden' }, headers)).status)
      statuses.push((await world.api('DELETE', path, undefined, headers)).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401])
  })

  it.each(['status=held', 'q=ada'])('says whether a token is missing or wrong for %s', async (query) => {
    const world = new World()
    const codes: unknown[] = []
    for (const headers of [{}, { Authorization: 'Bearer wrong' }]) {
      const { status, body } = await world.api<{ code: string }>('GET', `/api/comments?${query}`, undefined, headers)
      codes.push(status, body.code)
    }
    expect(codes).toEqual([401, 'no_token', 401, 'bad_token'])
  })
})

describe('a comment.removed event', () => {
  it('contains no text, neither what was on the page nor what was never published', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url('ok'), { event_types: ['comment.removed'] })
    const { id } = await aComment(world, { body: 'on the page' })
    const change = { status: 'hidden', body: 'never published' }
    const { body } = await world.api('PATCH', `/api/comments/${id}`, change)
    expect(body).toMatchObject(change)
    await world.drain()
    const [event] = (await box.received()).map((request) => JSON.parse(request.body))
    expect(event.data.comment).toMatchObject({ id, status: 'hidden' })
    for (const text of ['never published', 'on the page', 'Ada']) expect(JSON.stringify(event)).not.toContain(text)
  })
})
