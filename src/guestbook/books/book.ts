import * as z from 'zod'
import { schemasOf } from '../../kit/field-rows'
import { DASHBOARD } from '../../kit/lib/paths'
import { siteOf } from '../../kit/lib/url'
import { expectedOf } from '../rules/entries/answers'
import { BAN_KINDS, type Ban } from '../rules/entries/match-bans'
import type { Language, Translator } from '../rules/languages'
import type { FormatOptions } from '../rules/looks/formatting'
import { unmarked } from '../rules/looks/inline'
import type { Picture } from '../rules/looks/picture'
import { CLASSIC_SMILEYS } from '../rules/looks/smileys'
import type { books } from '../tables'
import { BOOK_SETTINGS, type Settings } from './settings'

/* A book, as the rest of the program sees it: its columns, and its settings. */

/** `/` and `/sign` belong to this book. It always exists. */
export const MAIN_BOOK = 'main'

/** A ban, as it is stored. */
export const ban = z.object({
  id: z.string(),
  by: z.enum(BAN_KINDS),
  value: z.string(),
  until: z.number().nullable(),
  key: z.string().optional(),
}) satisfies z.ZodType<Ban>

/** What the column `settings` contains besides settings. */
const OTHERS = {
  bans: [] as Ban[],
  /** Their files are in the table `pictures`. */
  pictures: [] as Picture[],
  /** Whether it is the demo guestbook: see demo.ts. Only our own button makes one. */
  is_demo: false,
  /** The origin of the guestbook when the book was deleted, for the events about its entries. */
  deleted_from: '',
}

export type BookSettings = Settings & typeof OTHERS

const SCHEMAS: Record<string, z.ZodType> = schemasOf(BOOK_SETTINGS)

const INITIAL: Record<string, unknown> = {
  ...Object.fromEntries(Object.entries(BOOK_SETTINGS).map(([name, { initial }]) => [name, initial])),
  ...OTHERS,
}

/** Columns of a book, without the counters that change with each entry. */
export type Book = { slug: string; title: string } & BookSettings

export type BookRow = Pick<
  typeof books.$inferSelect,
  'slug' | 'title' | 'settings' | 'comment_count' | 'published_count' | 'version' | 'created_at' | 'deleted_at'
>

export function toBook({ slug, title, settings: stored }: Pick<BookRow, 'slug' | 'title' | 'settings'>): Book {
  return { slug, title, ...readSettings(stored) }
}

/** Parsed settings. A book can have hundreds of rules, so what is derived from their lists is kept with them. */
const known = new Map<string, BookSettings>()
const MAX_KNOWN = 20

function readSettings(stored: string): BookSettings {
  const read = known.get(stored) ?? withInitial(JSON.parse(stored))
  known.delete(stored)
  known.set(stored, read)
  const [oldest] = known.keys()
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  return read
}

/**
 * Leaves out what this version does not allow, because another version may have stored it. For example, a book with an
 * unknown way to moderate must not publish everything.
 */
function withInitial(stored: Record<string, unknown>): BookSettings {
  const read = Object.entries(stored).filter(([name, value]) => isValid(name, value))
  const book = { ...INITIAL, ...Object.fromEntries(read) } as BookSettings
  // Earlier versions stored the ports of sites, too, and blank answers.
  const wall_excluded = book.wall_excluded.map((host) => siteOf(`https://${host}`))
  const questions = book.questions.map((one) => ({ ...one, expected: expectedOf(one.expected) }))
  return { ...book, wall_excluded, questions }
}

function isValid(name: string, value: unknown): boolean {
  if (!Object.hasOwn(INITIAL, name)) return false
  return SCHEMAS[name]?.safeParse(value).success ?? true
}

/** @returns how the texts of a book are shown */
export function textFormatOf({ markup, smileys, own_smileys: own }: Pick<Book, 'markup' | 'smileys' | 'own_smileys'>) {
  const shown = own.length === 0 ? smileys : [...(smileys ? CLASSIC_SMILEYS : []), ...own]
  return { links: true, markup, smileys: shown } satisfies FormatOptions
}

/** @returns the path of a book's first page */
export const bookPath = (slug: string): string => (slug === MAIN_BOOK ? '/' : `/b/${slug}`)

/** @returns the path to which the form of a book is sent */
export const signPath = (slug: string): string => (slug === MAIN_BOOK ? '/sign' : `/b/${slug}/sign`)

/** @returns the language of a book for readers who do not say which they prefer */
export const ownLanguage = ({ language }: Pick<Book, 'language'>): Language => (language === 'auto' ? 'en' : language)

/** @returns the welcome text of the owner, or ours */
export function welcomeOf({ welcome }: Pick<Book, 'welcome'>, { text }: Translator): string {
  return welcome ?? text('welcome')
}

/** @returns the same without marks of markup, for what shows only plain text */
export function welcomeWords(book: Book, translate: Translator): string {
  return unmarked(welcomeOf(book, translate).replace(book.markup ? /^> ?/gm : '', ''), book.markup)
}

/** Where other sites announce that they mention a book. */
export const WEBMENTION_PATH = '/webmention'

/** A closed book gets no new entries, so it accepts no mentions. */
export function acceptsMentions({ is_open, webmentions }: Pick<Book, 'is_open' | 'webmentions'>): boolean {
  return is_open && webmentions
}

/* The demo guestbook has made-up entries to look at. Its changes cause no events. */

export const DEMO_SLUG = 'demo'

/** The form that makes the demo guestbook posts to this path. */
export const DEMO_ACTION = `${DASHBOARD.firstSteps}/demo`
