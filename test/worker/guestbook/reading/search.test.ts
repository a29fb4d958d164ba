import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { guestBrowser, signAsGuest, withModeration, withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'

const page = async (world: World, path: string) => (await world.request(path)).text()

async function aBook() {
  const world = await withModeration(new World())
  await aComment(world, { name: 'Ada', body: 'Moths & lamps' })
  await aComment(world, { name: 'Bob', body: 'Nothing else' })
  await guestBrowser(world).sign({ name: 'Eve', body: 'Moths that wait' })
  return world
}

it('finds the words of questions and answers, and not the JSON around them', async () => {
  const world = await withoutModeration(new World())
  const questions = [{ text: 'Where from?', is_required: false, expected: null }]
  await world.api('PATCH', '/api/books/main', { questions, has_search: true })
  await signAsGuest(world, { name: 'Bob', answer_0: 'Say "hi" to C:\\Bob' })
  await signAsGuest(world, { name: 'Ada' })
  const found = async (q: string) => {
    const { body } = await world.api<{ data: { name: string }[] }>('GET', `/api/comments?q=${encodeURIComponent(q)}`)
    return body.data.map(({ name }) => name)
  }
  for (const q of ['"hi"', 'C:\\Bob', 'where from']) expect([q, await found(q)]).toEqual([q, ['Bob']])
  for (const q of ['[', '"question"', 'answer']) expect([q, await found(q)]).toEqual([q, []])
})

describe('a search', () => {
  it('is off until the owner allows it', async () => {
    const world = await aBook()
    expect(await page(world, '/')).not.toContain('role="search"')
    expect(await page(world, '/?q=moths')).toContain('Nothing else')
  })

  it('finds published entries, in any case, and shows what was searched for', async () => {
    const world = await aBook()
    await world.api('PATCH', '/api/books/main', { has_search: true })
    expect(await page(world, '/')).toContain('role="search"')
    const response = await world.request('/?q=MOTHS%20%26')
    expect([response.headers.get('Cache-Control'), response.headers.get('X-Robots-Tag')]).toEqual([
      'no-store',
      'noindex',
    ])
    const html = await response.text()
    expect(html).toContain('Moths &amp; lamps')
    expect(html).toContain('value="MOTHS &amp;"')
    for (const other of ['Nothing else', 'Moths that wait']) expect(html).not.toContain(other)
    const none = await page(world, '/?q=nowhere')
    expect(none).toContain('role="status"')
    expect(none).toMatch(/<h2>[^<]*: 0<\/h2>/)
    expect((await world.request(`/?q=${'%F0%9F%A6%8B'.repeat(80)}`)).status).toBe(200)
  })

  it('shows the numbers that entries have on the page', async () => {
    const world = await aBook()
    await world.api('PATCH', '/api/books/main', { has_search: true, show_numbers: true })
    const [onPage, found] = [await page(world, '/'), await page(world, '/?q=lamps')].map((html) =>
      /id="(cmt_\w+)"(?:(?!<\/header>).)*No\. (\d+)<(?:(?!<\/article>).)*Moths/s.exec(html)?.slice(1)
    )
    expect(found).toEqual([expect.stringContaining('cmt_'), '1'])
    expect(onPage).toEqual(found)
  })

  it('goes on page by page', async () => {
    const world = await aBook()
    await world.api('PATCH', '/api/books/main', { has_search: true })
    for (let i = 1; i <= 25; i++) await aComment(world, { name: `Guest ${i}`, body: 'A moth' })
    const first = await page(world, '/?q=moth')
    expect(first).toMatch(/<h2>[^<]*: \d+\+<\/h2>/)
    const on = /rel="next" href="([^"#]+)#entries"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(on).toContain('q=moth&before=cmt_')
    const second = await page(world, on)
    expect(second).toContain('<bdi>Guest 5</bdi>')
    expect(second).not.toContain('<bdi>Guest 6</bdi>')
    expect(second).toContain('Moths &amp; lamps')
    expect(second).toContain('No. 6<')
  })

  it('is limited for each visitor', async () => {
    const world = await aBook()
    await world.api('PATCH', '/api/books/main', { has_search: true })
    const statuses = new Set<number>()
    for (let i = 0; i < 60 && !statuses.has(429); i++) statuses.add((await world.request('/?q=moth')).status)
    expect(statuses).toContain(429)
  })
})
