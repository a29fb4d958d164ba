import { type Context, Hono } from 'hono'
import { type BookRow, MAIN_BOOK, ownLanguage, toBook } from '../books/book'
import { requireBook } from '../books/cache'
import { FIND_BOOK } from '../books/store'
import { drawButton } from '../core/feeds/button'
import { type Card, toCardPng } from '../core/feeds/card/pixels'
import { toCardSvg } from '../core/feeds/card/svg'
import { translator } from '../core/languages'
import type { Bytes } from '../core/lib/bytes'
import { first } from '../db/statements'
import type { HonoEnv } from '../env'
import { serveVersioned } from '../guestbook/versioned'
import { notFound } from '../http/problem'

/** The pictures of a book: the card that social networks show beside a link to it, and the button for other pages. */
export const cardPages = new Hono<HonoEnv>()

for (const path of ['/card.svg', '/b/:slug/card.svg'] as const) {
  cardPages.get(path, (c) => {
    const slug = c.req.param('slug') ?? MAIN_BOOK
    const render = async () => {
      const row = await first(FIND_BOOK(c.env, { slug }))
      return row && { row, body: toCardSvg(describeCard(row)) }
    }
    return serveVersioned(c, slug, { name: 'card.svg' }, render, { 'Content-Type': 'image/svg+xml' })
  })
}

for (const path of ['/button.svg', '/b/:slug/button.svg'] as const) {
  cardPages.get(path, async (c) => {
    const { title } = await requireBook(c.env, c.req.param('slug') ?? MAIN_BOOK, Date.now())
    return c.body(drawButton(title), 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'public, max-age=3600' })
  })
}

for (const path of ['/card.png', '/b/:slug/card.png'] as const) {
  cardPages.get(path, (c) => servePng(c, c.req.param('slug') ?? MAIN_BOOK))
}

/** The last picture of each book, for each database, because drawing takes several milliseconds. */
const drawn = new WeakMap<D1Database, Map<string, { version: number; png: Bytes }>>()

/** Social networks keep a picture for days anyway, so it may be ten minutes old. @throws Refusal 404 */
async function servePng(c: Context<HonoEnv>, slug: string): Promise<Response> {
  const row = await first(FIND_BOOK(c.env, { slug }))
  if (!row) throw notFound('book')
  const ETag = `"${row.version}-${c.env.VERSION.id}"`
  const headers = { ETag, 'Cache-Control': 'public, max-age=600' }
  if (c.req.header('If-None-Match')?.includes(ETag)) return c.body(null, 304, headers)
  return c.body(await drawOnce(c.env, row), 200, { ...headers, 'Content-Type': 'image/png' })
}

async function drawOnce(env: Env, row: BookRow): Promise<Bytes> {
  const { slug, version } = row
  const pictures = drawn.get(env.DB) ?? new Map()
  const known = pictures.get(slug)
  if (known?.version === version) return known.png
  const png = await toCardPng(describeCard(row))
  drawn.set(env.DB, pictures.set(slug, { version, png }))
  return png
}

function describeCard(row: BookRow): Card {
  const book = toBook(row)
  const { published_count: count } = row
  return { title: book.title, count, signatures: translator(ownLanguage(book)).text('signatures', { count }) }
}
