import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { acceptsMentions, type Book, bookPath, MAIN_BOOK, WEBMENTION_PATH } from '../books/book'
import { loadBook, rememberBook, requireBook } from '../books/cache'
import { chooseLanguage, type Translator, translator } from '../core/languages'
import { isId } from '../core/lib/ids'
import { dayOf } from '../core/lib/time'
import type { HonoEnv } from '../env'
import { pageOrigin } from '../http/origin'
import { toPage } from '../http/pagination'
import { notFound, Refusal } from '../http/problem'
import { renderText } from '../ui/render'
import { formStamp, isEditable, ownEntry } from './signing/guest'
import { welcomeGuest } from './signing/known-guest'
import { returnTarget } from './signing/return-to'
import { EMPTY_FORM, type FormState } from './signing/sign-form'
import { findComment, readBookPage } from './store'
import { serveVersioned } from './versioned'
import { CommentPage, GuestbookPage, OUTCOMES, type Outcome } from './views/book-views'
import type { ShownEntry } from './views/entry-views'

const PAGE_SIZE = 20
const HTML = { 'Content-Type': 'text/html; charset=UTF-8', Vary: 'Accept-Language' }

/** `/` for the main book, `/b/{slug}` for the others, and permalinks. */
export const guestbookPages = new Hono<HonoEnv>()

guestbookPages.get('/b/main', (c) => c.redirect('/', 301))

for (const path of ['/', '/b/:slug'] as const) {
  guestbookPages.get(path, async (c) => {
    const { before, signed, return_to } = c.req.query()
    if (before !== undefined && !isId('cmt', before)) {
      const detail = 'That page does not exist. Start at the first page and follow "Older entries".'
      throw new Refusal(400, 'bad_cursor', detail)
    }
    const slug = c.req.param('slug') ?? MAIN_BOOK
    const outcome = OUTCOMES.find((one) => one === signed)
    if (outcome) return showBook(c, slug, { before, outcome })
    if (return_to !== undefined) return showBook(c, slug, { form: await formWithReturn(c, slug, return_to) })
    await welcomeGuest(c, Date.now())
    return showUnchanged(c, slug, before)
  })
}

async function formWithReturn(c: Context<HonoEnv>, slug: string, text: string): Promise<Partial<FormState>> {
  const book = await requireBook(c.env, slug, Date.now())
  return { fields: { ...EMPTY_FORM.fields, return_to: returnTarget(book, text) ?? '' } }
}

/** The page as most visitors see it. It changes only with the book, and once a day with the stamp in its form. */
async function showUnchanged(c: Context<HonoEnv>, slug: string, before: string | undefined): Promise<Response> {
  const accepted = chooseLanguage(c.req.header('Accept-Language'))
  const day = dayOf(Date.now())
  const view = { name: `page ${pageOrigin(c)} ${accepted} ${day} ${before ?? ''}`, variant: `${accepted}-${day}` }
  const response = await serveVersioned(c, slug, view, () => renderBook(c, slug, { before }), HTML)
  // The page has just been served, so its book is in the cache.
  const book = await loadBook(c.env, slug, Date.now())
  for (const [name, value] of Object.entries(webmentionHeader(book))) response.headers.set(name, value)
  return response
}

/** Tells other sites where they can announce that they mention the book, even if they do not read the page. */
function webmentionHeader(book: Book | null): { Link?: string } {
  return book && acceptsMentions(book) ? { Link: `<${WEBMENTION_PATH}>; rel="webmention"` } : {}
}

interface BookView {
  /** The id of an entry. The page shows entries that are older than this one. */
  before?: string | undefined
  outcome?: Outcome | null
  form?: Partial<FormState>
  preview?: ShownEntry | null
}

/** @returns null if there is no such book */
async function renderBook(c: Context<HonoEnv>, slug: string, view: BookView) {
  const { before, outcome = null, form = {}, preview = null } = view
  const now = Date.now()
  const { book: row, comments } = await readBookPage(c.env, slug, before, PAGE_SIZE + 1)
  if (!row) return null
  const { data, next } = toPage(comments, PAGE_SIZE)
  const book = rememberBook(c.env, row, now)
  const page = (
    <GuestbookPage
      book={book}
      translate={languageOf(c, book)}
      count={row.published_count}
      comments={data}
      older={next}
      isFirstPage={before === undefined}
      form={{ ...EMPTY_FORM, ...form }}
      stamp={await formStamp(c.env, now)}
      preview={preview}
      outcome={outcome}
      own={outcome && (await ownEntry(c))}
      origin={pageOrigin(c)}
    />
  )
  return { row, body: await renderText(page) }
}

export function languageOf(c: Context<HonoEnv>, { language }: Book): Translator {
  return translator(language === 'auto' ? chooseLanguage(c.req.header('Accept-Language')) : language)
}

type Answer = BookView & { status?: ContentfulStatusCode; headers?: Record<string, string> }

/** The page with something that only this guest may see. */
export async function showBook(c: Context<HonoEnv>, slug: string, { status = 200, headers, ...view }: Answer) {
  const rendered = await renderBook(c, slug, view)
  if (!rendered) throw notFound('guestbook')
  return c.html(rendered.body, status, { 'Cache-Control': 'no-store', ...headers })
}

/** @param hash a part of the page, such as `#thanks` */
export function outcomePath(slug: string, outcome: Outcome, hash = '#thanks'): string {
  return `${bookPath(slug)}?signed=${outcome}${hash}`
}

guestbookPages.get('/comments/:id', async (c) => {
  const now = Date.now()
  const comment = await findComment(c.env, c.req.param('id'))
  const book = comment?.status === 'published' && (await loadBook(c.env, comment.book, now))
  if (!book) throw notFound('entry')
  const isOwn = isEditable(comment, now) && (await ownEntry(c)) === comment.id
  const page = <CommentPage book={book} translate={languageOf(c, book)} comment={comment} isOwn={isOwn} />
  const headers = { 'Cache-Control': 'no-cache', Vary: 'Accept-Language, Cookie', ...webmentionHeader(book) }
  return c.html(await renderText(page), 200, headers)
})
