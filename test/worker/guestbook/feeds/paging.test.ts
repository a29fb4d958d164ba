import { parseAtomFeed } from 'feedsmith'
import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { BASE, World } from '../../../support/world'
import { bookOf, FEEDS, read, withBook } from './reading'
import { get, getText } from './site'

describe('a feed with many entries', () => {
  it.each(FEEDS)('has pages of 20, and each entry is on one of them: %s', async (path) => {
    const world = await withBook()
    const wanted: string[] = []
    for (let i = 0; i < 45; i++)
      wanted.unshift(`${BASE}/comments/${(await aComment(world, { book: bookOf(path) })).id}`)
    const sizes: number[] = []
    const found: string[] = []
    let next: string | undefined = BASE + path
    for (let i = 0; i < 5 && next !== undefined; i++) {
      expect(next.startsWith(BASE + path)).toBe(true)
      const page = await read(world, next.slice(BASE.length))
      sizes.push(page.ids.length)
      found.push(...page.ids)
      next = page.next
    }
    expect(sizes).toEqual([20, 20, 5])
    expect(found).toEqual(wanted)
  })

  it.each(FEEDS)('ends a page of long texts early, and the next page goes on: %s', async (path) => {
    const world = await withBook()
    const wanted: string[] = []
    const body = 'a\n'.repeat(1_999)
    for (let i = 0; i < 12; i++)
      wanted.unshift(`${BASE}/comments/${(await aComment(world, { book: bookOf(path), body: `${i}${body}` })).id}`)
    const pages: string[][] = []
    for (let next: string | undefined = BASE + path; next !== undefined; ) {
      const page = await read(world, next.slice(BASE.length))
      pages.push(page.ids)
      next = page.next
    }
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.flat()).toEqual(wanted)
  })

  it('links each page to itself, to the first page and to the guestbook, and all have the same id', async () => {
    const world = new World()
    for (let i = 0; i < 21; i++) await aComment(world)
    const { next = '' } = await read(world, '/feed.atom')
    const ids = new Set<string | undefined>()
    for (const url of [`${BASE}/feed.atom`, next]) {
      const { id, links = [] } = parseAtomFeed(await getText(world, url.slice(BASE.length)))
      ids.add(id)
      expect(links).toContainEqual({ rel: 'self', type: 'application/atom+xml', href: url })
      expect(links).toContainEqual({ rel: 'first', type: 'application/atom+xml', href: `${BASE}/feed.atom` })
      expect(links).toContainEqual({ rel: 'alternate', type: 'text/html', href: `${BASE}/` })
    }
    expect(ids.size).toBe(1)
  })
})

describe('the cursor of a feed', () => {
  const ODD = ['', '0', '-1', 'null', 'cmt_', 'cmt_1', 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', "' or 1=1 --", '<script>']
  const MORE = [
    '\u0000',
    '💥',
    '../..',
    'x'.repeat(5_000),
    'cmt_01jd9z6y3t8w5q7r2k4m6n8p0a',
    'cmt_8ZZZZZZZZZZZZZZZZZZZZZZZZZ',
  ]
  const RAW = ['%', '%zz', '%ED%A0%80', '%FF', 'a&before=b', '[]', '%5B%5D']
  /** 100 of them: the first of each are as they are, and the others differ from an id in one place. */
  const valid = 'cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'
  const cursors = [...[...ODD, ...MORE].map(encodeURIComponent), ...RAW]
  for (let i = 0; cursors.length < 100; i++) {
    const wrong = encodeURIComponent(['*', 'u', '\n'][i % 3] ?? '')
    cursors.push(valid.slice(0, i % 30) + wrong + valid.slice((i % 30) + 1))
  }

  it('is refused before anything is read, if it is not the id of an entry', async () => {
    const world = new World()
    await aComment(world)
    const answers = await Promise.all(
      cursors.map(async (cursor, i) => {
        const { response } = await get(new World(), `/feed.${i % 2 ? 'atom' : 'json'}?before=${cursor}`)
        return [response.status, ((await response.json()) as { code: string }).code]
      })
    )
    expect(answers).toHaveLength(100)
    expect(answers).toEqual(answers.map(() => [400, 'bad_cursor']))
    expect(await get(world, '/feed.atom?before=x')).toMatchObject({ d1RoundTrips: 0, rowsRead: 0 })
  })

  it('may be the id of an entry that does not exist', async () => {
    const world = new World()
    await aComment(world)
    expect((await read(world, '/feed.atom?before=cmt_00000000000000000000000000')).ids).toEqual([])
    expect((await read(world, '/feed.json?before=cmt_7ZZZZZZZZZZZZZZZZZZZZZZZZZ')).ids).toHaveLength(1)
  })
})
