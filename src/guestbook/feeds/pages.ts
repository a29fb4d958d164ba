import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { openToAllSites } from '../../kit/http/cors'
import { publicOrigin } from '../../kit/http/origin'
import { readCursor } from '../../kit/http/pagination'
import { bookPath, MAIN_BOOK, toBook } from '../books/book'
import { allBooks } from '../books/store'
import { leadToMain } from '../reading/pages'
import { serveVersioned } from '../reading/versioned'
import { toAtom } from '../rules/feeds/atom'
import { fileOf } from '../rules/feeds/head-links'
import { toJsonFeed } from '../rules/feeds/json-feed'
import { toRobots, toSitemap } from '../rules/feeds/sitemap'
import { cardPages } from './card-pages'
import { type FeedPage, readFeed } from './entries'
import { exportPages } from './export-pages'

/** `/feed.atom` and `/feed.json`, also below `/b/{slug}`; cards; the book as one page; files for search engines. */
export const feedPages = new Hono<HonoEnv>()

const FORMATS = {
  'feed.atom': { write: toAtom, type: 'application/atom+xml; charset=utf-8' },
  'feed.json': { write: toJsonFeed, type: 'application/feed+json; charset=utf-8' },
} as const

for (const file of ['feed.atom', 'feed.json'] as const) {
  feedPages.get(`/b/main/${file}`, openToAllSites, (c) => leadToMain(c, `/${file}`))
  for (const path of [`/${file}`, `/b/:slug/${file}`]) {
    feedPages.use(path, openToAllSites)
    feedPages.get(path, (c) => {
      const before = readCursor('cmt', c.req.query('before'))
      return serveFeed(c, c.req.param('slug') ?? MAIN_BOOK, { file, before, origin: publicOrigin(c) })
    })
  }
}

/** Feed readers try these names. */
for (const name of ['feed', 'feed.xml', 'rss.xml'])
  for (const path of [`/${name}`, `/b/:slug/${name}`])
    feedPages
      .use(path, openToAllSites)
      .get(path, (c) => c.redirect(encodeURI(fileOf(bookPath(c.req.param('slug') ?? MAIN_BOOK), 'feed.atom')), 301))

/** Each origin has a feed of its own, because the feed contains absolute URLs. */
async function serveFeed(c: Context<HonoEnv>, slug: string, page: FeedPage): Promise<Response> {
  const { write, type } = FORMATS[page.file]
  const name = `${page.file} ${page.before ?? ''} ${page.origin}`
  const render = async () => {
    const read = await readFeed(c.env, slug, page)
    if (!read) return null
    const headers = { 'Last-Modified': new Date(read.feed.updated).toUTCString() }
    return { row: read.row, body: write(read.feed), headers }
  }
  return serveVersioned(c, slug, { name }, render, { 'Content-Type': type })
}

/** Search engines ask seldom, and may learn of a new book an hour later. */
const HOUR = 'public, max-age=3600'

feedPages.get('/sitemap.xml', async (c) => {
  const books = await allBooks(c.env)
  const origin = publicOrigin(c)
  const urls = books.filter((row) => !toBook(row).is_demo).map(({ slug }) => origin + bookPath(slug))
  return c.body(toSitemap(urls), 200, { 'Content-Type': 'application/xml; charset=utf-8', 'Cache-Control': HOUR })
})

feedPages.get('/robots.txt', (c) => c.text(toRobots(publicOrigin(c)), 200, { 'Cache-Control': HOUR }))

feedPages.route('/', cardPages)
feedPages.route('/', exportPages)
