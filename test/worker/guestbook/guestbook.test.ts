import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, BASE, mailbox, TOKEN, World } from '../../support/world'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

function sign(world: World, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return world.request('/sign', {
    method: 'POST',
    headers: { ...FORM, ...headers },
    body: new URLSearchParams(fields).toString(),
  })
}

async function page(world: World, path = '/'): Promise<string> {
  return (await world.request(path)).text()
}

describe('the guestbook page', () => {
  it('invites to sign when nobody has', async () => {
    const html = await page(new World())
    expect(html).toContain('Nobody has signed yet')
    expect(html).toContain('action="/sign#sign"')
    expect(html).toMatch(/^<!doctype html>/)
  })

  it('shows what was signed, escaped, with its number, time and permalink', async () => {
    const world = new World()
    const response = await sign(world, {
      name: '<b>Ada</b> & "Co"',
      website: 'example.com/?a=1&b="x"',
      body: '<script>alert(1)</script>\n\nsecond line',
    })
    expect(response.status).toBe(303)
    const to = response.headers.get('Location') ?? ''
    expect(to).toBe('/?signed=published#thanks')
    const html = await page(world, to.split('#')[0])
    expect(html).toContain('Thank you for signing!')
    expect(html).toContain('&lt;b&gt;Ada&lt;/b&gt; &amp; &quot;Co&quot;')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;\n\nsecond line')
    expect(html).not.toMatch(/<script/)
    expect(html).toMatch(
      /<a href="https:\/\/example\.com\/\?a=1&amp;b=%22x%22" rel="nofollow ugc noopener">/
    )
    expect(html).toContain('No. 1')
    expect(html).toMatch(/<time datetime="\d{4}-\d\d-\d\dT[\d:.]+Z">/)
    const path = /href="(\/comments\/cmt_\w+)"/.exec(html)?.[1] ?? ''
    const permalink = await world.request(path)
    expect(permalink.status).toBe(200)
    expect(await permalink.text()).toContain('second line')
  })

  it('gives back everything that was typed, with the errors next to their fields', async () => {
    const world = new World()
    const response = await sign(world, {
      name: '',
      website: 'javascript:x',
      body: '"Hi" <there>\n & more',
    })
    expect(response.status).toBe(422)
    const html = await response.text()
    expect(html).toContain('value="javascript:x"')
    expect(html).toContain('&quot;Hi&quot; &lt;there&gt;\n &amp; more</textarea>')
    expect(html).toMatch(/id="e-name">Your name is empty/)
    expect(html).toMatch(/id="e-website">The website must be an address/)
    expect(html).toMatch(/aria-invalid="true" aria-describedby="e-name"/)
    expect((await world.api('GET', '/api/comments')).body).toMatchObject({ data: [] })
  })

  it('keeps a leading line break that was typed', async () => {
    const html = await (await sign(new World(), { name: '', website: '', body: '\nsecond' })).text()
    // A browser drops the first line break inside a textarea; the second is the guest's.
    expect(html).toMatch(/<textarea[^>]*>\n\nsecond<\/textarea>/)
  })

  it('turns the page by key: every entry once, newest first', async () => {
    const world = new World()
    for (let i = 1; i <= 45; i++) await aComment(world, { name: `Guest ${i}` })
    const seen: number[] = []
    let path: string | undefined = '/'
    let pages = 0
    while (path) {
      const html: string = await page(world, path)
      seen.push(...[...html.matchAll(/<bdi>Guest (\d+)<\/bdi>/g)].map((match) => Number(match[1])))
      path = /href="(\/\?before=cmt_\w+)#entries"/.exec(html)?.[1]
      pages += 1
    }
    expect(pages).toBe(3)
    expect(seen).toEqual(Array.from({ length: 45 }, (_, i) => 45 - i))
  })

  it('keeps what a filled trap says for the owner, and tells no endpoint', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const response = await sign(world, {
      name: 'Bot',
      body: 'buy',
      homepage: 'http://spam.example',
    })
    expect(response.headers.get('Location')).toBe('/?signed=held#thanks')
    await world.drain()
    expect(await box.received()).toEqual([])
    const row = await env.DB.prepare('select status, reason from comments').first()
    expect(row).toEqual({ status: 'spam', reason: 'honeypot' })
    expect(await page(world)).not.toContain('Bot')
  })

  it('holds an entry full of links for the owner, and says so to both', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const body = 'http://a.example http://b.example http://c.example'
    expect((await sign(world, { name: 'Ada', body })).headers.get('Location')).toBe(
      '/?signed=held#thanks'
    )
    expect(await page(world, '/?signed=held')).toContain('waits for the owner')
    await world.drain()
    expect((await box.received()).map((one) => JSON.parse(one.body).type)).toEqual(['comment.held'])
  })

  it('stops a visitor after ten entries a minute, loses nothing typed, and lets others sign', async () => {
    const world = new World()
    const visitor = { 'CF-Connecting-IP': '203.0.113.7' }
    let response = await sign(world, { name: 'Ada', body: 'hello' }, visitor)
    for (let i = 0; i < 25 && response.status === 303; i++) {
      response = await sign(world, { name: 'Ada', body: 'what I typed' }, visitor)
    }
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await response.text()).toContain('what I typed</textarea>')
    const json = { ...visitor, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ name: 'Ada', body: 'again' })
    const api = await world.request('/api/comments', { method: 'POST', headers: json, body })
    expect(api.status).toBe(429)
    expect(api.headers.get('Retry-After')).toBe('60')
    expect(
      (await sign(world, { name: 'Bob', body: 'hi' }, { 'CF-Connecting-IP': '203.0.113.8' })).status
    ).toBe(303)
    const owner = { ...json, Authorization: `Bearer ${TOKEN}` }
    expect(
      (await world.request('/api/comments', { method: 'POST', headers: owner, body })).status
    ).toBe(201)
  })

  it('stores no address', async () => {
    const world = new World()
    await sign(world, { name: 'Ada', body: 'hi' }, { 'CF-Connecting-IP': '203.0.113.99' })
    const rows = await env.DB.prepare('select * from comments').all()
    expect(JSON.stringify(rows.results)).not.toContain('203.0.113')
    expect(rows.results[0]?.author_key).toMatch(/^[0-9a-f]{32}$/)
  })

  it('lets nothing in from outside, and no one frame it', async () => {
    const response = await new World().request('/')
    const policy = response.headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    const html = await response.text()
    expect(html).not.toMatch(/\sstyle="|\son\w+="|(src|href)="(https?:)?\/\//)
  })
})

describe('comments by API', () => {
  it('answers what was stored, and lists it', async () => {
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
    })
    expect((await world.api('GET', '/api/comments', undefined, {})).body).toEqual({
      data: [body],
      next: null,
    })
    expect((await world.api('GET', `/api/comments/${body.id}`, undefined, {})).body).toEqual(body)
  })

  it('pages through a list by cursor', async () => {
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

  it('may be called from any site', async () => {
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

  it('tells endpoints what moderation means for the page', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const { id } = await aComment(world)
    const path = `/api/comments/${id}`
    await world.api('PATCH', path, { body: 'Edited' })
    await world.api('PATCH', path, { body: 'Edited' })
    await world.api('PATCH', path, { status: 'hidden' })
    await world.api('PATCH', path, { status: 'published' })
    expect(await world.api('DELETE', path)).toMatchObject({ status: 204 })
    expect(await world.api('DELETE', path)).toMatchObject({ status: 404 })
    await world.drain()
    const types = (await box.received()).map((one) => JSON.parse(one.body).type).sort()
    expect(types).toEqual(
      [
        'comment.published',
        'comment.published',
        'comment.removed',
        'comment.removed',
        'comment.updated',
      ].sort()
    )
  })

  it('tells of a change once, however many ask for it at the same moment', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.removed', 'comment.updated'] })
    const { id } = await aComment(world)
    const path = `/api/comments/${id}`
    await Promise.all(
      Array.from({ length: 10 }, () => world.api('PATCH', path, { status: 'hidden' }))
    )
    await world.api('PATCH', path, { status: 'published' })
    const edits = await Promise.all(
      Array.from({ length: 10 }, (_, i) => world.api('PATCH', path, { body: `edit ${i}` }))
    )
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
    for (const { status } of [...edits, ...deletions])
      expect([200, 204, 404, 409]).toContain(status)
  })

  it('keeps moderation to the owner', async () => {
    const world = new World()
    const { id } = await aComment(world)
    for (const headers of [{}, { Authorization: 'Bearer wrong' }]) {
      expect(
        (await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' }, headers)).status
      ).toBe(401)
      expect((await world.api('DELETE', `/api/comments/${id}`, undefined, headers)).status).toBe(
        401
      )
    }
  })
})

describe('a key that makes a request safe to repeat', () => {
  const body = { name: 'Ada', body: 'Hello' }
  const owner = { Authorization: `Bearer ${TOKEN}` }

  it.each([
    ['/api/comments', body, { ...body, name: 'Bob' }],
    ['/api/endpoints', { url: 'https://example.com/a' }, { url: 'https://example.com/b' }],
    ['/api/messages', { type: 'a.b', data: { x: 1 } }, { type: 'a.b', data: { x: 2 } }],
  ])('POST %s answers the same again, and refuses another body', async (path, first, other) => {
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

  it('creates once when the same request comes many times at once', async () => {
    const world = new World()
    const headers = { ...owner, 'Idempotency-Key': 'race' }
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        world.api<{ id: string }>('POST', '/api/comments', body, headers)
      )
    )
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1)
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(1)
    expect(await env.DB.prepare('select count(*) as n from messages').first('n')).toBe(1)
  })

  it('belongs to the visitor who chose it: the same key of another means another request', async () => {
    const world = new World()
    const post = (address: string, name: string) =>
      world.api<{ name: string }>(
        'POST',
        '/api/comments',
        { name, body: 'hi' },
        {
          'CF-Connecting-IP': address,
          'Idempotency-Key': '1',
        }
      )
    expect(await post('203.0.113.30', 'Ada')).toMatchObject({ status: 201, body: { name: 'Ada' } })
    expect(await post('203.0.113.31', 'Bob')).toMatchObject({ status: 201, body: { name: 'Bob' } })
    expect(await post('203.0.113.30', 'Eve')).toMatchObject({ status: 409 })
  })

  it('is forgotten after a day, and never shows a secret at rest', async () => {
    const world = new World()
    const headers = { ...owner, 'Idempotency-Key': 'day' }
    const endpoint = { url: 'https://example.com/a' }
    const first = await world.api<{ id: string; secret: string }>(
      'POST',
      '/api/endpoints',
      endpoint,
      headers
    )
    const stored = JSON.stringify(
      (await env.DB.prepare('select * from idempotency_keys').all()).results
    )
    expect(stored).not.toContain(first.body.secret)
    expect(stored).not.toContain('whsec_')
    await env.DB.prepare('update idempotency_keys set created_at = created_at - 86400001').run()
    const again = await world.api<{ id: string }>('POST', '/api/endpoints', endpoint, headers)
    expect(again.body.id).not.toBe(first.body.id)
    await world.sweep(Date.now() + 2 * 86_400_000)
    expect(await env.DB.prepare('select count(*) as n from idempotency_keys').first('n')).toBe(0)
  })

  it('accepts a message with an id of its own once', async () => {
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

describe('an entry that goes', () => {
  it('is told with the words that were on the page, not with those it was changed to', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url('ok'), { event_types: ['comment.removed'] })
    const { id } = await aComment(world, { body: 'on the page' })
    const change = { status: 'hidden', body: 'never published' }
    const { body } = await world.api('PATCH', `/api/comments/${id}`, change)
    expect(body).toMatchObject(change)
    await world.drain()
    const [told] = (await box.received()).map((request) => JSON.parse(request.body))
    expect(told.data.comment).toMatchObject({ status: 'hidden', body: 'on the page' })
    expect(JSON.stringify(told)).not.toContain('never published')
  })
})
