import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { renderText } from '../../kit/html/render'
import { pageOrigin } from '../../kit/http/origin'
import { notFound } from '../../kit/http/problem'
import { identifyVisitor } from '../../kit/http/visitor'
import { isId } from '../../kit/lib/ids'
import { cut } from '../../kit/lib/text/shorten'
import { dayOf } from '../../kit/lib/time'
import { acceptsMentions, MAIN_BOOK, WEBMENTION_PATH } from '../books/book'
import { loadBook, readVersion, rememberBook, requireBook } from '../books/cache'
import { SEARCH_MAX, searchComments } from '../moderation/search'
import { chooseLanguage } from '../rules/languages/index'
import { LEAF_SIZE } from '../rules/looks/page-numbers'
import { stampPage } from '../signing/form-stamp'
import { isEditable, recentEntries, signedMark } from '../signing/guest'
import { requireSearch } from '../signing/require-signing'
import { EMPTY_FORM, returnTarget } from '../signing/sign-form'
import { THANKED_FOR, type ThankedFor } from '../signing/thanks'
import { findComment } from '../store'
import { findBeside, findPage, isFirstPage, type PagePlace } from './book-page'
import { CommentPage, ownLocation } from './book-views'
import { listOnThisDay, numbersOf } from './find-entries'
import { FoundPage } from './found-page'
import type { BookLocation } from './location'
import { findOwn } from './own-waiting'
import { allowTurnstile, type BookView, FIRST_PAGE, languageOf, noSuchPage, renderBook, showBook } from './render-book'
import { serveVersioned } from './versioned'

const HTML = { 'Content-Type': 'text/html; charset=UTF-8', Vary: 'Accept-Language' }

/** `/` for the main book, `/b/{slug}` for the others, the page with their form, and permalinks. */
export const guestbookPages = new Hono<HonoEnv>()

guestbookPages.on('GET', ['/b/main', '/b/main/sign'], (c) => leadToMain(c, c.req.path.replace('/b/main', '') || '/'))

/** Leads from an address below `/b/main` to the shorter one. @param path without the query, which stays */
export const leadToMain = (c: Context, path: string): Response => c.redirect(path + new URL(c.req.url).search, 301)

guestbookPages.on('GET', ['/', '/b/:slug'], (c) => showRequested(c, ownLocation(c.req.param('slug') ?? MAIN_BOOK)))

guestbookPages.on('GET', ['/sign', '/b/:slug/sign'], (c) => showForm(c, ownLocation(c.req.param('slug') ?? MAIN_BOOK)))

/** The page of a book that the query of a request asks for. @throws Refusal 400, 404 or 429 */
export async function showRequested(c: Context<HonoEnv>, where: BookLocation): Promise<Response> {
  const { signed, return_to, entry, day, q } = c.req.query()
  const place = readPlace(c)
  const outcome = THANKED_FOR.find((one) => one === signed)
  // This page is never remembered, so it is not one in the middle of a large book, which costs more to find.
  if (outcome) {
    const near = place.before === undefined ? FIRST_PAGE : { page: null, before: place.before }
    return showBook(c, where, { place: near, outcome, about: entry })
  }
  if (entry !== undefined) return leadTo(c, where, entry)
  if (day === 'today') return showDay(c, where)
  if (q?.trim() && (await requireBook(c.env, where.slug, c.get('now'))).has_search) return showSearch(c, where, q)
  if (return_to !== undefined) return showWithForm(c, where)
  return showPlace(c, where, place)
}

/** @throws Refusal 400 */
function readPlace(c: Context<HonoEnv>): PagePlace {
  const { before, page } = c.req.query()
  const isNumber = page !== undefined && /^[1-9]\d{0,6}$/.test(page)
  if ((before !== undefined && !isId('cmt', before)) || (page !== undefined && !isNumber)) throw noSuchPage()
  return { page: isNumber ? Number(page) : before === undefined ? 1 : null, before }
}

/** Nothing but the form. */
export function showForm(c: Context<HonoEnv>, where: BookLocation): Promise<Response> {
  return showWithForm(c, where, { isForm: true })
}

async function showWithForm(c: Context<HonoEnv>, where: BookLocation, view: BookView = {}) {
  const book = await requireBook(c.env, where.slug, c.get('now'))
  const return_to = returnTarget(book, c.req.query('return_to') ?? '') ?? ''
  return showBook(c, where, { form: { fields: { ...EMPTY_FORM.fields, return_to } }, ...view })
}

/** A link to an entry leads to the page that has it. */
async function leadTo(c: Context<HonoEnv>, { slug, path }: BookLocation, id: string): Promise<Response> {
  const comment = isId('cmt', id) ? await findComment(c.env, id) : null
  if (comment?.status !== 'published' || comment.book !== slug) return c.redirect(path, 302)
  return c.redirect(`${path}${await findPage(c.env, comment)}#${id}`, 302)
}

/** A guest who can change an entry of the page gets one of their own. Everybody else gets the page that is remembered. */
async function showPlace(c: Context<HonoEnv>, where: BookLocation, place: PagePlace): Promise<Response> {
  const own = isFirstPage(place) ? await findOwn(c, where.slug) : []
  return own.some(({ status }) => status !== 'hidden')
    ? showBook(c, where, { place, own })
    : showUnchanged(c, where, place)
}

/** The cached page that most visitors see, with a new stamp for its form. Browsers keep it a day or until they sign. */
async function showUnchanged(c: Context<HonoEnv>, where: BookLocation, place: PagePlace): Promise<Response> {
  const name = `page ${where.path} ${place.page ?? ''} ${place.before ?? ''}`
  const response = await serve(c, where, name, () => renderBook(c, where, { place }))
  // The page has just been served, so its book is in the cache.
  const book = await requireBook(c.env, where.slug, c.get('now'))
  allowTurnstile(c.env, book, response.headers)
  if (acceptsMentions(book)) response.headers.set('Link', WEBMENTION_LINK)
  return response
}

function serve(c: Context<HonoEnv>, { slug }: BookLocation, name: string, render: () => ReturnType<typeof renderBook>) {
  const accepted = chooseLanguage(c.req.header('Accept-Language'))
  const now = c.get('now')
  const view = {
    name: `${name} ${pageOrigin(c)} ${accepted} ${dayOf(now)}`,
    variant: `${accepted}-${dayOf(now)}${signedMark(c)}`,
    finish: (body: string) => stampPage(c.env, slug, body, now),
  }
  return serveVersioned(c, slug, view, render, HTML)
}

/** The entries of this day in earlier years. */
async function showDay(c: Context<HonoEnv>, where: BookLocation): Promise<Response> {
  const now = c.get('now')
  return serve(c, where, `day ${where.path}`, async () => {
    const row = await readVersion(c.env, where.slug, now)
    const book = await requireBook(c.env, where.slug, now)
    const comments = await listOnThisDay(c.env, where.slug, now)
    const translate = await languageOf(c, book)
    const about = { book, where, translate, heading: translate.text('on_this_day'), comments }
    return { row, body: renderText(<FoundPage {...about} empty={translate.text('none_on_this_day')} />) }
  })
}

/** A search reads a limited number of entries, and each visitor has a limited number of searches. */
async function showSearch(c: Context<HonoEnv>, where: BookLocation, q: string): Promise<Response> {
  await requireSearch(c.env, await identifyVisitor(c))
  const { before } = readPlace(c)
  const text = cut(q.trim(), SEARCH_MAX)
  const book = await requireBook(c.env, where.slug, c.get('now'))
  const place = { book: where.slug, status: 'published' } as const
  const { data, next } = await searchComments(c.env, place, text, before, LEAF_SIZE)
  const translate = await languageOf(c, book)
  const more = next && `${where.path}?q=${encodeURIComponent(text)}&before=${next}#entries`
  // How many follow is unknown.
  const found = before === undefined ? `: ${data.length}${next && data.length > 0 ? '+' : ''}` : ''
  const heading = translate.text('search_heading') + found
  const row = book.show_numbers ? await readVersion(c.env, where.slug, c.get('now')) : null
  const numbers = row ? await numbersOf(c.env, row, data) : undefined
  const about = { book, where, translate, heading, comments: data, more, q: text, numbers }
  const empty = translate.text(next ? 'none_found_yet' : 'none_found')
  const page = <FoundPage {...about} empty={empty} />
  return c.html(renderText(page), 200, { 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
}

/** Tells other sites where they can announce that they mention the book, even if they do not read the page. */
const WEBMENTION_LINK = `<${WEBMENTION_PATH}>; rel="webmention"`

/** @returns the address that thanks a guest, or confirms a change. @param about the entry, if it is not the latest */
export function outcomePath({ path }: BookLocation, outcome: ThankedFor, about?: string): string {
  return `${path}?signed=${outcome}${about ? `&entry=${about}` : ''}#thanks`
}

guestbookPages.get('/comments/:id', async (c) => {
  const now = c.get('now')
  const comment = await findComment(c.env, c.req.param('id'))
  if (comment?.status !== 'published') throw notFound('entry')
  const known = await loadBook(c.env, comment.book, now)
  const { row, above, newer, older } = await findBeside(c.env, comment, known?.show_numbers ? undefined : 0)
  if (!row) throw notFound('entry')
  const book = rememberBook(c.env, row, now)
  const isOwn = isEditable(comment, now) && (await recentEntries(c)).includes(comment.id)
  const rank = above === null ? null : row.published_count - above
  const translate = await languageOf(c, book)
  const page = <CommentPage {...{ book, translate, comment, rank, isOwn, newer, older }} />
  const link = acceptsMentions(book) && { Link: WEBMENTION_LINK }
  const headers = { 'Cache-Control': 'no-cache', Vary: 'Accept-Language, Cookie', ...link }
  return c.html(renderText(page), 200, headers)
})
