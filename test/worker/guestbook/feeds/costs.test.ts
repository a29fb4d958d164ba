import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { BASE, World } from '../../../support/world'
import { get, getText } from './site'

const FILES = ['/feed.atom', '/feed.json', '/card.svg']

describe('a file that has not changed', () => {
  it.each(FILES)('costs one row, and is not sent again: %s', async (path) => {
    const world = new World()
    for (let i = 0; i < 25; i++) await aComment(world)
    const first = await get(world, path)
    expect(first).toMatchObject({ d1RoundTrips: 1, rowsWritten: 0, response: { status: 200 } })
    expect(first.rowsRead).toBeLessThanOrEqual(22)
    const again = await get(world, path)
    expect(again).toMatchObject({ rowsRead: 1, d1RoundTrips: 1 })
    expect(again.response.headers.get('Last-Modified')).toBe(first.response.headers.get('Last-Modified'))
    expect(await again.response.arrayBuffer()).toEqual(await first.response.arrayBuffer())
    const etag = first.response.headers.get('ETag') ?? ''
    const unchanged = await get(new World(), path, { 'If-None-Match': etag })
    expect(unchanged).toMatchObject({ rowsRead: 1, d1RoundTrips: 1, response: { status: 304 } })
    expect(unchanged.response.headers.get('ETag')).toBe(etag)
    expect(await unchanged.response.text()).toBe('')
  })

  it.each(FILES)('has the same headers for HEAD, without a body: %s', async (path) => {
    const world = new World()
    await aComment(world)
    const [full, head] = [await get(world, path), await get(world, path, {}, 'HEAD')]
    expect(await head.response.text()).toBe('')
    for (const name of ['Content-Type', 'ETag', 'Last-Modified']) {
      expect(head.response.headers.get(name)).toBe(full.response.headers.get(name))
    }
  })

  it.each(FILES)('has a new tag after each change, in every isolate: %s', async (path) => {
    const [world, other] = [new World(), new World()]
    const tag = async () => (await get(other, path)).response.headers.get('ETag') ?? ''
    const { id } = await aComment(world)
    const tags = [await tag()]
    const changes = [
      () => aComment(world),
      () => world.api('PATCH', `/api/comments/${id}`, { body: 'NEW' }),
      () => world.api('PUT', `/api/comments/${id}/reply`, { body: 'NEW' }),
      () => world.api('PATCH', '/api/books/main', { title: 'Other' }),
      () => world.api('PATCH', '/api/books/main', { markup: true }),
      () => world.api('DELETE', `/api/comments/${id}`),
    ]
    for (const change of changes) {
      await change()
      const before = { 'If-None-Match': tags.at(-1) ?? '' }
      expect((await get(other, path, before)).response.status).toBe(200)
      tags.push(await tag())
    }
    expect(new Set(tags).size).toBe(7)
  })
})

describe('an isolate', () => {
  it('keeps the files of each book apart, and never sends an old one', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    const paths = FILES.flatMap((path) => [path, `/b/summer${path}`])
    const bodies: string[] = []
    for (const title of ['Old', 'New']) {
      for (const slug of ['main', 'summer'])
        await world.api('PATCH', `/api/books/${slug}`, { title: `${title} ${slug}` })
      for (const path of [...paths, ...paths]) {
        bodies.push((await (await get(world, path)).response.bytes()).toString())
      }
    }
    expect(bodies).toHaveLength(24)
    expect(new Set(bodies).size).toBe(12)
  })
})

describe('the costs of a feed', () => {
  it('do not grow with the number of entries', async () => {
    const world = new World()
    const ids: string[] = []
    for (let i = 0; i < 60; i++) ids.push((await aComment(world)).id)
    for (const path of ['/feed.atom', `/feed.atom?before=${ids[30]}`, `/feed.json?before=${ids[50]}`]) {
      expect((await get(new World(), path)).rowsRead).toBeLessThanOrEqual(22)
    }
  })
})

describe('the origin of a feed', () => {
  it('comes from PUBLIC_URL, whatever the Host', async () => {
    const world = new World({ PUBLIC_URL: 'https://public.example' })
    await aComment(world)
    for (const path of ['/feed.atom', '/feed.json', '/sitemap.xml', '/robots.txt']) {
      const text = await getText(world, path)
      expect(text).toContain('https://public.example')
      expect(text).not.toContain(BASE)
    }
  })

  it('is never that of another visitor', async () => {
    const world = new World()
    await aComment(world)
    const other = 'https://other.example'
    world.base = other
    expect(await getText(world, '/feed.atom')).toContain(other)
    world.base = BASE
    const text = await getText(world, '/feed.atom')
    expect(text).toContain(BASE)
    expect(text).not.toContain(other)
  })
})
