import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { framable } from '../../kit/http/security-headers'
import type { BookLocation } from '../reading/location'
import { showForm, showRequested } from '../reading/pages'
import { signAt } from '../signing/pages'
import { FrameShell } from './frame-views'

/** `/embed/{slug}`: a book for a frame on any site. It works without scripts. */
export const embedPages = new Hono<HonoEnv>()

/** Search engines find the book itself. */
embedPages.use('/:slug/*', framable, (c, next) => {
  c.header('X-Robots-Tag', 'noindex')
  return next()
})

embedPages.get('/:slug', (c) => showRequested(c, frameLocation(c.req.param('slug'))))

embedPages.get('/:slug/sign', (c) => showForm(c, frameLocation(c.req.param('slug'))))

embedPages.post('/:slug/sign', (c) => signAt(c, frameLocation(c.req.param('slug'))))

function frameLocation(slug: string): BookLocation {
  const path = `/embed/${slug}`
  return { slug, path, signPath: `${path}/sign`, target: '_self', Shell: FrameShell }
}
