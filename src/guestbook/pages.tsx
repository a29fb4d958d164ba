import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type Book, bookPath, MAIN_BOOK } from '../books/book'
import { loadBook, rememberBook, requireBook } from '../books/cache'
import { chooseLanguage, type Translator, translator } from '../core/languages'
import { isId } from '../core/lib/ids'
import { batchTogether } from '../db/batch'
import type { HonoEnv } from '../env'
import { publicOrigin } from '../http/origin'
import { toPage } from '../http/pagination'
import { notFound, Refusal } from '../http/problem'
import { identifyVisitor, type Visitor } from '../http/visitor'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import { renderText } from '../ui/render'
import { withinQuota } from './quota'
import { requireSigning } from './require-signing'
import { planComment, type Signing } from './sign-book'
import { readSignForm } from './sign-form'
import { findComment, readBookPage } from './store'
import { serveVersioned } from './versioned'
import { CommentPage, EMPTY_FORM, type FormState, GuestbookPage, type Signed } from './views'

const PAGE_SIZE = 20
const HTML = { 'Content-Type': 'text/html; charset=UTF-8', Vary: 'Accept-Language' }

/** `/` and `/sign` for the main book, `/b/{slug}` and `/b/{slug}/sign` for the others, and permalinks. */
export const guestbookPages = new Hono<HonoEnv>()

guestbookPages.get('/b/main', (c) => c.redirect('/', 301))

for (const path of ['/', '/b/:slug'] as const) {
  guestbookPages.get(path, (c) => {
    const { before, signed } = c.req.query()
    if (before !== undefined && !isId('cmt', before)) {
      const detail = 'That page does not exist. Start at the first page and follow "Older entries".'
      throw new Refusal(400, 'bad_cursor', detail)
    }
    const slug = c.req.param('slug') ?? MAIN_BOOK
    if (signed === 'published' || signed === 'held') return showBook(c, slug, { before, signed })
    return showUnchanged(c, slug, before)
  })
}

/** The page as most visitors see it. It changes only with the book. */
async function showUnchanged(c: Context<HonoEnv>, slug: string, before: string | undefined): Promise<Response> {
  const accepted = chooseLanguage(c.req.header('Accept-Language'))
  const render = () => renderBook(c, slug, { before })
  return serveVersioned(c, slug, { name: `page ${accepted} ${before ?? ''}`, variant: accepted }, render, HTML)
}

interface BookView {
  /** The id of an entry. The page shows entries that are older than this one. */
  before?: string | undefined
  signed?: Signed | null
  form?: Partial<FormState>
}

/** @returns null if there is no such book */
async function renderBook(c: Context<HonoEnv>, slug: string, { before, signed = null, form = {} }: BookView) {
  const { book: row, comments } = await readBookPage(c.env, slug, before, PAGE_SIZE + 1)
  if (!row) return null
  const { data, next } = toPage(comments, PAGE_SIZE)
  const book = rememberBook(c.env, row, Date.now())
  const page = (
    <GuestbookPage
      book={book}
      translate={languageOf(c, book)}
      count={row.published_count}
      comments={data}
      older={next}
      isFirstPage={before === undefined}
      form={{ ...EMPTY_FORM, ...form }}
      signed={signed}
    />
  )
  return { row, body: await renderText(page) }
}

function languageOf(c: Context<HonoEnv>, { language }: Book): Translator {
  return translator(language === 'auto' ? chooseLanguage(c.req.header('Accept-Language')) : language)
}

type Answer = BookView & { status?: ContentfulStatusCode; headers?: Record<string, string> }

/** The page with something that only this guest may see. */
async function showBook(c: Context<HonoEnv>, slug: string, { status = 200, headers, ...view }: Answer) {
  const rendered = await renderBook(c, slug, view)
  if (!rendered) throw notFound('guestbook')
  return c.html(rendered.body, status, { 'Cache-Control': 'no-store', ...headers })
}

for (const path of ['/sign', '/b/:slug/sign'] as const) {
  /** A refused form is shown again as it was submitted, so that guests never lose what they typed. */
  guestbookPages.post(path, async (c) => {
    const now = Date.now()
    const slug = c.req.param('slug') ?? MAIN_BOOK
    const sent = await readSignForm(c)
    // Read at the same time, because a new isolate has to read both.
    const [visitor, book] = await Promise.all([identifyVisitor(c, now), requireBook(c.env, slug, now)])
    const translate = languageOf(c, book)
    if (!sent.ok) {
      const { notice, status } = sent.error
      return showBook(c, slug, { form: { notice: translate.text(notice) }, status })
    }
    const { fields, suspicious } = sent.value
    try {
      return await sign(c, { input: fields, book, translate, visitor, suspicious, origin: publicOrigin(c), now })
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      const { code, detail, headers, status } = cause
      const notice = code in NOTICES ? translate.text(NOTICES[code as keyof typeof NOTICES]) : detail
      return showBook(c, slug, { form: { fields, notice }, status, headers })
    }
  })
}

/** What a guest reads about a refusal, by its code. */
const NOTICES = {
  too_many_requests: 'too_many',
  storage_full: 'full',
  daily_quota: 'over_quota',
  book_closed: 'closed',
} as const

type SigningForm = Signing & { input: FormState['fields']; translate: Translator; visitor: Visitor }

/** @throws Refusal 403, 429 or 503 */
async function sign(c: Context<HonoEnv>, signing: SigningForm): Promise<Response> {
  const { book, visitor, now } = signing
  await requireSigning(c, book, visitor)
  const entry = planComment(c.env, signing)
  if (!entry.ok) return showBook(c, book.slug, { form: { fields: signing.input, errors: entry.error }, status: 422 })
  const { comment, message, statements } = entry.value
  const results = await withinQuota(() => batchTogether(c)(statements), now)
  c.executionCtx.waitUntil(wakeListeners(c.env, message, results))
  log('comment.accepted', { id: comment.id, status: comment.status, message_id: message?.id })
  // Spam gets the same response as a held entry, so that bots learn nothing. The response is also true for a person who
  // was mistaken for a bot: the owner can approve the entry.
  const status = comment.status === 'published' ? 'published' : 'held'
  return c.redirect(`${bookPath(book.slug)}?signed=${status}#thanks`, 303)
}

guestbookPages.get('/comments/:id', async (c) => {
  const comment = await findComment(c.env, c.req.param('id'))
  const book = comment?.status === 'published' && (await loadBook(c.env, comment.book, Date.now()))
  if (!book) throw notFound('entry')
  const page = <CommentPage book={book} translate={languageOf(c, book)} comment={comment} />
  return c.html(await renderText(page), 200, { 'Cache-Control': 'no-cache', Vary: 'Accept-Language' })
})
