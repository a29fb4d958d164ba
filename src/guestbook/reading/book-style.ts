import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { notFound } from '../../kit/http/problem'
import { hashOf } from '../../kit/lib/text/hash'
import type { Book } from '../books/book'
import { requireBook } from '../books/cache'
import { accentCss } from '../rules/looks/accent'
import { scoped } from '../rules/looks/custom-css'
import { facePath, isFace } from '../rules/looks/faces'
import { picturePath } from '../rules/looks/picture'

export const FOREVER = 'public, max-age=31536000, immutable'

/** `/styles/{slug}/{key}.css`: the owner's accent, background and custom CSS. `/faces/{slug}.svg`: where faces were. */
export const stylePages = new Hono<HonoEnv>()

stylePages.get('/styles/:slug/:file', async (c) => {
  const book = await requireBook(c.env, c.req.param('slug'), c.get('now'))
  const { accent } = book
  const isCurrent = ownStylesheet(book)?.endsWith(`/${c.req.param('file')}`)
  const headers = { 'Content-Type': 'text/css; charset=UTF-8', 'Cache-Control': isCurrent ? FOREVER : 'no-cache' }
  return c.body((accent === null ? '' : accentCss(accent)) + tileOf(book) + sheetOf(book), 200, headers)
})

stylePages.get('/faces/:file', (c) => {
  const slug = c.req.param('file').replace(/\.svg$/, '')
  if (!isFace(slug)) throw notFound('face')
  return c.redirect(facePath(slug), 301)
})

/** The address changes with the content, so that browsers can keep it. Null if there is none. */
export function ownStylesheet(book: Book): string | null {
  const content = `${book.accent ?? ''}${tileOf(book)}${sheetOf(book)}`
  return content === '' ? null : `/styles/${book.slug}/${hashOf(content).toString(36)}.css`
}

/** The background of the page. Every text is on the panel of its theme. */
function tileOf({ slug, pictures }: Book): string {
  const tile = pictures.find(({ use }) => use === 'tile')
  return tile ? `@media screen{body{background:url(${picturePath(slug, tile.id)})}}` : ''
}

const sheetOf = ({ css }: Book): string => (css === '' ? '' : scoped(css))
