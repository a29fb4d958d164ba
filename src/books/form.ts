import { MAX_QUESTIONS, type Question } from '../core/guestbook/answers'
import type { Smiley } from '../core/looks/smileys'
import { parseFields, wholeNumber } from '../http/form'
import { type BookRow, toBook } from './book'
import { bookChange } from './schemas'

/** The fields of the form, as the owner typed them. Lists have one item a line. */
export interface BookFields {
  slug: string
  title: string
  welcome: string
  banner: string
  language: string
  home_url: string
  theme: string
  accent: string
  css: string
  avatars: string
  is_open: boolean
  markup: boolean
  smileys: boolean
  own_smileys: string
  shows_countries: boolean
  asks_mood: boolean
  asks_place: boolean
  allows_private: boolean
  moderation: string
  proof_of_work: boolean
  turnstile: boolean
  max_links: string
  daily_quota_mb: string
  blocked_words: string
  return_origins: string
  webmentions: boolean
  questions: Question[]
}

export function fieldsOf(row: BookRow): BookFields {
  const book = toBook(row)
  return {
    ...book,
    welcome: book.welcome ?? '',
    banner: book.banner ?? '',
    home_url: book.home_url ?? '',
    accent: book.accent ?? '',
    max_links: String(book.max_links),
    daily_quota_mb: String(book.daily_quota_mb),
    own_smileys: book.own_smileys.map(({ text, emoji }) => `${text} ${emoji}`).join('\n'),
    asks_mood: book.asks_for.includes('mood'),
    asks_place: book.asks_for.includes('place'),
    blocked_words: book.blocked_words.join('\n'),
    return_origins: book.return_origins.join('\n'),
  }
}

export function readBookFields(form: URLSearchParams, slug: string): BookFields {
  const field = (name: string) => form.get(name)?.trim() ?? ''
  return {
    slug,
    title: field('title'),
    welcome: field('welcome'),
    banner: field('banner'),
    language: field('language'),
    home_url: field('home_url'),
    theme: field('theme'),
    // A color input always has a value, so a checkbox says whether it counts.
    accent: form.has('has_accent') ? field('accent') : '',
    // Forms end lines with two characters, which would count as such.
    css: field('css').replaceAll('\r\n', '\n'),
    avatars: field('avatars'),
    is_open: form.has('is_open'),
    markup: form.has('markup'),
    smileys: form.has('smileys'),
    own_smileys: field('own_smileys'),
    shows_countries: form.has('shows_countries'),
    asks_mood: form.has('asks_mood'),
    asks_place: form.has('asks_place'),
    allows_private: form.has('allows_private'),
    moderation: field('moderation'),
    proof_of_work: form.has('proof_of_work'),
    turnstile: form.has('turnstile'),
    max_links: field('max_links'),
    daily_quota_mb: field('daily_quota_mb'),
    blocked_words: field('blocked_words'),
    return_origins: field('return_origins'),
    webmentions: form.has('webmentions'),
    questions: readQuestions(form),
  }
}

function readQuestions(form: URLSearchParams): Question[] {
  return Array.from({ length: MAX_QUESTIONS }, (_, i) => ({
    text: form.get(`questions_${i}_text`)?.trim() ?? '',
    is_required: form.has(`questions_${i}_is_required`),
    expected: form.get(`questions_${i}_expected`)?.trim() || null,
  })).filter(({ text }) => text !== '')
}

/** @throws Refusal 422 */
export function parseBookChange({ slug: _, asks_mood, asks_place, ...fields }: BookFields) {
  const lines = (text: string) =>
    text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean)
  return parseFields(bookChange, {
    ...fields,
    welcome: fields.welcome || null,
    banner: fields.banner || null,
    home_url: fields.home_url || null,
    accent: fields.accent || null,
    max_links: wholeNumber(fields.max_links),
    daily_quota_mb: wholeNumber(fields.daily_quota_mb),
    asks_for: [...(asks_mood ? ['mood'] : []), ...(asks_place ? ['place'] : [])],
    own_smileys: lines(fields.own_smileys).map(readSmiley),
    blocked_words: lines(fields.blocked_words),
    return_origins: lines(fields.return_origins),
  })
}

/** A line has the text and the emoji, with spaces between them. */
function readSmiley(line: string): Smiley {
  const [text = '', ...emoji] = line.split(/\s+/)
  return { text, emoji: emoji.join(' ') }
}

/** Each dashboard page of a book is below this path. */
export function settingsPath(slug: string): string {
  return `/admin/books/${slug}`
}
