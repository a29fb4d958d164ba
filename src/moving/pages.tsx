import { type Context, Hono } from 'hono'
import { MAIN_BOOK } from '../books/book'
import { readBook } from '../books/manage'
import { LIST_BOOKS, MAX_BOOKS } from '../books/store'
import { IMPORT_FORMATS, type ImportFormat } from '../core/importing/records'
import { type Bytes, utf8 } from '../core/lib/bytes'
import { all } from '../db/statements'
import type { HonoEnv } from '../env'
import { expectRefusal, explain } from '../http/form'
import { readAtMost } from '../http/json-body'
import { publicOrigin } from '../http/origin'
import { Refusal } from '../http/problem'
import { renderPage } from '../ui/render'
import { asFile } from './export-api'
import { exportFile } from './exporting/export'
import { cancelImport, requireImport } from './import-api'
import { listImports } from './importing/store'
import { MAX_IMPORT_BYTES, startUpload } from './importing/upload'
import { ImportPage } from './report-views'
import { type ImportFields, MovingPage, SECTION } from './views'

/** `/admin/moving`: entries from other systems, and everything as a file. */
export const movingPages = new Hono<HonoEnv>()

const SHOWN_IMPORTS = 10
const NO_FIELDS: ImportFields = { format: '', book: MAIN_BOOK, dry_run: true, webhooks: false, html: '' }

async function showForm(c: Context<HonoEnv>, fields: ImportFields, refusal?: Refusal) {
  const [books, imports] = await Promise.all([
    all(LIST_BOOKS(c.env, { after: '', limit: MAX_BOOKS })),
    listImports(c.env, undefined, SHOWN_IMPORTS),
  ])
  const error = refusal && explain(refusal)
  return renderPage(c, <MovingPage {...{ books, imports, fields, error }} now={Date.now()} />, refusal?.status ?? 200)
}

movingPages.get('/', (c) => showForm(c, NO_FIELDS))

movingPages.post('/import', async (c) => {
  let fields = NO_FIELDS
  try {
    const { file, ...sent } = await readUpload(c)
    fields = sent
    const format = IMPORT_FORMATS.find((name) => name === fields.format)
    const now = Date.now()
    await readBook(c.env, fields.book, now)
    const options = {
      ...fields,
      format: file.length === 0 ? ('html' as ImportFormat) : format,
      origin: publicOrigin(c),
    }
    const { id } = await startUpload(c.env, file.length === 0 ? utf8(fields.html) : file, options, now)
    return c.redirect(`/admin/moving/imports/${id}`, 303)
  } catch (cause) {
    return showForm(c, fields, expectRefusal(cause))
  }
})

/** What surrounds the file in a form. */
const MAX_FORM_BYTES = MAX_IMPORT_BYTES + 64 * 1_024

/** @throws Refusal 400, 413 or 415 */
async function readUpload(c: Context<HonoEnv>): Promise<ImportFields & { file: Bytes }> {
  const type = c.req.header('Content-Type') ?? ''
  if (!/^multipart\/form-data\b/i.test(type))
    throw new Refusal(415, 'not_a_form', 'Submit this form from its own page.')
  const bytes = await readAtMost(c.req.raw, MAX_FORM_BYTES)
  const form = await parseForm(bytes, type)
  const text = (name: string) => String(form.get(name) ?? '')
  const file = form.get('file')
  return {
    format: text('format'),
    book: text('book') || MAIN_BOOK,
    dry_run: form.has('dry_run'),
    webhooks: form.has('webhooks'),
    html: text('html'),
    file: file instanceof File ? new Uint8Array(await file.arrayBuffer()) : new Uint8Array(),
  }
}

async function parseForm(bytes: Bytes, type: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'Content-Type': type } }).formData()
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new Refusal(400, 'bad_form', 'The form is incomplete. Submit it again.')
  }
}

movingPages.get('/imports/:id', async (c) => {
  const row = await requireImport(c.env, c.req.param('id'))
  return renderPage(c, <ImportPage row={row} now={Date.now()} />)
})

movingPages.post('/imports/:id/cancel', async (c) => {
  const { id } = await cancelImport(c.env, c.req.param('id'), Date.now())
  return c.redirect(`/admin/moving/imports/${id}`, 303)
})

/** The export as a file. If it comes in parts, dashboard.js joins them; without scripts, each names the next one. */
movingPages.get('/export', (c) => {
  const withLog = c.req.query('include') === 'log'
  const file = exportFile(c.env, { cursor: c.req.query('cursor'), withLog, key: null }, Date.now(), (cursor) => {
    const query = new URLSearchParams({ cursor, ...(withLog && { include: 'log' }) })
    return `${publicOrigin(c)}${SECTION}/export?${query}`
  })
  return c.body(file, 200, asFile('guestbook.ndjson'))
})
