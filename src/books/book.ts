import * as z from 'zod'
import { BAN_KINDS, type Ban } from '../core/guestbook/bans'
import { MODERATION_MODES } from '../core/guestbook/decide'
import { DETAILS } from '../core/guestbook/details'
import { LANGUAGE_CODES, type Language, translator } from '../core/languages'
import type { FormatOptions } from '../core/looks/formatting'
import { CLASSIC_SMILEYS } from '../core/looks/smileys'
import { DEFAULT_THEME, THEME_SLUGS } from '../core/looks/themes'
import type { books } from '../db/schema'

/* A book, as the rest of the program sees it: its columns, and its settings with their defaults. */

/** `/` and `/sign` belong to this book. It always exists. */
export const MAIN_BOOK = 'main'

export const LANGUAGE_SETTINGS = ['auto', ...LANGUAGE_CODES] as const
export const AVATARS = ['none', 'identicon', 'face'] as const
export const MAX_QUOTA_MB = 10_000
export const DEFAULT_QUOTA_MB = 5

const question = z.object({ text: z.string(), is_required: z.boolean(), expected: z.string().nullable() })

/** A ban, as it is stored. */
export const ban = z.object({
  id: z.string(),
  by: z.enum(BAN_KINDS),
  value: z.string(),
  until: z.number().nullable(),
  key: z.string().optional(),
}) satisfies z.ZodType<Ban>

/** What is stored in the column `settings`. A setting that the owner has never changed is not stored. */
const settings = z.object({
  /** Null for a welcome text in the language of the page. */
  welcome: z.string().nullable().default(null),
  /** `auto`: the language that the guest's browser asks for. */
  language: z.enum(LANGUAGE_SETTINGS).default('auto'),
  /** Whether guests can sign. */
  is_open: z.boolean().default(true),
  /** The page of the owner that the book belongs to. */
  home_url: z.string().nullable().default(null),
  /** How many megabytes guests can add to the database on one day; 0 for no limit. */
  daily_quota_mb: z.number().default(DEFAULT_QUOTA_MB),
  moderation: z.enum(MODERATION_MODES).default('first'),
  max_links: z.number().default(2),
  blocked_words: z.array(z.string()).default([]),
  /** Whether an entry waits if the browser has not solved a puzzle. */
  proof_of_work: z.boolean().default(false),
  /** Whether an entry waits if Turnstile has not confirmed that a person wrote it. */
  turnstile: z.boolean().default(false),
  bans: z.array(ban).default([]),
  questions: z.array(question).default([]),
  /** What the form asks for besides the text. */
  asks_for: z.array(z.enum(DETAILS)).default([]),
  /** Whether the form offers to sign only for the owner. */
  allows_private: z.boolean().default(true),
  theme: z.enum(THEME_SLUGS).default(DEFAULT_THEME),
  /** A color such as `#b3005e`, or null for the colors of the theme. */
  accent: z.string().nullable().default(null),
  /** A line of the owner's above the entries, or null. */
  banner: z.string().nullable().default(null),
  /** As the owner typed it: see core/looks/custom-css.ts. */
  css: z.string().default(''),
  /** Whether entries may contain emphasis, code and quotes. */
  markup: z.boolean().default(false),
  /** Whether smileys such as `:-)` are shown as emoji. */
  smileys: z.boolean().default(true),
  /** The owner's own smileys. They replace classic ones with the same text. */
  own_smileys: z.array(z.object({ text: z.string(), emoji: z.string() })).default([]),
  /** `identicon`: drawn from the name. `face`: guests choose one, or get an identicon. */
  avatars: z.enum(AVATARS).default('identicon'),
  /** Whether the page shows the countries of the latest guests. */
  shows_countries: z.boolean().default(false),
  /** The sites to which guests may return after signing, as origins. */
  return_origins: z.array(z.string()).default([]),
  /** Whether other sites can mention the book. */
  webmentions: z.boolean().default(true),
  /** Whether it is the demo guestbook: see demo.ts. Only our own button makes one. */
  is_demo: z.boolean().default(false),
  /** The origin of the guestbook when the book was deleted, for the events about its entries. */
  deleted_from: z.string().default(''),
})

export type BookSettings = z.infer<typeof settings>

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
  const read = known.get(stored) ?? settings.parse(JSON.parse(stored))
  known.delete(stored)
  known.set(stored, read)
  const [oldest] = known.keys()
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  return read
}

/** @returns how the texts of a book are shown */
export function formatOf({ markup, smileys, own_smileys: own }: Pick<Book, 'markup' | 'smileys' | 'own_smileys'>) {
  const shown = own.length === 0 ? smileys : [...(smileys ? CLASSIC_SMILEYS : []), ...own]
  return { links: true, markup, smileys: shown } satisfies FormatOptions
}

/** @returns the path of a book's first page */
export function bookPath(slug: string): string {
  return slug === MAIN_BOOK ? '/' : `/b/${slug}`
}

/** @returns the path to which the form of a book is sent */
export function signPath(slug: string): string {
  return slug === MAIN_BOOK ? '/sign' : `/b/${slug}/sign`
}

/** @returns the language of a book for readers who do not say which they prefer */
export function ownLanguage({ language }: Pick<Book, 'language'>): Language {
  return language === 'auto' ? 'en' : language
}

/** @returns the welcome text of the owner, or ours */
export function welcomeOf({ welcome }: Pick<Book, 'welcome'>, language: Language): string {
  return welcome ?? translator(language).text('welcome')
}

/** Where other sites announce that they mention a book. */
export const WEBMENTION_PATH = '/webmention'

/** A closed book gets no new entries, so it accepts no mentions. */
export function acceptsMentions({ is_open, webmentions }: Pick<Book, 'is_open' | 'webmentions'>): boolean {
  return is_open && webmentions
}
