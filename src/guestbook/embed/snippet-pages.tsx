import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { renderPage } from '../../kit/html/render'
import { publicOrigin } from '../../kit/http/origin'
import { PREVIEW_POLICY } from '../../kit/http/security-headers'
import { readBook } from '../books/cache'
import { EmbedPage } from './views'

/** `/admin/books/{slug}/embed`: what the owner pastes into another site, and how it looks there. */
export const snippetPages = new Hono<HonoEnv>()

snippetPages.get('/:slug/embed', async (c) => {
  const row = await readBook(c.env, c.req.param('slug'), c.get('now'))
  const page = <EmbedPage row={row} origin={publicOrigin(c)} />
  return renderPage(c, page, 200, { 'Content-Security-Policy': PREVIEW_POLICY })
})
