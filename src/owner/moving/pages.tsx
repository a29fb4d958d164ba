import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { toBook } from '../../guestbook/books/book'
import { allBooks } from '../../guestbook/books/store'
import { renderPage } from '../../kit/html/render'
import { expectRefusal } from '../../kit/http/form'
import { publicOrigin } from '../../kit/http/origin'
import { problemResponse, Refusal } from '../../kit/http/problem'
import { DASHBOARD } from '../../kit/lib/paths'
import { asFile } from './export-api'
import { countExported, exportFile } from './exporting/export'
import { importBody, requireImport } from './import-api'
import { listImports } from './importing/store'
import { ImportPage } from './report-views'
import { importQuery, toImport } from './schemas'
import { MovingPage } from './views'

/** `/admin/moving`: entries from other systems, and everything as a file. */
export const movingPages = new Hono<HonoEnv>()

const SHOWN_IMPORTS = 10

movingPages.get('/', async (c) => {
  const [rows, imports] = await Promise.all([allBooks(c.env), listImports(c.env, undefined, SHOWN_IMPORTS)])
  const shown = { books: rows.map(toBook), imports, origin: publicOrigin(c), now: c.get('now') }
  return renderPage(c, <MovingPage {...shown} />)
})

/** import-page.js sends the entries of a file in parts. The rest is as in `POST /api/import`. */
movingPages.post('/import', async (c) => {
  const query = importQuery.safeParse(c.req.query())
  try {
    if (!query.success) throw new Refusal(422, 'invalid_input', 'The format or the book is not valid.')
    return c.json(toImport(await importBody(c, query.data)), 202)
  } catch (cause) {
    return problemResponse(c, expectRefusal(cause))
  }
})

movingPages.get('/imports/:id', async (c) => {
  const row = await requireImport(c.env, c.req.param('id'))
  if (c.req.header('Accept') === 'application/json') return c.json(toImport(row))
  return renderPage(c, <ImportPage row={row} now={c.get('now')} />)
})

/** The export as a file. If it comes in parts, export-page.js joins them; without scripts, each names the next one. */
movingPages.get('/export', (c) => {
  const withLog = c.req.query('include') === 'log'
  const part = Number(c.req.query('part')) || 1
  const file = exportFile(c.env, { cursor: c.req.query('cursor'), withLog, key: null }, c.get('now'), (cursor) => {
    const query = new URLSearchParams({ cursor, part: String(part + 1), ...(withLog && { include: 'log' }) })
    return `${publicOrigin(c)}${DASHBOARD.moving}/export?${query}`
  })
  return c.body(file, 200, asFile(`guestbook-part-${part}.ndjson`))
})

/** How many entries an export has, for its progress. */
movingPages.get('/export/count', async (c) => c.json(await countExported(c.env, c.req.query('after') ?? '')))
