import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { aComment, later } from '../../../support/fixtures'
import { BOOK_FORM, ownerBrowser, signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { BASE, World } from '../../../support/world'
import { aPage, entries, HOUR, mention, passes, post, rows, send, TARGET } from './site'

beforeEach(async () => {
  await withoutModeration(new World())
})

const LINK = '</webmention>; rel="webmention"'
const ELEMENT = '<link rel="webmention" href="/webmention"/>'
const SOURCE = 'https://ada.example/post'

/** @returns how a page says where webmentions are received */
async function discover(world: World, path: string) {
  const response = await world.request(path)
  return { header: response.headers.get('Link'), element: (await response.text()).includes(ELEMENT) }
}

async function problem(response: Response): Promise<{ status: number; code: string; detail: string }> {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json')
  return response.json()
}

describe('the endpoint for webmentions', () => {
  it('is announced by every book and entry, unless the book is closed or accepts no webmentions', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const { id } = await aComment(world)
    const paths = ['/', '/b/summer', `/comments/${id}`]
    for (const path of paths) expect(await discover(world, path)).toEqual({ header: LINK, element: true })
    // The second view comes from the memory of the isolate, and has the same header.
    expect(await discover(world, '/')).toEqual({ header: LINK, element: true })
    for (const change of [{ is_open: false }, { is_open: true, webmentions: false }]) {
      for (const slug of ['main', 'summer']) await world.api('PATCH', `/api/books/${slug}`, change)
      for (const path of paths) expect(await discover(world, path)).toEqual({ header: null, element: false })
      for (const path of paths) expect((await send(world, SOURCE, BASE + path)).status).toBe(403)
    }
    expect(await rows()).toEqual([])
  })

  it('can be switched off in the dashboard', async () => {
    const world = new World()
    const browser = await ownerBrowser(world)
    const page = await (await browser.get('/admin/books/main')).text()
    expect(page).toMatch(/name="webmentions" checked=""/)
    await browser.submit('/admin/books/main', { ...BOOK_FORM, title: 'Mine' })
    expect((await problem(await send(world, SOURCE))).code).toBe('not_accepted')
    await browser.submit('/admin/books/main', { ...BOOK_FORM, title: 'Mine', webmentions: 'on' })
    expect((await send(world, SOURCE)).status).toBe(202)
  })

  it('refuses what cannot be a webmention, and says why', async () => {
    const world = await withModeration(new World())
    await signAsGuest(world, { body: 'An entry that waits' })
    const [held] = await entries(world, 'held')
    const long = `https://ada.example/${'x'.repeat(2_048)}`
    const cases: [source: string, target: string, code: string][] = [
      ['', TARGET, 'invalid_source'],
      ['ada.example', TARGET, 'invalid_source'],
      ['mailto:ada@ada.example', TARGET, 'invalid_source'],
      ['javascript:alert(1)', TARGET, 'invalid_source'],
      ['http://ada.example/', TARGET, 'invalid_source'],
      ['https://ada:secret@ada.example/', TARGET, 'invalid_source'],
      ['https://10.0.0.1/', TARGET, 'invalid_source'],
      ['https://printer.local/', TARGET, 'invalid_source'],
      ['https://ada.example:22/', TARGET, 'invalid_source'],
      [long, TARGET, 'invalid_source'],
      [`${BASE}/b/summer`, TARGET, 'invalid_source'],
      [`${BASE}/#me`, TARGET, 'same_page'],
      [SOURCE, '', 'invalid_target'],
      [SOURCE, 'guestbook.example.com', 'invalid_target'],
      [SOURCE, 'https://other.example/', 'invalid_target'],
      [SOURCE, 'http://guestbook.example.com/', 'invalid_target'],
      [SOURCE, 'https://guestbook.example.com.evil.example/', 'invalid_target'],
      [SOURCE, `${BASE}@evil.example/`, 'invalid_target'],
      [SOURCE, `${BASE}/${'x'.repeat(2_048)}`, 'invalid_target'],
      [SOURCE, `${BASE}/admin`, 'invalid_target'],
      [SOURCE, `${BASE}/b/unknown`, 'invalid_target'],
      [SOURCE, `${BASE}/?before=cmt_1`, 'invalid_target'],
      [SOURCE, `${BASE}/comments/cmt_unknown`, 'invalid_target'],
      [SOURCE, `${BASE}/comments/${held?.id}`, 'invalid_target'],
    ]
    for (const [i, [source, target, code]] of cases.entries()) {
      const headers = { 'CF-Connecting-IP': `198.51.100.${i}` }
      const response = await problem(await send(world, source, target, headers))
      expect({ source, target, ...response }).toMatchObject({ source, target, status: 400, code })
      expect(response.detail).toContain(code === 'invalid_source' ? '"source"' : 'target')
    }
    expect(await rows()).toEqual([])
    expect(world.queued).toEqual([])
  })

  it('accepts only forms, and only POST', async () => {
    const world = new World()
    const headers = { 'Content-Type': 'application/json' }
    const body = JSON.stringify({ source: SOURCE, target: TARGET })
    expect((await problem(await world.request('/webmention', { method: 'POST', headers, body }))).status).toBe(415)
    const get = await world.request('/webmention')
    expect([get.status, get.headers.get('Allow')]).toEqual([405, 'POST'])
    const large = await send(world, SOURCE, TARGET + 'x'.repeat(20_000))
    expect((await problem(large)).status).toBe(413)
  })

  it('accepts ten webmentions a minute from one network', async () => {
    const world = new World()
    const headers = { 'CF-Connecting-IP': '203.0.113.77' }
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await send(world, `${SOURCE}/${i}`, TARGET, headers)).status)
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(202))
    expect(statuses[10]).toBe(429)
  })

  it('accepts five targets for each source, and a thousand webmentions that wait', async () => {
    const world = new World()
    const slugs = ['a', 'b', 'c', 'd', 'e']
    for (const slug of slugs) await world.api('POST', '/api/books', { slug, title: slug })
    for (const slug of slugs) expect((await send(world, SOURCE, `${BASE}/b/${slug}`)).status).toBe(202)
    expect((await problem(await send(world, SOURCE))).code).toBe('too_many_targets')
    expect((await send(world, SOURCE, `${BASE}/b/e`)).status).toBe(202)
    await env.DB.prepare(
      `with recursive n(i) as (select 6 union all select i + 1 from n where i < 1000)
       insert into webmentions (source, target, book, received_at, due_at)
       select 'https://x.example/' || i, 't', 'main', 1, 1 from n`
    ).run()
    const refused = await send(world, 'https://eve.example/', TARGET, { 'CF-Connecting-IP': '203.0.113.78' })
    expect((await problem(refused)).code).toBe('too_many_requests')
  })

  it('costs one query to store, and one message in the queue', async () => {
    const world = new World()
    await send(world, SOURCE)
    world.invocations.length = 0
    await send(world, `${SOURCE}/2`)
    expect(world.invocations[0]?.counts).toMatchObject({ queries: 2, d1RoundTrips: 1, queueMessages: 1, fetches: 0 })
  })

  it('accepts no webmention while the database is full', async () => {
    const world = new World({ DATABASE_LIMIT_MB: '0.01' })
    const page = await aPage(post('Hello'))
    const roomy = new World()
    await send(roomy, page.url)
    await world.api('PATCH', '/api/books/main', { title: 'Full' })
    await world.sweep(later(0), 'storage')
    await world.drain()
    for (const order of roomy.queued.splice(0)) await world.consume(order)
    expect((await problem(await send(world, `${SOURCE}/3`))).code).toBe('storage_full')
    // What was accepted before waits until there is room.
    expect(await page.fetches()).toBe(0)
    for (let minute = 0; minute < 12; minute++) await roomy.sweep(later(minute * 60_000), 'storage')
    await roomy.drain()
    expect(await entries(roomy)).toHaveLength(1)
  })

  it('checks nothing for a book that was closed in the meantime, but still removes its mentions', async () => {
    const world = new World()
    const [old, late] = [await aPage(post('Before')), await aPage(post('Too late'))]
    await mention(world, old.url)
    await passes(HOUR)
    await old.serve({ status: 410 })
    for (const { url } of [old, late]) await send(world, url)
    await world.api('PATCH', '/api/books/main', { is_open: false })
    await world.drain()
    expect(await entries(world)).toEqual([])
    expect((await rows()).map(({ reason }) => reason).toSorted()).toEqual(['closed', 'gone'])
  })

  it('accepts 500 a day for each book, so that strangers cannot fill the database', async () => {
    const world = new World()
    await env.DB.prepare("update books set spam = json_object('day', ?1, 'total', 0, 'bytes', 0, 'mentions', 499)")
      .bind(Math.floor(Date.now() / 86_400_000))
      .run()
    expect((await send(world, 'https://a.example/1')).status).toBe(202)
    const refused = await send(world, 'https://a.example/2')
    expect(refused.status).toBe(429)
    expect(await rows()).toHaveLength(1)
  })
})
