import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { first } from '../../kit/db/statements'
import { publicFile } from '../../kit/http/paths/public-file'
import { type BookRow, MAIN_BOOK, ownLanguage, toBook } from '../books/book'
import { requireBook } from '../books/cache'
import { FIND_BOOK } from '../books/store'
import { translator } from '../reading/languages'
import { serveVersioned } from '../reading/versioned'
import { drawButton } from '../rules/feeds/button'
import { type SocialCard, toCardSvg } from '../rules/feeds/card'
import { cardOfTheme } from '../rules/feeds/head-links'

const readFrame = publicFile('card-frame.svg', (file) => file.text())
const readButton = publicFile('button-frame.svg', (file) => file.text())

/** The pictures of a book: the card that social networks show beside a link to it, and the button for other pages. */
export const cardPages = new Hono<HonoEnv>()

cardPages.on('GET', ['/card.svg', '/b/:slug/card.svg'], (c) => {
  const slug = c.req.param('slug') ?? MAIN_BOOK
  const render = async () => {
    const row = await first(FIND_BOOK(c.env, { slug }))
    return row && { row, body: toCardSvg(await describeCard(c.env, row), await readFrame(c.env)) }
  }
  return serveVersioned(c, slug, { name: 'card.svg' }, render, { 'Content-Type': 'image/svg+xml' })
})

cardPages.on('GET', ['/button.svg', '/b/:slug/button.svg'], async (c) => {
  const { title } = await requireBook(c.env, c.req.param('slug') ?? MAIN_BOOK, c.get('now'))
  return c.body(drawButton(title, await readButton(c.env)), 200, {
    'Content-Type': 'image/svg+xml',
    'Cache-Control': 'public, max-age=3600',
  })
})

cardPages.on('GET', ['/card.png', '/b/:slug/card.png'], async (c) => {
  const { theme } = await requireBook(c.env, c.req.param('slug') ?? MAIN_BOOK, c.get('now'))
  c.header('Cache-Control', 'public, max-age=600')
  return c.redirect(cardOfTheme(theme))
})

async function describeCard(env: Env, row: BookRow): Promise<SocialCard> {
  const book = toBook(row)
  const { published_count: count } = row
  const { text } = await translator(env, ownLanguage(book))
  return { title: book.title, count, signatures: text('signatures', { count }) }
}
