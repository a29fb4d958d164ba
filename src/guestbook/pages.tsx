import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { HonoEnv } from '../env'
import { renderText } from '../kit/html/render'
import { pageOrigin } from '../kit/http/origin'
import { toPage } from '../kit/http/pagination'
import { notFound, Refusal } from '../kit/http/problem'
import { withFormTarget, withTurnstile } from '../kit/http/security-headers'
import { isId } from '../kit/lib/ids'
import { dayOf } from '../kit/lib/time'
import { originOf } from '../kit/lib/url'
import { acceptsMentions, type Book, MAIN_BOOK, WEBMENTION_PATH } from './books/book'
import { loadBook, rememberBook, requireBook } from './books/cache'
import { siteKeyOf } from './books/turnstile'
import { listCountries, readPageBetween } from './reading/book-page'
import { translator } from './reading/languages'
import { chooseLanguage, type Translator } from './rules/languages'
import { rankCountries } from './rules/looks/countries'
import type { ThemeSlug } from './rules/looks/themes'
import { formStamp, stampPage } from './signing/form-stamp'
import { editableEntries, isEditable, signedMark } from './signing/guest'
import { returnTarget } from './signing/return-to'
import { EMPTY_FORM, type FormState } from './signing/sign-form'
import { findComment } from './store'
import { serveVersioned, tagOf } from './versioned'
import { CommentPage, GuestbookPage, OUTCOMES, type Outcome, ownLocation } from './views/book-views'
import type { ShownEntry } from './views/entry-views'
import type { BookLocation } from './views/location'

const PAGE_SIZE = 20
const HTML = { 'Content-Type': 'text/html; charset=UTF-8', Vary: 'Accept-Language' }

/** `/` for the main book, `/b/{slug}` for the others, and permalinks. */
export const guestbookPages = new Hono<HonoEnv>()

guestbookPages.get('/b/main', (c) => c.redirect('/', 301))

for (const path of ['/', '/b/:slug'] as const) {
  guestbookPages.get(path, (c) => showRequested(c, ownLocation(c.req.param('slug') ?? MAIN_BOOK)))
}

/** The page of a book that the query of a request asks for. @throws Refusal 400 or 404 */
export async function showRequested(c: Context<HonoEnv>, where: BookLocation): Promise<Response> {
  const { before, signed, return_to } = c.req.query()
  if (before !== undefined && !isId('cmt', before)) {
    const detail = 'That page does not exist. Start at the first page and follow "Older entries".'
    throw new Refusal(400, 'bad_cursor', detail)
  }
  const outcome = OUTCOMES.find((one) => one === signed)
  if (outcome) return showBook(c, where, { before, outcome })
  if (return_to !== undefined) return showBook(c, where, { form: await formWithReturn(c, where.slug, return_to) })
  return showUnchanged(c, where, before)
}

async function formWithReturn(c: Context<HonoEnv>, slug: string, text: string): Promise<Partial<FormState>> {
  const book = await requireBook(c.env, slug, c.get('now'))
  return { fields: { ...EMPTY_FORM.fields, return_to: returnTarget(book, text) ?? '' } }
}

/**
 * The page as most visitors see it. It is remembered, and gets a stamp for its form when it is sent. Browsers keep it
 * until the book changes, for a day at most, or until they have sent the form.
 */
async function showUnchanged(c: Context<HonoEnv>, where: BookLocation, before: string | undefined): Promise<Response> {
  const accepted = chooseLanguage(c.req.header('Accept-Language'))
  const now = c.get('now')
  const view = {
    name: `page ${where.path} ${pageOrigin(c)} ${accepted} ${before ?? ''}`,
    variant: `${accepted}-${dayOf(now)}${signedMark(c)}`,
    finish: (body: string) => stampPage(c.env, where.slug, body, now),
  }
  const response = await serveVersioned(c, where.slug, view, () => renderBook(c, where, { before }), HTML)
  // The page has just been served, so its book is in the cache.
  const book = await requireBook(c.env, where.slug, now)
  allowTurnstile(c.env, book, response.headers)
  if (acceptsMentions(book)) response.headers.set('Link', WEBMENTION_LINK)
  return response
}

/** A form with Turnstile loads its script. */
function allowTurnstile(env: Env, book: Book, headers: Headers): void {
  if (siteKeyOf(env, book) === null) return
  const policy = headers.get('Content-Security-Policy') ?? ''
  headers.set('Content-Security-Policy', withTurnstile(policy))
}

/** Tells other sites where they can announce that they mention the book, even if they do not read the page. */
const WEBMENTION_LINK = `<${WEBMENTION_PATH}>; rel="webmention"`

interface BookView {
  /** The id of an entry. The page shows entries that are older than this one. */
  before?: string | undefined
  outcome?: Outcome | null
  form?: Partial<FormState>
  /** A theme that the owner wants to see. */
  theme?: ThemeSlug
  preview?: ShownEntry | null
  /** How many entries the page shows. With 0, a flood of requests costs little. */
  size?: number
}

/** @returns null if there is no such book */
export async function renderBook(c: Context<HonoEnv>, where: BookLocation, view: BookView) {
  const { before, outcome = null, form = {}, preview = null, theme, size = PAGE_SIZE } = view
  const now = c.get('now')
  const { book: row, comments, newer } = await readPageBetween(c.env, where.slug, before, size)
  if (!row) return null
  const { data, next } = toPage(comments, size)
  const book = { ...rememberBook(c.env, row, now), ...(theme && { theme }) }
  const isFirstPage = before === undefined
  const codes = isFirstPage && book.shows_countries ? await listCountries(c.env, where.slug) : []
  const page = (
    <GuestbookPage
      book={book}
      where={where}
      translate={await languageOf(c, book)}
      count={row.published_count}
      comments={data}
      newer={newer}
      older={next}
      isFirstPage={isFirstPage}
      form={{ ...EMPTY_FORM, ...form }}
      stamp={form.stamp ?? ''}
      siteKey={siteKeyOf(c.env, book)}
      preview={preview}
      outcome={outcome}
      own={outcome ? await editableEntries(c) : []}
      origin={pageOrigin(c)}
      countries={rankCountries(codes)}
      tag={tagOf(c.env, row, '')}
    />
  )
  return { row, body: renderText(page) }
}

export function languageOf(c: Context<HonoEnv>, { language }: Book): Promise<Translator> {
  return translator(c.env, language === 'auto' ? chooseLanguage(c.req.header('Accept-Language')) : language)
}

type Answer = BookView & { status?: ContentfulStatusCode; headers?: Record<string, string> }

/** The page with something that only this guest may see. */
export async function showBook(c: Context<HonoEnv>, where: BookLocation, { status = 200, headers, ...view }: Answer) {
  const stamp = view.form?.stamp || (await formStamp(c.env, where.slug, c.get('now')))
  const rendered = await renderBook(c, where, { ...view, form: { ...view.form, stamp } })
  if (!rendered) throw notFound('guestbook')
  const response = await c.html(rendered.body, status, { 'Cache-Control': 'no-store', ...headers })
  const book = await requireBook(c.env, where.slug, c.get('now'))
  allowTurnstile(c.env, book, response.headers)
  allowReturn(book, view.form?.fields?.return_to ?? '', response.headers)
  return response
}

/** Without this, browsers would block the redirect to the owner's site after signing. */
function allowReturn(book: Book, return_to: string, headers: Headers): void {
  const target = returnTarget(book, return_to)
  const policy = headers.get('Content-Security-Policy') ?? ''
  if (target !== null) headers.set('Content-Security-Policy', withFormTarget(policy, originOf(target)))
}

/** @returns the address that thanks a guest, or confirms a change */
export function outcomePath({ path }: BookLocation, outcome: Outcome): string {
  return `${path}?signed=${outcome}#thanks`
}

guestbookPages.get('/comments/:id', async (c) => {
  const now = c.get('now')
  const comment = await findComment(c.env, c.req.param('id'))
  const book = comment?.status === 'published' && (await loadBook(c.env, comment.book, now))
  if (!book) throw notFound('entry')
  const isOwn = isEditable(comment, now) && (await editableEntries(c)).includes(comment.id)
  const page = <CommentPage book={book} translate={await languageOf(c, book)} comment={comment} isOwn={isOwn} />
  const link = acceptsMentions(book) && { Link: WEBMENTION_LINK }
  const headers = { 'Cache-Control': 'no-cache', Vary: 'Accept-Language, Cookie', ...link }
  return c.html(renderText(page), 200, headers)
})
