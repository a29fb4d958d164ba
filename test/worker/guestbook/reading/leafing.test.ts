import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { firstIdAt } from '../../../../src/kit/lib/ids'
import { letPass } from '../../../support/clock'
import { aComment } from '../../../support/fixtures'
import { withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

/** The id of an entry, by its number. Greater numbers sort later. */
const idOf = (number: number) => `cmt_01JD9Z6Y3T${String(number).padStart(16, '0')}`

/** Inserts published entries. Their numbers have gaps, as after deletions. */
async function manyEntries(count: number): Promise<void> {
  await env.DB.prepare(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1)
     insert into comments (id, book, number, status, created_at, name, body)
     select 'cmt_01JD9Z6Y3T' || printf('%016d', i), 'main', i * 2, 'published', 1732442400000 + i, 'Guest ' || i, 'Entry ' || i
     from n`
  )
    .bind(count)
    .run()
  const sql = 'update books set comment_count = ?1 * 2, published_count = ?1, version = version + 1'
  await env.DB.prepare(sql).bind(count).run()
}

async function get(path: string) {
  const world = new World()
  const response = await world.request(path)
  const rows = world.invocations.reduce((sum, { counts }) => sum + counts.rowsRead, 0)
  const html = await response.text()
  const guests = [...html.matchAll(/<bdi>Guest (\d+)<\/bdi>/g)].map((match) => Number(match[1]))
  const pages = [...html.matchAll(/href="\/(\?page=[^"#]*)?#entries">(\d+)</g)].map((match) => Number(match[2]))
  return { status: response.status, location: response.headers.get('Location'), html, rows, guests, pages }
}

const countdown = (from: number) => Array.from({ length: 20 }, (_, i) => from - i)

describe('page numbers', () => {
  it('lead to every page near both ends, within a bounded number of rows, however many entries there are', async () => {
    await manyEntries(30_000)
    const first = await get('/')
    expect(first.pages).toEqual([2, 3, 1_500])
    for (const page of [2, 7, 26, 1_476, 1_499, 1_500]) {
      const { guests, rows } = await get(`/?page=${page}`)
      expect([page, guests]).toEqual([page, countdown(30_000 - (page - 1) * 20)])
      expect([page, rows <= 700]).toEqual([page, true])
    }
  })

  it('go on in the middle of a large book from page to page, in both directions', async () => {
    await manyEntries(30_000)
    const last = await get('/?page=26')
    const on = /rel="next" href="([^"#]+)#/.exec(last.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(on).toBe(`/?page=27&before=${idOf(29_481)}`)
    const middle = await get(on)
    expect([middle.guests, middle.pages]).toEqual([countdown(29_480), [1, 25, 26, 28, 1_500]])
    const back = /rel="prev" href="([^"#]+)#/.exec(middle.html)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect((await get(back)).guests).toEqual(countdown(29_500))
    const unreachable = await get('/?page=700')
    expect([unreachable.status, unreachable.rows <= 100]).toEqual([400, true])
  })

  it.each(['0', '-1', 'x', '1.5', '99999999'])('refuses the page %s', async (page) => {
    expect((await get(`/?page=${page}`)).status).toBe(400)
  })

  it('show an empty page behind the last one, with links to the others', async () => {
    await manyEntries(21)
    const { status, guests, pages } = await get('/?page=3')
    expect([status, guests, pages]).toEqual([200, [], [1, 2]])
  })

  it.each([
    [20, 3, ''],
    [21, 9, '?page=2'],
  ])('lead from far behind the last page to it: %i entries, page %i', async (count, page, query) => {
    await manyEntries(count)
    expect((await get(`/?page=${page}`)).html).toContain(`<a rel="prev" href="/${query}#entries"`)
  })

  it('are left out if there is only one page', async () => {
    await manyEntries(20)
    expect((await get('/')).pages).toEqual([])
  })
})

describe('the numbers of entries', () => {
  it('count the entries on the page, as the counter does, also after a deletion', async () => {
    await manyEntries(45)
    const numbersOn = async (path: string) =>
      [...(await get(path)).html.matchAll(/No\. (\d+)</g)].map((match) => Number(match[1]))
    expect(await numbersOn('/')).toEqual(countdown(45))
    expect(await numbersOn('/?page=3')).toEqual([5, 4, 3, 2, 1])
    await new World().api('DELETE', `/api/comments/${idOf(44)}`)
    expect(await numbersOn('/')).toEqual(countdown(44))
    expect((await get('/')).html).toContain('44 entries')
    expect((await numbersOn('/export.html')).slice(0, 20)).toEqual(countdown(44))
  })
})

describe('a permalink', () => {
  it('leads back to the page that has the entry', async () => {
    await manyEntries(30_000)
    const { html } = await get(`/comments/${idOf(29_950)}`)
    expect(html).toContain(`href="/?entry=${idOf(29_950)}"`)
    for (const [number, page] of [
      [29_970, '?page=2'],
      [29_950, `?before=${idOf(29_951)}`],
      [30_000, ''],
      [1, '?page=1500'],
      [15_000, `?before=${idOf(15_001)}`],
    ] as const) {
      const { status, location, rows } = await get(`/?entry=${idOf(number)}`)
      expect([status, location]).toEqual([302, `/${page}#${idOf(number)}`])
      expect(rows).toBeLessThanOrEqual(1_100)
      expect((await get(`/${page}`)).guests).toContain(number)
    }
  })

  it('has the number of the entry near both ends, and leads to its neighbors, within few rows', async () => {
    await manyEntries(30_000)
    const see = async (number: number) => {
      const { html, rows } = await get(`/comments/${idOf(number)}`)
      expect(rows).toBeLessThanOrEqual(90)
      const linked = ['prev', 'next'].map((rel) => new RegExp(`rel="${rel}" href="/comments/([^"]*)"`).exec(html)?.[1])
      return [/No\. ([\d,]+)</.exec(html)?.[1], ...linked]
    }
    expect(await see(30_000)).toEqual(['30,000', undefined, idOf(29_999)])
    expect(await see(29_970)).toEqual(['29,970', idOf(29_971), idOf(29_969)])
    expect(await see(15_000)).toEqual([undefined, idOf(15_001), idOf(14_999)])
    expect(await see(1)).toEqual(['1', idOf(2), undefined])
  })

  it('leads to the first page if the entry is not there', async () => {
    for (const id of [idOf(1), 'x']) expect((await get(`/?entry=${id}`)).location).toBe('/')
  })
})

describe('a page in the middle of a large book', () => {
  it('is reached from both ends, one by one, and shows no number that may be wrong', async () => {
    await manyEntries(1_100)
    const [top] = (await get('/')).guests
    let path = '/?page=55'
    let seen = 0
    for (; path !== '' && seen < 60; seen++) {
      const { status, html, guests } = await get(path)
      expect([status, guests.length]).toEqual([200, 20])
      if (path.includes('before')) expect(html).not.toContain('No. ')
      path = /rel="prev" href="([^"#]*)/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? ''
      if (guests[0] === top) break
    }
    expect(seen).toBe(54)
  })
})

describe('on this day', () => {
  it('shows the entries of this day in earlier years, newest first, and reads no others', async () => {
    const world = await withoutModeration(new World())
    await manyEntries(5_000)
    for (const [i, years] of [1, 3].entries()) {
      const today = new Date()
      const at = Date.UTC(today.getUTCFullYear() - years, today.getUTCMonth(), today.getUTCDate(), 12)
      const { id } = await aComment(world, { name: `Guest ${i + 1}` })
      const sql = 'update comments set id = ?2, created_at = ?3 where id = ?1'
      await env.DB.prepare(sql).bind(id, firstIdAt('cmt', at), at).run()
    }
    await aComment(world, { name: 'Guest 3' })
    const { guests, rows } = await get('/?day=today')
    expect(guests).toEqual([1, 2])
    // The book has 5,003 entries. Each year since 1991 is one look into the index.
    expect(rows).toBeLessThanOrEqual(150)
  })

  it('shows the newest entries if there are too many', async () => {
    const today = new Date()
    const noonOf = (years: number) =>
      Date.UTC(today.getUTCFullYear() - years, today.getUTCMonth(), today.getUTCDate(), 12)
    const rows = Array.from({ length: 80 }, (_, i) => [i + 1, noonOf(i < 40 ? 2 : 1) + i] as const)
    const insert = env.DB.prepare(`insert into comments (id, book, number, status, created_at, name, body)
      values (?, 'main', ?, 'published', ?, ?, 'Hi')`)
    await env.DB.batch(rows.map(([i, at]) => insert.bind(firstIdAt('cmt', at), i, at, `Guest ${i}`)))
    const { guests } = await get('/?day=today')
    expect(guests).toEqual(Array.from({ length: 60 }, (_, i) => 80 - i))
  })

  it('is offered where the oldest entry is about a year old', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { has_search: true })
    const { id } = await aComment(world, { name: 'Guest 1' })
    const first = (await get('/')).html
    expect([first.includes('name="q"'), first.includes('?day=today')]).toEqual([true, false])
    const at = Date.now() - 2 * 366 * 86_400_000
    const sql = 'update comments set id = ?2, created_at = ?3 where id = ?1'
    await env.DB.prepare(sql).bind(id, firstIdAt('cmt', at), at).run()
    await aComment(world, { name: 'Guest 2' })
    expect((await get('/')).html).toContain('?day=today')
  })

  it('is offered from the day on which the oldest entry is about a year old', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { has_search: true })
    const at = Date.now() - 300 * 86_400_000
    const { id } = await aComment(world, { name: 'Guest 1' })
    await env.DB.prepare('update comments set id = ?2, created_at = ?3 where id = ?1')
      .bind(id, firstIdAt('cmt', at), at)
      .run()
    await aComment(world, { name: 'Guest 2' })
    const page = async () => (await world.request('/')).text()
    expect(await page()).not.toContain('?day=today')
    letPass(90 * 86_400_000)
    expect(await page()).toContain('?day=today')
  })

  it('says so if there are none', async () => {
    expect((await get('/?day=today')).html).toContain('role="status"')
  })

  it('begin with a first page, even if a book that was restored counts entries that it does not have', async () => {
    const world = new World()
    await env.DB.prepare('update books set published_count = 30').run()
    for (const path of ['/', '/?page=1']) expect((await world.request(path)).status).toBe(200)
  })
})
