import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { fittingIn, readCursor, toPage } from '../../kit/http/pagination'
import { optionalFile } from '../../kit/http/paths/public-file'
import { EXPORT_POLICY } from '../../kit/http/security-headers'
import { MAIN_BOOK, ownLanguage, textFormatOf, toBook, welcomeOf } from '../books/book'
import { readBookPage, readRank } from '../reading/book-page'
import { detailsOf, editedOf } from '../reading/entry-details'
import { translator } from '../reading/languages'
import { serveVersioned } from '../reading/versioned'
import { drawingSvg } from '../rules/entries/drawing'
import { type ExportedEntry, toExportPage } from '../rules/feeds/export-html'
import type { Translator } from '../rules/languages'
import type { CommentRow } from '../store'
import { PAGE_CHARACTERS } from './entries'

/** `/export.html` and `/b/{slug}/export.html`: a book as one page, for static sites and for keeping. */
export const exportPages = new Hono<HonoEnv>()

const readStyle = optionalFile('export.css', '', (file) => file.text())

/** How many entries a page has. Each costs a row. */
const PAGE_SIZE = 200

exportPages.on('GET', ['/export.html', '/b/:slug/export.html'], (c) => {
  const slug = c.req.param('slug') ?? MAIN_BOOK
  const before = readCursor('cmt', c.req.query('before'))
  const from = readRank(c.req.query('from'))
  const render = () => renderExport(c.env, slug, before, from)
  return serveVersioned(c, slug, { name: `export.html ${before ?? ''} ${from}` }, render, {
    'Content-Type': 'text/html; charset=UTF-8',
    'Content-Disposition': `inline; filename="guestbook-${slug}.html"`,
    'Content-Security-Policy': EXPORT_POLICY,
    // The guestbook's own pages have the same texts. Copies on other sites are not affected.
    'X-Robots-Tag': 'noindex',
  })
})

/** @param from the number of the first entry; null on the first page. @returns null if there is no such book */
async function renderExport(env: Env, slug: string, before: string | undefined, from: number | null) {
  const { book: row, comments } = await readBookPage(env, slug, before, PAGE_SIZE + 1)
  if (!row) return null
  const book = toBook(row)
  // A file has no reader whose language could be known.
  const translate = await translator(env, ownLanguage(book))
  const { data, next } = toPage(comments, fittingIn(comments, PAGE_SIZE, PAGE_CHARACTERS))
  const newest = from ?? row.published_count
  const page = {
    title: book.title,
    welcome: welcomeOf(book, translate),
    entries: data.map((comment, i) => exported(comment, newest - i, translate)),
    older: next && `?before=${next}&from=${newest - data.length}`,
    options: textFormatOf(book),
    style: await readStyle(env),
  }
  return { row, body: toExportPage(page, translate) }
}

function exported(comment: CommentRow, number: number, translate: Translator): ExportedEntry {
  const { name, website, body, created_at, answers, reply } = comment
  const [edited, details] = [editedOf(comment, translate), detailsOf(comment, translate)]
  const pre = comment.pre === 1
  const drawing = drawingSvg(comment.drawing, translate.text('a_drawing'))
  return { number, name, website, body, pre, drawing, details, created_at, edited, answers: JSON.parse(answers), reply }
}
