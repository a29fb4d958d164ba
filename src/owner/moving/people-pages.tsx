import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { ANYWHERE, SEARCH_MAX, searchComments } from '../../guestbook/moderation/search'
import { renderPage } from '../../kit/html/render'
import { publicOrigin } from '../../kit/http/origin'
import { readCursor } from '../../kit/http/pagination'
import { isId } from '../../kit/lib/ids'
import { DASHBOARD } from '../../kit/lib/paths'
import { cut } from '../../kit/lib/text/shorten'
import { asFile } from './export-api'
import { toNdjson } from './exporting/export'
import { MAX_ERASED, personLines, previewErasure } from './people'
import { ErasurePage, PeoplePage } from './people-views'

/** `/admin/moving/people`: what one person has written. */
export const peoplePages = new Hono<HonoEnv>()

export const readPersonQuery = (text: string | undefined) => cut(text?.trim() ?? '', SEARCH_MAX)

peoplePages.get('/', async (c) => {
  const q = readPersonQuery(c.req.query('q'))
  const before = readCursor('cmt', c.req.query('cursor'))
  const found = q === '' ? null : await searchComments(c.env, ANYWHERE, q, before, MAX_ERASED)
  const erased = c.req.query('erased')
  const notice = erased && <>Entries that were erased for good: {Number(erased) || 0}.</>
  const page = <PeoplePage {...{ q, found, notice }} now={c.get('now')} />
  return renderPage(c, page)
})

peoplePages.get('/export', async (c) => {
  const q = readPersonQuery(c.req.query('q'))
  // Without a search, this would be everybody.
  if (q === '') return c.redirect(DASHBOARD.people, 303)
  const origin = publicOrigin(c)
  const lines = await personLines(c.env, q, readCursor('cmt', c.req.query('cursor')), origin)
  const last = lines.at(-1)
  if (last?.cursor) {
    last.url = `${origin}${DASHBOARD.moving}/people/export?${new URLSearchParams({ q, cursor: String(last.cursor) })}`
  }
  return c.body(toNdjson(lines), 200, asFile('person.ndjson'))
})

const readErasedIds = (ids: string[]) => ids.filter((id) => isId('cmt', id)).slice(0, MAX_ERASED)

peoplePages.get('/erase', async (c) => {
  const rows = await previewErasure(c.env, readErasedIds(c.req.queries('ids') ?? []))
  return renderPage(c, <ErasurePage q={readPersonQuery(c.req.query('q'))} rows={rows} now={c.get('now')} />)
})
