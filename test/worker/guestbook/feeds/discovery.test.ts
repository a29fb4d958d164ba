import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { aComment } from '../../../support/fixtures'
import { BASE, World } from '../../../support/world'
import { get, getText } from './site'

async function sitemapOf(world: World): Promise<string[]> {
  const xml = await getText(world, '/sitemap.xml')
  expect(XMLValidator.validate(xml)).toBe(true)
  const parser = new XMLParser({ isArray: (name) => name === 'url' })
  return parser.parse(xml).urlset.url.map(({ loc }: { loc: string }) => loc)
}

describe('the sitemap', () => {
  it('has the first page of each book, except of deleted ones', async () => {
    const world = new World()
    for (const slug of ['autumn', 'winter']) await world.api('POST', '/api/books', { slug, title: slug })
    await world.api('DELETE', '/api/books/winter')
    expect((await sitemapOf(world)).sort()).toEqual([`${BASE}/`, `${BASE}/b/autumn`])
    const { response } = await get(world, '/sitemap.xml')
    expect(response.headers.get('Content-Type')).toBe('application/xml; charset=utf-8')
  })

  it('has all fifty books, in one round trip', async () => {
    const world = new World()
    for (let i = 1; i < 50; i++) await world.api('POST', '/api/books', { slug: `book-${i}`, title: 'x' })
    expect(await sitemapOf(world)).toHaveLength(50)
    const { rowsRead, d1RoundTrips } = await get(world, '/sitemap.xml')
    expect(d1RoundTrips).toBe(1)
    expect(rowsRead).toBeLessThanOrEqual(51)
  })
})

describe('robots.txt', () => {
  it('is text that names the sitemap, and reads nothing', async () => {
    const { response, d1RoundTrips } = await get(new World(), '/robots.txt')
    expect(d1RoundTrips).toBe(0)
    expect(response.headers.get('Content-Type')).toMatch(/^text\/plain/)
    expect(await response.text()).toContain(`Sitemap: ${BASE}/sitemap.xml`)
  })
})

describe('a card', () => {
  it('as SVG shows the title and the count of its book', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: '</text>Sommer & <b>', language: 'de' })
    for (let i = 0; i < 3; i++) await aComment(world, { book: 'summer' })
    const { response } = await get(world, '/b/summer/card.svg')
    expect(response.headers.get('Content-Type')).toBe('image/svg+xml')
    const svg = await response.text()
    expect(XMLValidator.validate(svg)).toBe(true)
    const digits = [...svg.matchAll(/fill="#7dff6a"[^>]*>(\d)</g)].map(([, digit]) => digit)
    expect(digits.join('')).toBe('000003')
    expect(svg).toContain('&lt;/text&gt;')
  })

  it('as PNG is the file of the theme of its book, and costs no drawing', async () => {
    const world = new World()
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer', theme: 'zine' })
    for (const [path, file] of [
      ['/card.png', '/cards/nineties.png'],
      ['/b/summer/card.png', '/cards/zine.png'],
    ] as const) {
      const { response, d1RoundTrips } = await get(world, path)
      expect(d1RoundTrips).toBeLessThanOrEqual(1)
      expect([response.status, response.headers.get('Location')]).toEqual([302, file])
      expect(response.headers.get('Cache-Control')).toBe('public, max-age=600')
    }
  })
})
