import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { notFound } from '../kit/http/problem'
import { PREVIEWED_POLICY } from '../kit/http/security-headers'
import { renderBook } from './reading/render-book'
import { DEFAULT_THEME, THEME_SLUGS } from './rules/looks/themes'
import { ownLocation } from './views/book-views'

/** `/admin/books/{slug}/preview?theme=`: the book in another theme, for the frame in its settings. */
export const previewPages = new Hono<HonoEnv>()

previewPages.get('/:slug/preview', async (c) => {
  const theme = THEME_SLUGS.find((slug) => slug === c.req.query('theme')) ?? DEFAULT_THEME
  const view = await renderBook(c, ownLocation(c.req.param('slug')), { theme })
  if (!view) throw notFound('book')
  const frame = { 'Content-Security-Policy': PREVIEWED_POLICY, 'X-Frame-Options': 'SAMEORIGIN' }
  return c.html(view.body, 200, { 'Cache-Control': 'no-store', ...frame })
})
