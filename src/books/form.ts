import { parseFields, wholeNumber } from '../http/form'
import { type Book, type BookRow, toBook } from './book'
import { bookChange, bookIn } from './schemas'

/** The fields of the form, as the owner typed them. */
export interface BookFields {
  slug: string
  title: string
  welcome: string
  language: string
  is_open: boolean
  home_url: string
  daily_quota_mb: string
}

export const NEW_BOOK: BookFields = {
  slug: '',
  title: '',
  welcome: '',
  language: 'auto',
  is_open: true,
  home_url: '',
  daily_quota_mb: '5',
}

export function fieldsOf(row: BookRow): BookFields {
  const { slug, title, welcome, language, is_open, home_url, daily_quota_mb }: Book = toBook(row)
  const texts = { welcome: welcome ?? '', home_url: home_url ?? '', daily_quota_mb: String(daily_quota_mb) }
  return { slug, title, language, is_open, ...texts }
}

export function readBookFields(form: URLSearchParams, slug = form.get('slug')?.trim() ?? ''): BookFields {
  const field = (name: string) => form.get(name)?.trim() ?? ''
  return {
    slug,
    title: field('title'),
    welcome: field('welcome'),
    language: field('language'),
    is_open: form.has('is_open'),
    home_url: field('home_url'),
    daily_quota_mb: field('daily_quota_mb'),
  }
}

/** @throws Refusal 422 */
export function parseNewBook(fields: BookFields) {
  return parseFields(bookIn, { slug: fields.slug, ...valuesOf(fields) })
}

/** @throws Refusal 422 */
export function parseBookChange(fields: BookFields) {
  return parseFields(bookChange, valuesOf(fields))
}

function valuesOf({ title, welcome, language, is_open, home_url, daily_quota_mb }: BookFields) {
  const quota = wholeNumber(daily_quota_mb)
  return { title, welcome: welcome || null, language, is_open, home_url: home_url || null, daily_quota_mb: quota }
}

/** Each dashboard page of a book is below this path. */
export function settingsPath(slug: string): string {
  return `/admin/books/${slug}`
}
