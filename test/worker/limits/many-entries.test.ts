import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { letPass, stopClock } from '../../support/clock'
import { aComment, later } from '../../support/fixtures'
import { ownerBrowser, signAsGuest, withoutModeration } from '../../support/session'
import { World } from '../../support/world'

const COUNT = 100_000

/** The id of an entry, by its number. Greater numbers sort later. */
const idOf = (number: number) => `cmt_01JD9Z6Y3T${String(number).padStart(16, '0')}`

/** Inserts many entries: a third of them wait, and the others are published. */
async function manyEntries(): Promise<void> {
  await env.DB.prepare(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1)
     insert into comments (id, book, number, status, created_at, name, body, country)
     select 'cmt_01JD9Z6Y3T' || printf('%016d', i), 'main', i, iif(i % 3 = 0, 'held', 'published'), 1732442400000 + i,
       'Guest ' || i, 'Entry ' || i, iif(i % 2, 'PT', 'JP')
     from n`
  )
    .bind(COUNT)
    .run()
  const sql = 'update books set comment_count = ?1, published_count = ?1 - ?1 / 3, version = version + 1'
  await env.DB.prepare(sql).bind(COUNT).run()
}

/** @returns how many rows a request reads in a new isolate */
async function rowsReadBy(path: string, headers: Record<string, string> = {}): Promise<number> {
  const world = new World()
  const response = await world.request(path, { headers })
  expect([path, response.status]).toEqual([path, 200])
  return world.invocations.reduce((sum, { counts }) => sum + counts.rowsRead, 0)
}

describe('with 100,000 entries', () => {
  it('the first page, a deep page, lists, feeds and the queue read as few rows as with 100', async () => {
    await manyEntries()
    const world = new World()
    const owner = { Authorization: 'Bearer test-admin-token' }
    const cookie = (await ownerBrowser(world)).cookie
    await world.api('PATCH', '/api/books/main', { shows_countries: true })
    const deep = idOf(5_000)
    const read = {
      page: await rowsReadBy('/'),
      deepPage: await rowsReadBy(`/?before=${deep}`),
      list: await rowsReadBy('/api/comments'),
      embedded: await rowsReadBy('/api/books/main/embed/entries'),
      deepEmbedded: await rowsReadBy(`/api/books/main/embed/entries?cursor=${deep}.5000`),
      feed: await rowsReadBy('/feed.atom'),
      deepFeed: await rowsReadBy(`/feed.json?before=${deep}`),
      waiting: await rowsReadBy('/api/comments?status=held', owner),
      queue: await rowsReadBy('/admin/comments?status=held', cookie),
      oldest: await rowsReadBy('/admin/comments?status=held&order=oldest', cookie),
      deepOldest: await rowsReadBy(`/admin/comments?status=held&order=oldest&cursor=${deep}`, cookie),
      deepQueue: await rowsReadBy(`/admin/comments?status=held&cursor=${deep}`, cookie),
      all: await rowsReadBy('/admin/comments', cookie),
      search: await rowsReadBy('/api/comments?q=nowhere', owner),
      deepSearch: await rowsReadBy(`/admin/comments?status=held&q=nowhere&cursor=${deep}`, cookie),
      searchAll: await rowsReadBy('/admin/comments?q=Guest+99999', cookie),
    }
    const { search, deepSearch, searchAll, ...views } = read
    for (const [view, rows] of Object.entries(views)) expect([view, rows <= 250]).toEqual([view, true])
    // A search reads 500 entries and their index twice.
    for (const rows of [search, deepSearch, searchAll]) expect(rows).toBeLessThanOrEqual(1_800)
    // The countries of the latest 100 entries are read besides the 21 entries, the oldest one and the book.
    expect(read.page).toBeLessThanOrEqual(123)
    const lists = [read.list, read.embedded, read.deepEmbedded, read.feed, read.deepFeed]
    for (const rows of lists) expect(rows).toBeLessThanOrEqual(22)
    // The link to the page before this one skips the 20 entries of that page.
    expect(read.deepPage).toBeLessThanOrEqual(23 + 21)
  })
})

describe('a flood of 1,500 spam entries from many addresses', () => {
  it('leaves the entries of guests where they are, counts every decision, and writes one row for each refused entry', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { blocked_words: ['casino'] })
    await aComment(world, { body: 'A real entry' })
    const { rowsWritten } = world.recorder.counts
    const from = (i: number) => ({ 'CF-Connecting-IP': `198.51.${Math.floor(i / 250)}.${i % 250}` })
    for (let i = 0; i < 1_500; i += 25) {
      const posts = Array.from({ length: 25 }, (_, k) => {
        const fields = k % 2 ? { homepage: 'x', body: `Buy ${i + k}` } : { body: `Casino ${i + k}` }
        return signAsGuest(world, fields, { headers: from(i + k) })
      })
      for (const { headers } of await Promise.all(posts)) expect(headers.get('Location')).toBe('/?signed=held#thanks')
    }
    const kept = await env.DB.prepare(
      `select reason, count(*) n from comments where status = 'spam' group by reason`
    ).all()
    expect(kept.results.reduce((sum, { n }) => sum + Number(n), 0)).toBe(500)
    const book = await env.DB.prepare('select spam from books').first<{ spam: string }>()
    expect(JSON.parse(book?.spam ?? '')).toMatchObject({ total: 1_500, reasons: { honeypot: 720, word: 780 } })
    // 500 entries with their index, one count for each entry, and the visitor key of the day.
    expect(world.recorder.counts.rowsWritten - rowsWritten).toBeLessThanOrEqual(1_500 + 2 * 500 + 1)
    expect(await (await world.request('/')).text()).toContain('A real entry')
    await signAsGuest(world, { body: 'A guest comes after the flood' })
    expect(await (await world.request('/')).text()).toContain('A guest comes after the flood')
    const browser = await ownerBrowser(world)
    const page = await browser.see('/admin/comments?status=spam')
    expect(page).toContain('Spam today (UTC): 1,500 (')
    expect(page).toMatch(/\b500 of them/)
  }, 60_000)

  it('is kept up to a megabyte a day, however long the entries are', async () => {
    const world = await withoutModeration(new World())
    for (let i = 0; i < 60; i++) {
      const fields = { homepage: 'x', body: `${i} ${'🦜'.repeat(3_990)}` }
      await signAsGuest(world, fields, { headers: { 'CF-Connecting-IP': `198.51.1.${i}` } })
    }
    const kept = await env.DB.prepare(
      'select count(*) n, max(number) last, sum(octet_length(body)) bytes from comments'
    ).first<{ n: number; last: number; bytes: number }>()
    expect(kept?.bytes).toBeLessThan(1_000_000)
    expect(kept?.n).toBeGreaterThan(30)
    expect(kept?.last).toBe(kept?.n)
    const book = await env.DB.prepare('select spam from books').first<{ spam: string }>()
    expect(JSON.parse(book?.spam ?? '')).toMatchObject({
      total: 60,
      kept: kept?.n,
      reasons: { honeypot: 60 },
    })
  })

  it('is removed after 30 days, page by page, and nothing else is', async () => {
    const world = await withoutModeration(new World())
    await aComment(world, { body: 'A real entry' })
    for (let i = 0; i < 8; i++)
      await signAsGuest(world, { homepage: 'x' }, { headers: { 'CF-Connecting-IP': `198.51.0.${i}` } })
    const left = async () => (await env.DB.prepare('select status from comments').all()).results.length
    for (let i = 0; i < 11; i++) await world.sweep(later(29 * 86_400_000 + i * 60_000), 'old_spam')
    expect(await left()).toBe(9)
    for (let i = 0; i < 11; i++) await world.sweep(later(31 * 86_400_000 + i * 60_000), 'old_spam')
    expect(await left()).toBe(1)
    expect(await (await world.request('/')).text()).toContain('A real entry')
  })

  it('is removed 30 days after it was marked, however old the entry is', async () => {
    const DAY = 86_400_000
    stopClock()
    const world = await withoutModeration(new World())
    const { id } = await aComment(world)
    letPass(40 * DAY)
    await world.api('PATCH', `/api/comments/${id}`, { status: 'spam' })
    const isThere = async (days: number) => {
      await world.sweep(later(days * DAY), 'old_spam')
      return (await world.api('GET', `/api/comments/${id}`)).status === 200
    }
    expect([await isThere(0), await isThere(29), await isThere(31)]).toEqual([true, true, false])
  })
})
