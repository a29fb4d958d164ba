import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { notFound } from '../kit/http/problem'
import { requireBook } from './books/cache'
import { accentCss } from './rules/looks/accent'
import { scoped } from './rules/looks/custom-css'
import { facePath, isFace } from './rules/looks/faces'
import { hashOf } from './rules/looks/identicon'

const FOREVER = 'public, max-age=31536000, immutable'

/** `/styles/{slug}/{key}.css`: the owner's accent and custom CSS. `/faces/{slug}.svg`: where faces were. */
export const stylePages = new Hono<HonoEnv>()

stylePages.get('/styles/:slug/:file', async (c) => {
  const { accent, css } = await requireBook(c.env, c.req.param('slug'), c.get('now'))
  const isCurrent = c.req.param('file') === `${styleKey(accent, css)}.css`
  const headers = { 'Content-Type': 'text/css; charset=UTF-8', 'Cache-Control': isCurrent ? FOREVER : 'no-cache' }
  return c.body((accent === null ? '' : accentCss(accent)) + sheetOf(css), 200, headers)
})

stylePages.get('/faces/:file', (c) => {
  const slug = c.req.param('file').replace(/\.svg$/, '')
  if (!isFace(slug)) throw notFound('face')
  return c.redirect(facePath(slug), 301)
})

/** @returns a short text that is different for every style */
export function styleKey(accent: string | null, css: string): string {
  return hashOf(`${accent}${sheetOf(css)}`).toString(36)
}

function sheetOf(css: string): string {
  return css === '' ? '' : scoped(css)
}
