import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { notFound } from '../kit/http/problem'
import { PREVIEWED_POLICY } from '../kit/http/security-headers'
import { renderBook } from './reading/render-book'
import { DEFAULT_THEME, THEME_SLUGS } from './rules/looks/themes'
import { ownLocation, thumbnailLocation } from './views/book-views'

/** How many entries a thumbnail shows. */
const FEW = 4

/** `/admin/books/{slug}/preview?theme=`: the book in another theme. With `small`, it is for a thumbnail. */
export const previewPages = new Hono<HonoEnv>()

previewPages.get('/:slug/preview', async (c) => {
  const theme = THEME_SLUGS.find((slug) => slug === c.req.query('theme')) ?? DEFAULT_THEME
  const isSmall = c.req.query('small') !== undefined
  const where = (isSmall ? thumbnailLocation : ownLocation)(c.req.param('slug'))
  const view = await renderBook(c, where, { theme, ...(isSmall && { size: FEW }) })
  if (!view) throw notFound('book')
  const frame = { 'Content-Security-Policy': PREVIEWED_POLICY, 'X-Frame-Options': 'SAMEORIGIN' }
  return c.html(view.body, 200, { 'Cache-Control': 'no-store', ...frame })
})
