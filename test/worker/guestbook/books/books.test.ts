import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { BEGIN_REMOVAL } from '../../../../src/guestbook/books/store'
import { EN } from '../../../../src/guestbook/rules/languages/en'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { tablesWith } from '../../../support/search'
import { BOOK_FORM, ownerBrowser, signAsGuest, withoutModeration, withoutStamp } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { TOKEN, World } from '../../../support/world'

const DAY = 86_400_000

interface Book {
  slug: string
  title: string
  comment_count: number
  code: string
}

async function aBook(world: World, slug = 'summer', more: Record<string, unknown> = {}) {
  const created = await world.api<Book>('POST', '/api/books', { slug, title: 'Summer', ...more })
  expect(created.status).toBe(201)
  return created.body
}

async function page(world: World, path: string): Promise<string> {
  return (await world.request(path)).text()
}

function sign(world: World, path: string, fields: Record<string, string>) {
  return signAsGuest(world, fields, { path })
}

async function count(world: World, slug: string): Promise<number> {
  return (await world.api<Book>('GET', `/api/books/${slug}`)).body.comment_count
}

describe('a book', () => {
  it('has a page, a form, entries and numbers of its own', async () => {
    const world = new World()
    await aBook(world, 'summer', { moderation: 'none' })
    await withoutModeration(world)
    await sign(world, '/sign', { body: 'In the main book' })
    const signed = await sign(world, '/b/summer/sign', { body: 'In the summer' })
    expect(signed.headers.get('Location')).toBe('/b/summer?signed=published#thanks')
    await aComment(world, { book: 'summer', body: 'By the API' })
    const html = await page(world, '/b/summer')
    expect(html).toContain('action="/b/summer/sign"')
    expect(html).toContain('In the summer')
    expect(html).toContain('No. 2')
    expect(html).not.toContain('In the main book')
    expect(await page(world, '/')).not.toContain('In the summer')
    const list = await world.api<{ data: { body: string; book: string }[] }>('GET', '/api/comments?book=summer')
    expect(list.body.data).toMatchObject([{ body: 'By the API', book: 'summer' }, { body: 'In the summer' }])
  })

  it('is named in events, with its own address, and endpoints can ask for only some books', async () => {
    const world = new World()
    await aBook(world)
    const [all, main] = [mailbox(), mailbox()]
    await anEndpoint(world, all.url())
    await anEndpoint(world, main.url(), { books: ['main'] })
    await aComment(world, { book: 'summer' })
    await world.drain()
    const [request] = await all.received()
    expect(JSON.parse(request?.body ?? '').data).toMatchObject({
      comment: { book: 'summer' },
      book: { slug: 'summer', title: 'Summer', url: 'https://guestbook.example.com/b/summer' },
    })
    expect(await main.received()).toEqual([])
  })

  it('is listed for everybody, with its settings only for the owner', async () => {
    const world = new World()
    await aBook(world, 'summer', { daily_quota_mb: 3, home_url: 'example.com' })
    const listed = await world.api<{ data: Book[] }>('GET', '/api/books', undefined, {})
    expect(listed.body.data).toEqual([
      expect.objectContaining({ slug: 'main', url: 'https://guestbook.example.com/' }),
      {
        slug: 'summer',
        title: 'Summer',
        welcome: EN.welcome,
        theme: 'nineties',
        language: 'auto',
        is_open: true,
        comment_count: 0,
        url: 'https://guestbook.example.com/b/summer',
      },
    ])
    const own = await world.api<{ data: Book[] }>('GET', '/api/books')
    expect(own.body.data[1]).toMatchObject({ welcome: null, daily_quota_mb: 3, home_url: 'https://example.com/' })
    const second = await world.api<{ data: Book[]; next: string }>('GET', '/api/books?limit=1')
    expect((await world.api<{ data: Book[] }>('GET', `/api/books?cursor=${second.body.next}`)).body.data).toHaveLength(
      1
    )
    const preflight = await world.request('/api/books/main', { method: 'OPTIONS' })
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })

  it.each([
    [{ slug: 'Not a slug', title: 'x' }, 'slug'],
    [{ slug: 'new', title: 'x' }, 'slug'],
    [{ slug: 'summer', title: '' }, 'title'],
    [{ slug: 'summer', title: 'x', welcome: 'y'.repeat(201) }, 'welcome'],
    [{ slug: 'summer', title: 'x', home_url: 'javascript:alert(1)' }, 'home_url'],
    [{ slug: 'summer', title: 'x', language: 'tlh' }, 'language'],
    [{ slug: 'summer', title: 'x', daily_quota_mb: -1 }, 'daily_quota_mb'],
    [{ slug: 'summer' }, 'title'],
  ])('is refused as %j', async (input, path) => {
    const answer = await new World().api<{ errors: { path: string }[] }>('POST', '/api/books', input)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })

  it('has a slug of its own, is created once for an Idempotency-Key, and there can be fifty', async () => {
    const world = new World()
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Idempotency-Key': 'once' }
    const input = { slug: 'summer', title: 'Summer' }
    expect((await world.api('POST', '/api/books', input, headers)).status).toBe(201)
    expect((await world.api('POST', '/api/books', input, headers)).status).toBe(201)
    expect(await world.api('POST', '/api/books', input)).toMatchObject({ status: 409, body: { code: 'slug_taken' } })
    for (let i = 2; i < 49; i++) await aBook(world, `book-${i}`)
    const answers = await Promise.all(
      [1, 2].map((i) => world.api('POST', '/api/books', { slug: `last-${i}`, title: 'x' }))
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  it('can be changed only by the owner', async () => {
    const world = new World()
    await aBook(world)
    for (const [method, path] of [
      ['POST', '/api/books'],
      ['PATCH', '/api/books/summer'],
      ['DELETE', '/api/books/summer'],
      ['POST', '/api/books/summer/restore'],
    ] as const) {
      expect((await world.api(method, path, {}, {})).status).toBe(401)
    }
    expect((await world.api('PATCH', '/api/books/summer', { title: 'Winter' })).body).toMatchObject({ title: 'Winter' })
    expect((await world.api('PATCH', '/api/books/none', { title: 'x' })).status).toBe(404)
    expect(await page(world, '/b/summer')).toContain('Winter')
  })

  it('can be closed while its entries stay, and a guest who was writing keeps the text', async () => {
    const world = new World()
    await aBook(world)
    await aComment(world, { book: 'summer', body: 'Before' })
    await world.api('PATCH', '/api/books/summer', { is_open: false })
    const html = await page(world, '/b/summer')
    expect(html).toContain(EN.closed)
    expect(html).toContain('Before')
    expect(html).not.toContain('<form')
    const late = await sign(world, '/b/summer/sign', { body: 'What I typed' })
    expect(late.status).toBe(403)
    expect(await late.text()).toContain('What I typed</textarea>')
    const guest = await world.api('POST', '/api/comments', { book: 'summer', name: 'Ada', body: 'Hi' }, {})
    expect(guest).toMatchObject({ status: 403, body: { code: 'book_closed' } })
    await aComment(world, { book: 'summer', body: 'The owner may' })
  })

  it.each(['/b/none', '/b/none/sign', '/api/books/none', '/api/comments?book=none'])(
    'that does not exist is 404: %s',
    async (path) => {
      const world = new World()
      const answer = path.endsWith('sign') ? await sign(world, path, {}) : await world.request(path)
      expect(answer.status).toBe(404)
      expect((await world.api('POST', '/api/comments', { book: 'none', name: 'a', body: 'b' })).status).toBe(404)
    }
  )

  it('counts exactly what is on its page', async () => {
    const world = new World()
    await aBook(world)
    const ids: string[] = []
    for (let i = 0; i < 4; i++) ids.push((await aComment(world, { book: 'summer' })).id)
    await aComment(world, { book: 'summer', body: 'https://a.example https://b.example https://c.example' })
    expect(await count(world, 'summer')).toBe(4)
    await Promise.all([1, 2, 3].map(() => world.api('PATCH', `/api/comments/${ids[0]}`, { status: 'hidden' })))
    expect(await count(world, 'summer')).toBe(3)
    await world.api('PATCH', `/api/comments/${ids[0]}`, { status: 'published' })
    await Promise.all([1, 2].map(() => world.api('DELETE', `/api/comments/${ids[1]}`)))
    await world.api('PATCH', `/api/comments/${ids[2]}`, { status: 'spam' })
    await world.api('DELETE', `/api/comments/${ids[2]}`)
    expect(await count(world, 'summer')).toBe(2)
    expect(await count(world, 'main')).toBe(0)
  })
})

describe('a book that is deleted', () => {
  it('disappears at once with its entries, and can be restored for a day', async () => {
    const world = new World()
    await aBook(world)
    const { id } = await aComment(world, { book: 'summer', body: 'Remember me' })
    const unconfirmed = await world.api<{ detail: string }>('DELETE', '/api/books/summer')
    expect(unconfirmed).toMatchObject({ status: 409, body: { code: 'confirm_deletion' } })
    // The dashboard, which has a field instead, says the same.
    expect(unconfirmed.body.detail).not.toContain('?confirm')
    expect((await world.api('DELETE', '/api/books/summer?confirm=summer')).status).toBe(204)
    for (const path of ['/b/summer', `/comments/${id}`, '/api/books/summer', '/api/comments?book=summer']) {
      expect([path, (await new World().request(path)).status]).toEqual([path, 404])
    }
    expect((await world.request(`/api/comments/${id}`)).status).toBe(404)
    expect((await world.api('POST', '/api/books', { slug: 'summer', title: 'x' })).status).toBe(409)
    const deleted = await world.api<{ data: Book[] }>('GET', '/api/books?deleted=true')
    expect(deleted.body.data).toMatchObject([{ slug: 'summer' }])
    await world.sweep(later(DAY - 2 * 60_000), 'expired_books')
    expect((await world.api('POST', '/api/books/summer/restore')).status).toBe(200)
    expect(await page(world, '/b/summer')).toContain('Remember me')
    expect((await world.api('POST', '/api/books/summer/restore')).status).toBe(404)
  })

  it('is removed after a day, page by page, and endpoints hear of each entry that was on its page', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url(), { event_types: ['comment.removed'] })
    await aBook(world)
    const secret = 'words that nobody may find'
    for (let i = 0; i < 60; i++) await aComment(world, { book: 'summer', body: `${secret} ${i}` })
    await world.api('PATCH', `/api/comments/${(await aComment(world, { book: 'summer', body: secret })).id}`, {
      status: 'hidden',
    })
    const other = await aComment(world, { body: 'stays' })
    await world.api('DELETE', '/api/books/summer?confirm=summer')
    for (let minute = 0; minute < 30; minute++) await world.sweep(later(DAY + minute * 60_000), 'expired_books')
    await world.drain()
    expect(await tablesWith(secret)).toEqual([])
    const removed = (await box.received()).map(({ body }) => JSON.parse(body))
    // One of them was hidden before.
    expect(removed).toHaveLength(61)
    expect(removed[0].data).toMatchObject({ comment: { book: 'summer' }, book: { slug: 'summer', title: 'Summer' } })
    expect(new Set(removed.map(({ data }) => data.comment.id)).size).toBe(61)
    expect((await world.api('POST', '/api/books', { slug: 'summer', title: 'x' })).status).toBe(201)
    expect((await world.request(`/comments/${other.id}`)).status).toBe(200)
  })

  it('is restored with all of its entries, or not at all once their removal has begun', async () => {
    const world = new World()
    await aBook(world)
    for (let i = 0; i < 60; i++) await aComment(world, { book: 'summer' })
    const left = () => env.DB.prepare("select count(*) as n from comments where book = 'summer'").first<number>('n')
    await world.api('DELETE', '/api/books/summer?confirm=summer')
    for (let minute = 0; (await left()) === 60; minute++) await world.sweep(later(DAY + minute * 60_000))
    expect(await left()).toBe(10)
    const refused = await world.api('POST', '/api/books/summer/restore')
    expect(refused).toMatchObject({ status: 410, body: { code: 'deleted' } })
    expect((await world.request('/b/summer')).status).toBe(404)
    expect((await world.api('GET', '/api/books?deleted=true')).body).toMatchObject({ data: [] })
    expect((await world.api('POST', '/api/books/winter/restore')).status).toBe(404)
  })

  it('keeps its entries if it is restored while the sweep is about to remove them', async () => {
    const world = new World()
    await aBook(world)
    await aComment(world, { book: 'summer' })
    await world.api('DELETE', '/api/books/summer?confirm=summer')
    const expired = { slug: 'summer', deleted_before: later(DAY) }
    const removal = [BEGIN_REMOVAL(env, expired), env.DB.prepare("delete from comments where book = 'summer'")]
    expect((await world.api('POST', '/api/books/summer/restore')).status).toBe(200)
    await expect(env.DB.batch(removal)).rejects.toThrow('books.title')
    expect((await world.api('GET', '/api/books/summer')).body).toMatchObject({ title: 'Summer', comment_count: 1 })
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(1)
  })

  it('cannot be the main book', async () => {
    const world = new World()
    const refused = await world.api('DELETE', '/api/books/main?confirm=main')
    expect(refused).toMatchObject({ status: 409, body: { code: 'main_book' } })
    for (const [path, shorter] of [
      ['/b/main', '/'],
      ['/b/main?page=2', '/?page=2'],
      ['/b/main/sign?return_to=https://a.example', '/sign?return_to=https://a.example'],
    ] as const) {
      const { status, headers } = await world.request(path)
      expect([status, headers.get('Location')]).toEqual([301, shorter])
    }
  })
})

describe('the dashboard of books', () => {
  it('creates, changes, closes, deletes and restores a book', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    expect((await browser.submit('/admin/books', { title: 'Summer', slug: 'Summer' })).status).toBe(422)
    const created = await browser.submit('/admin/books', { title: 'Summer', slug: 'summer' })
    expect(created.location).toBe('/admin/books/summer?done=created')
    const { is_open: _, ...form } = BOOK_FORM
    const fields = { ...form, title: 'Winter', welcome: 'Brr', language: 'de', home_url: 'example.com' }
    expect((await browser.submit('/admin/books/summer', fields)).status).toBe(303)
    expect((await world.api('GET', '/api/books/summer')).body).toMatchObject({ is_open: false, language: 'de' })
    const refused = await browser.post('/admin/books/summer', { ...fields, home_url: 'x' })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('value="Winter"')
    await aComment(world, { book: 'summer' })
    expect((await browser.submit('/admin/books/summer/delete', { confirm: 'no' })).status).toBe(409)
    expect((await browser.submit('/admin/books/summer/delete', { confirm: 'summer' })).status).toBe(303)
    expect(await (await browser.get('/admin/books')).text()).toContain('action="/admin/books/summer/restore"')
    expect((await browser.submit('/admin/books/summer/restore', {})).status).toBe(303)
    expect((await world.request('/b/summer')).status).toBe(200)
  })
})

describe('a view of a book', () => {
  const VIEWS = ['/', '/b/summer', '/api/comments', '/api/comments?book=summer&limit=5']

  async function costs(world: World, path: string, headers: Record<string, string> = {}) {
    world.invocations.length = 0
    const response = await world.request(path, { headers })
    const counts = world.invocations[0]?.counts
    return { response, rowsRead: counts?.rowsRead, d1RoundTrips: counts?.d1RoundTrips }
  }

  it.each(VIEWS)('that has not changed costs one row, and is not sent again: %s', async (path) => {
    const world = new World()
    await aBook(world)
    for (let i = 0; i < 20; i++) await aComment(world, { book: path.includes('summer') ? 'summer' : 'main' })
    const first = await costs(world, path)
    expect(first).toMatchObject({ d1RoundTrips: 1 })
    const again = await costs(world, path)
    expect(again).toMatchObject({ rowsRead: 1, d1RoundTrips: 1 })
    expect(withoutStamp(await again.response.text())).toBe(withoutStamp(await first.response.text()))
    const etag = first.response.headers.get('ETag') ?? ''
    expect(etag).toMatch(/^W\/"/)
    for (const known of [etag, etag.replace('W/', ''), `"x", ${etag}`, '*']) {
      const isolate = new World()
      const unchanged = await costs(isolate, path, { 'If-None-Match': known })
      expect(unchanged).toMatchObject({ rowsRead: 1, d1RoundTrips: 1, response: { status: 304 } })
      expect(unchanged.response.headers.get('ETag')).toBe(etag)
    }
  })

  it.each([
    ['an entry', (world: World) => aComment(world, { book: 'summer', body: 'brand new' })],
    ['an edit', (world: World, id: string) => world.api('PATCH', `/api/comments/${id}`, { body: 'brand new' })],
    ['a reply', (world: World, id: string) => world.api('PUT', `/api/comments/${id}/reply`, { body: 'brand new' })],
  ])('changes with %s, in every isolate', async (_, change) => {
    const [world, other] = [new World(), new World()]
    await aBook(world)
    const { id } = await aComment(world, { book: 'summer' })
    const etag = (await other.request('/b/summer')).headers.get('ETag') ?? ''
    expect(await page(other, '/api/comments?book=summer')).not.toContain('brand new')
    await change(world, id)
    const response = await other.request('/b/summer', { headers: { 'If-None-Match': etag } })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('brand new')
    expect(await page(other, '/api/comments?book=summer')).toContain('brand new')
  })

  it('changes with the title, a removal and a deletion, but not with what is not on it', async () => {
    const world = new World()
    await aBook(world)
    const { id } = await aComment(world, { book: 'summer' })
    const tag = async () => (await new World().request('/b/summer')).headers.get('ETag')
    const tags = [await tag()]
    await world.api('PATCH', '/api/books/summer', { title: 'Winter' })
    tags.push(await tag())
    await world.api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    tags.push(await tag())
    await world.api('PATCH', `/api/comments/${id}`, { status: 'published' })
    tags.push(await tag())
    await world.api('DELETE', `/api/comments/${id}`)
    tags.push(await tag())
    expect(new Set(tags).size).toBe(5)
    await aComment(world, { book: 'summer', body: 'https://a.example https://b.example https://c.example' })
    await aComment(world)
    expect(await tag()).toBe(tags.at(-1))
  })

  it('depends on the language, and a thank-you is not kept', async () => {
    const world = new World()
    const en = await world.request('/', { headers: { 'Accept-Language': 'en' } })
    const de = await world.request('/', { headers: { 'Accept-Language': 'de-AT,de;q=0.9' } })
    expect(de.headers.get('ETag')).not.toBe(en.headers.get('ETag'))
    expect(de.headers.get('Vary')).toBe('Accept-Language')
    expect(await de.text()).toContain('<html lang="de"')
    const thanks = await world.request('/?signed=published')
    expect(thanks.headers.get('ETag')).toBeNull()
    expect(thanks.headers.get('Cache-Control')).toBe('no-store')
  })

  it('does not fill the memory of an isolate, whatever strangers ask for', async () => {
    const world = new World()
    await aComment(world)
    for (let limit = 1; limit <= 100; limit++) await world.request(`/api/comments?limit=${limit}`)
    const { rowsRead } = await costs(world, '/api/comments?limit=1')
    expect(rowsRead).toBeGreaterThan(1)
    expect((await costs(world, '/api/comments?limit=100')).rowsRead).toBe(1)
    expect(await env.DB.prepare('select count(*) as n from comments').first('n')).toBe(1)
  })
})

describe('a book with the slug of a book that was removed', () => {
  it('never serves what the first one had, not even to those who ask with its ETag', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'party', title: 'Party' })
    await world.api('POST', '/api/comments', { book: 'party', name: 'Ada', body: 'A secret of the first party' })
    const before = await world.request('/b/party/feed.json')
    expect(await before.text()).toContain('A secret')
    await world.api('DELETE', '/api/books/party?confirm=party')
    for (let i = 0; i < 30; i++) await world.sweep(later(2 * DAY + i * 60_000), 'expired_books')
    expect((await world.api('POST', '/api/books', { slug: 'party', title: 'Party' })).status).toBe(201)
    for (let i = 0; i < 3; i++) {
      const headers = { 'If-None-Match': before.headers.get('ETag') ?? '' }
      const response = await world.request('/b/party/feed.json', { headers })
      expect([response.status, (await response.text()).includes('A secret')]).toEqual([200, false])
      await world.api('POST', '/api/comments', { book: 'party', name: 'Ada', body: `New ${i}` })
    }
  })
})

describe('the version of a book', () => {
  const crowded = () => Object.assign(new World(), { trustsBooks: true })
  const reads = (world: World) => world.recorder.executed.filter(({ sql }) => /from\s+books where/.test(sql)).length

  it('is read once a second, however many guests read the book', async () => {
    const world = crowded()
    const first = await world.request('/')
    const before = reads(world)
    const tag = { 'If-None-Match': first.headers.get('ETag') ?? '' }
    for (let i = 0; i < 5; i++) {
      expect((await world.request('/', { headers: tag })).status).toBe(304)
      expect((await world.request('/')).status).toBe(200)
    }
    expect(reads(world)).toBe(before)
    vi.setSystemTime(Date.now() + 1_001)
    await world.request('/')
    expect(reads(world)).toBe(before + 1)
    vi.useRealTimers()
  })

  it('is read again after each change that the isolate makes, by a request, a webhook or the sweep', async () => {
    const world = crowded()
    await world.request('/')
    const { body } = await world.api<{ id: string }>('POST', '/api/comments', { name: 'Ada', body: 'By the API' })
    expect(await (await world.request('/')).text()).toContain('By the API')
    await world.api('PATCH', `/api/comments/${body.id}`, { status: 'hidden' })
    expect(await (await world.request('/')).text()).not.toContain('By the API')
    const template = { name: '{{sender}}', body: '{{text}}' }
    const source = await aSource(world, 'unsigned', { act: 'sign', template })
    await post(world, source.path, JSON.stringify({ sender: 'Grace', text: 'By a webhook' }))
    await world.request('/')
    await world.drain()
    expect(await (await world.request('/')).text()).toContain('By a webhook')
  })
})
