import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { HonoEnv } from '../../env'
import { renderText } from '../../kit/html/render'
import { pageOrigin } from '../../kit/http/origin'
import { toPage } from '../../kit/http/pagination'
import { notFound, Refusal } from '../../kit/http/problem'
import { withFormTarget, withTurnstile } from '../../kit/http/security-headers'
import { timeOfId } from '../../kit/lib/ids'
import { DAY_MS } from '../../kit/lib/time'
import { originOf } from '../../kit/lib/url'
import type { Book } from '../books/book'
import { rememberBook, requireBook } from '../books/cache'
import { chooseLanguage, type Translator } from '../rules/languages'
import { rankCountries } from '../rules/looks/countries'
import { LEAF_SIZE, pagesOf } from '../rules/looks/page-numbers'
import { formStamp } from '../signing/form-stamp'
import { EMPTY_FORM, type FormState, returnTarget } from '../signing/sign-form'
import type { ThankedFor } from '../signing/thanks'
import { siteKeyOf } from '../signing/turnstile'
import type { CommentRow } from '../store'
import { isFirstPage, listCountries, type PagePlace, readPageBetween } from './book-page'
import { GuestbookPage } from './book-views'
import type { ShownEntry } from './entry-views'
import { translator } from './languages'
import type { BookLocation } from './location'
import { findOwn } from './own-waiting'
import { etagOf } from './versioned'

/* Reads a book and renders one of its pages. */

export interface BookView {
  place?: PagePlace
  outcome?: ThankedFor | null
  /** The entry that the outcome is about, if the address says it. */
  about?: string | undefined
  form?: Partial<FormState>
  /** Settings that the owner wants to see, such as a theme. */
  instead?: Partial<Book>
  preview?: ShownEntry | null
  /** What a book without entries shows instead. */
  samples?: ShownEntry[]
  /** How many entries the page shows. */
  size?: number
  /** Whether the page has nothing but the form, so that a flood of requests costs little. */
  isForm?: boolean
  /** See findOwn. */
  own?: CommentRow[]
}

export const FIRST_PAGE: PagePlace = { page: 1 }

/** @returns null if there is no such book. @throws Refusal 400 if there is no such page */
export async function renderBook(c: Context<HonoEnv>, where: BookLocation, view: BookView) {
  const { place = FIRST_PAGE, outcome = null, form = {}, preview = null, samples = [], instead, own = [] } = view
  const size = view.isForm ? 0 : (view.size ?? LEAF_SIZE)
  const now = c.get('now')
  const read = await readPageBetween(c.env, where.slug, place, size, where.target !== undefined)
  const { book: row, newer, oldest, wall } = read
  if (!row) return null
  const { data, next } = toPage(read.comments, size)
  if (data.length === 0 && place.page !== null && size > 0) requirePage(place.page, row.published_count)
  const book = { ...rememberBook(c.env, row, now), ...instead }
  const isFirst = isFirstPage(place)
  const codes = isFirst && book.shows_countries && size > 0 ? await listCountries(c.env, where.slug) : []
  const page = (
    <GuestbookPage
      {...{ book, where, newer, preview, outcome, own }}
      translate={await languageOf(c, book)}
      hasPast={timeOfId(oldest) < now - 364 * DAY_MS}
      count={row.published_count || samples.length}
      comments={data.length > 0 ? data : samples}
      page={place.page}
      isByNumber={place.before === undefined}
      older={next}
      isFirstPage={isFirst}
      isForm={view.isForm ?? false}
      form={{ ...EMPTY_FORM, ...form }}
      stamp={form.stamp ?? ''}
      siteKey={siteKeyOf(c.env, book)}
      about={view.about}
      origin={pageOrigin(c)}
      countries={rankCountries(codes)}
      buttons={book.has_wall && size > 0 ? wall : null}
      tag={etagOf(c.env, row, '')}
    />
  )
  return { row, body: renderText(page) }
}

/** The first and the last page may be empty. Other pages without entries are too far from both ends. */
function requirePage(page: number, count: number): void {
  if (page > 1 && page <= pagesOf(count)) throw noSuchPage()
}

export function noSuchPage(): Refusal {
  const detail = 'That page does not exist. Start at the first page and follow "Older entries".'
  return new Refusal(400, 'bad_cursor', detail)
}

export function languageOf(c: Context<HonoEnv>, { language }: Book): Promise<Translator> {
  return translator(c.env, language === 'auto' ? chooseLanguage(c.req.header('Accept-Language')) : language)
}

type Answer = BookView & { status?: ContentfulStatusCode; headers?: Record<string, string> }

/** The page with something that only this guest may see. No cache keeps it. */
export async function showBook(c: Context<HonoEnv>, where: BookLocation, { status = 200, headers, ...view }: Answer) {
  const stamp = view.form?.stamp || (await formStamp(c.env, where.slug, c.get('now')))
  const isForm = view.isForm ?? (view.form !== undefined && (await hasFormPage(c, where)))
  const own = view.own ?? (isForm ? [] : await findOwn(c, where.slug))
  const rendered = await renderBook(c, where, { ...view, own, isForm, form: { ...view.form, stamp } })
  if (!rendered) throw notFound('guestbook')
  const response = await c.html(rendered.body, status, { 'Cache-Control': 'no-store', ...headers })
  const book = await requireBook(c.env, where.slug, c.get('now'))
  allowTurnstile(c.env, book, response.headers)
  allowReturn(book, view.form?.fields?.return_to ?? '', response.headers)
  return response
}

async function hasFormPage(c: Context<HonoEnv>, { slug }: BookLocation): Promise<boolean> {
  return (await requireBook(c.env, slug, c.get('now'))).form_place === 'page'
}

/** A form with Turnstile loads its script. */
export function allowTurnstile(env: Env, book: Book, headers: Headers): void {
  if (siteKeyOf(env, book) === null) return
  const policy = headers.get('Content-Security-Policy') ?? ''
  headers.set('Content-Security-Policy', withTurnstile(policy))
}

/** Without this, browsers would block the redirect to the owner's site after signing. */
function allowReturn(book: Book, return_to: string, headers: Headers): void {
  const target = returnTarget(book, return_to)
  const policy = headers.get('Content-Security-Policy') ?? ''
  if (target !== null) headers.set('Content-Security-Policy', withFormTarget(policy, originOf(target)))
}
