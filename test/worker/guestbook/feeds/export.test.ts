import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { World } from '../../../support/world'
import { withBook } from './reading'
import { get, getText } from './site'

const ADDRESSES = ['/export.html', '/b/main/export.html', '/b/summer/export.html']

/** Inserts entries directly into the table. Their texts are `entry 1`, `entry 2` and so on, followed by `more`. */
async function manyEntries(count: number, more = ''): Promise<void> {
  await env.DB.prepare(
    `insert into comments (id, book, number, status, created_at, name, body)
     with recursive n(i) as (select 1 union all select i + 1 from n where i < ?1)
     select 'cmt_01' || printf('%024d', i), 'main', i, 'published', i, 'Ada', 'entry ' || i || ?2 from n`
  )
    .bind(count, more)
    .run()
}

const textsOf = (page: string) => [...page.matchAll(/entry (\d+)/g)].map(([, number]) => Number(number))

/** Reads all pages, from the first one. */
async function readAll(world: World) {
  const pages: string[] = []
  for (let query: string | undefined = ''; query !== undefined; ) {
    const page: string = await getText(world, `/export.html${query}`)
    pages.push(page)
    query = /<link rel="next" href="([^"]*)">/.exec(page)?.[1]
  }
  return pages
}

describe('the export of a book', () => {
  it.each(ADDRESSES)('is a page that loads nothing and may not run scripts: %s', async (path) => {
    const world = await withBook()
    const book = path.includes('summer') ? 'summer' : 'main'
    await aComment(world, { book, body: 'Hello <b>there</b>' })
    const { response } = await get(world, path)
    const page = await response.text()
    expect(page).toContain('Hello &lt;b&gt;there&lt;/b&gt;')
    expect(page).not.toContain('guestbook.example.com')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=UTF-8',
      'content-disposition': `inline; filename="guestbook-${book}.html"`,
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    })
  })

  it('has the title, the welcome text and the language of the book', async () => {
    const world = await withBook({ language: 'ar', welcome: 'Salam & hello' })
    const page = await getText(world, '/b/summer/export.html')
    expect(page).toContain('<html lang="ar" dir="rtl">')
    expect(page).toContain('>Summer</h1>')
    expect(page).toContain('Salam &amp; hello')
  })

  it('has no entry that is held, hidden, private or spam', async () => {
    const world = new World()
    const { id } = await aComment(world, { body: 'shown' })
    await world.api('PUT', `/api/comments/${id}/reply`, { body: 'replied' })
    for (const status of ['held', 'hidden', 'spam']) {
      const { id: other } = await aComment(world, { body: `secret ${status}` })
      expect((await world.api('PATCH', `/api/comments/${other}`, { status })).status).toBe(200)
    }
    await aComment(world, { body: 'secret private', is_private: true })
    const page = await getText(world, '/export.html')
    expect(page).toMatch(/shown.*replied/s)
    expect(page).not.toContain('secret')
    expect(page.match(/<article/g)).toHaveLength(1)
  })

  it('of a closed book exists, and of a deleted or unknown book does not', async () => {
    const world = await withBook()
    await world.api('PATCH', '/api/books/summer', { is_open: false })
    expect((await get(world, '/b/summer/export.html')).response.status).toBe(200)
    await world.api('DELETE', '/api/books/summer')
    expect((await get(world, '/b/summer/export.html')).response.status).toBe(404)
    expect((await get(world, '/b/unknown/export.html')).response.status).toBe(404)
    expect((await get(world, '/export.html?before=x')).response.status).toBe(400)
  })

  it('of 501 entries has three pages, which contain each entry once, newest first', async () => {
    await manyEntries(501)
    const pages = await readAll(new World())
    const texts = pages.map(textsOf)
    expect(texts.map(({ length }) => length)).toEqual([200, 200, 101])
    expect(texts.flat()).toEqual(Array.from({ length: 501 }, (_, i) => 501 - i))
    expect(pages[2]).not.toContain('rel="next"')
  })

  it('of long entries has more pages, and each of them leads on', async () => {
    await manyEntries(60, 'x'.repeat(3_900))
    const texts = (await readAll(new World())).map(textsOf)
    expect(texts.length).toBeGreaterThan(2)
    expect(texts.flat()).toEqual(Array.from({ length: 60 }, (_, i) => 60 - i))
  })

  it('reads at most one row for each entry, and one row if nothing has changed', async () => {
    await manyEntries(600)
    const world = new World()
    const first = await get(world, '/export.html')
    expect(first.rowsRead).toBeLessThanOrEqual(203)
    expect(first.d1RoundTrips).toBe(1)
    const tag = first.response.headers.get('ETag') ?? ''
    const again = await get(world, '/export.html', { 'If-None-Match': tag })
    expect(again).toMatchObject({ rowsRead: 1, response: { status: 304 } })
    await aComment(world)
    expect((await get(world, '/export.html', { 'If-None-Match': tag })).response.status).toBe(200)
  })
})
