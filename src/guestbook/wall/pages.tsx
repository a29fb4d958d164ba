import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { renderForm } from '../../kit/html/render'
import { readBook } from '../books/cache'
import { listSites } from './manage'
import { WallPage } from './views'

/** `/admin/books/{slug}/wall`: the buttons of guests' sites. */
export const wallPages = new Hono<HonoEnv>()

wallPages.get('/:slug/wall', async (c) => {
  const slug = c.req.param('slug')
  const row = await readBook(c.env, slug, c.get('now'))
  return renderForm(c, <WallPage row={row} sites={await listSites(c.env, slug, c.get('now'))} now={c.get('now')} />)
})
