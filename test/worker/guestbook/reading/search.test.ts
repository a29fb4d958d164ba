import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unmarkedText } from '../../../../src/guestbook/rules/looks/inline'
import { aComment } from '../../../support/fixtures'
import { justBefore } from '../../../support/meanwhile'
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

describe('a search finds what the page shows', () => {
  const search = async (world: World, q: string, more = '') =>
    (
      await world.api<{ data: { id: string; body: string }[] }>(
        'GET',
        `/api/comments?q=${encodeURIComponent(q)}${more}`
      )
    ).body.data

  it.each([
    ['markup', 'say *hello* **wide** `world`', 'hello wide world'],
    ['markup, as it was typed', 'say *hello* world', '*hello*'],
    ['a quote', '> so said\n> everybody', 'so said everybody'],
    ['a line break and spaces', 'one\n\ntwo   three', 'one two three'],
    ['small letters with accents', 'Ein ÄRGER', 'ärger'],
    ['capitals with accents', 'Ein café', 'CAFÉ'],
    ['accents, for letters without', 'Garçon, un café crème', 'garcon, un cafe creme'],
    ['letters, for accents', 'Garcon', 'garçon'],
    ['another form of accents', 'Ein café', 'cafe\u0301'],
    ['Cyrillic', 'ПРИВЕТ, ёлка', 'привет, Елка'],
    ['Greek', 'ΚΑΛΗΜΈΡΑ', 'καλημέρα'],
    ['Arabic without vowel signs', 'أهلاً وسهلاً', 'اهلا وسهلا'],
    ['full width', 'ＧＵＥＳＴＢＯＯＫ', 'guestbook'],
    ['an invisible character', 'won\u00adderful', 'wonderful'],
    ['Japanese, whose marks make other letters', 'がっこう', 'がっこう'],
  ])('%s', async (_, body, q) => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { has_search: true, markup: true })
    await aComment(world, { name: 'Ada', body })
    await aComment(world, { name: 'Bob', body: 'Something else' })
    expect((await search(world, q)).map((entry) => entry.body)).toEqual([body.normalize('NFC')])
    expect(await page(world, `/?q=${encodeURIComponent(q)}`)).toMatch(/<h2>[^<]*: 1<\/h2>/)
  })

  it('in moods, places and replies, and not what only looks alike in another script of Japanese', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { asks_for: ['mood', 'place'] })
    const { id } = await aComment(world, { body: 'かき', mood: 'Fröhlich', place: 'München "Süd"' })
    await world.api('PUT', `/api/comments/${id}/reply`, { body: 'Danke *schön*' })
    for (const q of ['FRÖHLICH', 'münchen "süd"', 'danke schön', 'かき'])
      expect([q, await search(world, q)]).toEqual([q, [expect.objectContaining({ id })]])
    for (const q of ['がき', '\u200b', '\u0301']) expect([q, await search(world, q)]).toEqual([q, []])
  })

  it('whatever is cut out of it: the database leaves out no entry that the Worker would find', async () => {
    const world = await withoutModeration(new World())
    const word = fc.constantFrom(
      'ab',
      'Äb',
      'a*b',
      '*ab*',
      '**a b**',
      '`a`',
      '> ',
      '\n',
      '  ',
      'É',
      'x',
      '1',
      '"',
      '\\',
      '😀'
    )
    const body = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => `x${words.join('')}x`)
    const cut = fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 6 }), fc.boolean())
    await fc.assert(
      fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 4 }), cut, async (bodies, [from, length, isShown]) => {
        await world.env.DB.prepare('delete from comments').run()
        for (const one of bodies) await aComment(world, { body: one })
        for (const { id, body: stored } of await search(world, 'x')) {
          const q = [...(isShown ? unmarkedText(stored) : stored)]
            .slice(from, from + length)
            .join('')
            .trim()
          if (q !== '')
            expect([stored, q, (await search(world, q)).map((one) => one.id)]).toEqual([
              stored,
              q,
              expect.arrayContaining([id]),
            ])
        }
      }),
      { numRuns: 40 }
    )
  })

  it('on every page of a long book, with as many rows read as in a short one, and fewer entries if they are long', async () => {
    const world = await withoutModeration(new World())
    const fill = (from: number, to: number, text: string) =>
      world.env.DB.prepare(
        `with recursive n (i) as (select ?1 union all select i + 1 from n where i < ?2)
        insert into comments (id, book, number, status, created_at, name, body)
        select 'cmt_01' || printf('%024d', i), 'main', i, 'published', i, 'Ada', ?3 || iif(i % 300 = 7, ' ÄRGER', '') from n`
      )
        .bind(from, to, text)
        .run()
    const readAll = async (q: string) => {
      const [found, costs]: [string[], number[]] = [[], []]
      for (let cursor: string | null = ''; cursor !== null; ) {
        world.invocations.length = 0
        const path: string = `/api/comments?q=${encodeURIComponent(q)}&limit=100${cursor && `&cursor=${cursor}`}`
        const { body } = await world.api<{ data: { id: string }[]; next: string | null }>('GET', path)
        costs.push(world.worst((counts) => counts.rowsRead))
        found.push(...body.data.map(({ id }) => id.slice(-4)))
        cursor = body.next
      }
      return { found, pages: costs.length, rows: Math.max(...costs) }
    }
    const numbers = (...all: number[]) => all.map((one) => String(one).padStart(4, '0'))
    await fill(1, 900, 'plain')
    const short = await readAll('ärger')
    expect(short.found).toEqual(numbers(607, 307, 7))
    await fill(901, 3_000, 'schön')
    const long = await readAll('ärger')
    expect(long.found).toEqual(numbers(2707, 2407, 2107, 1807, 1507, 1207, 907, 607, 307, 7))
    // 500 entries and their index, the index once more, and those again that the database cannot compare.
    for (const { rows } of [short, long]) expect(rows).toBeLessThanOrEqual(2_500)
    await world.env.DB.prepare('delete from comments').run()
    await fill(1, 60, 'ö'.repeat(4_000))
    const texts = await readAll('ärger')
    expect([texts.found, texts.pages > 4]).toEqual([numbers(7), true])
  })

  it('and nothing that was hidden while it was looked for', async () => {
    const world = await withoutModeration(new World())
    await world.api('PATCH', '/api/books/main', { has_search: true })
    const { id } = await aComment(world, { body: 'Gone, schön' })
    const hasCome = justBefore(world, /json_each\(.*cross join comments c on c\.id = j\.value/s, () =>
      new World().api('PATCH', `/api/comments/${id}`, { status: 'hidden' })
    )
    expect(await page(world, '/?q=gone')).not.toContain('schön')
    expect(hasCome()).toBe(true)
  })
})
