import { z } from '@hono/zod-openapi'
import { LANGUAGE_CODES } from '../core/languages'
import { type BookRow, bookPath, LANGUAGE_SETTINGS, MAX_QUOTA_MB, ownLanguage, toBook, welcomeOf } from './book'

/** core/guestbook/book-policy.ts checks texts and slugs, with messages that say what to do. */
const fields = {
  title: z.string().openapi({ example: 'My Guestbook', description: 'Up to 60 characters.' }),
  welcome: z.string().nullable().openapi({
    description: 'Up to 200 characters. Null for our own welcome text, in the language of the page.',
  }),
  language: z.enum(LANGUAGE_SETTINGS).openapi({
    description: `The language of the page. \`auto\`: the one that the browser asks for, out of ${LANGUAGE_CODES.join(', ')}.`,
  }),
  is_open: z
    .boolean()
    .openapi({ description: 'Whether guests can sign. The entries of a closed book stay on its page.' }),
  home_url: z.string().nullable().openapi({
    example: 'https://example.com/',
    description: 'A page of yours that the book links to.',
  }),
  daily_quota_mb: z.int().min(0).max(MAX_QUOTA_MB).openapi({
    description: 'How many megabytes guests can add to the database on one day (UTC). 0 means no limit.',
  }),
}

export const bookChange = z.strictObject(fields).partial().openapi('BookChange')

export const bookIn = bookChange
  .required({ title: true })
  .extend({
    slug: z.string().openapi({ example: 'summer-party', description: 'Part of the address. It cannot be changed.' }),
  })
  .openapi('BookIn')

export const bookOut = z
  .object({
    slug: z.string(),
    title: z.string(),
    welcome: z.string(),
    language: fields.language,
    is_open: fields.is_open,
    comment_count: z.int().openapi({ description: 'How many entries are on the page.' }),
    url: z.string(),
  })
  .openapi('Book')

/** What only the owner sees. */
export const bookSettingsOut = bookOut
  .extend({
    welcome: fields.welcome,
    home_url: fields.home_url,
    daily_quota_mb: fields.daily_quota_mb,
    deleted_at: z.string().nullable(),
  })
  .openapi('BookSettings')

export function toBookOut(row: BookRow, origin: string): z.infer<typeof bookOut> {
  const { slug, title, language, is_open, welcome } = toBook(row)
  const url = origin + bookPath(slug)
  const shown = welcomeOf({ welcome }, ownLanguage({ language }))
  return { slug, title, welcome: shown, language, is_open, comment_count: row.published_count, url }
}

export function toBookSettings(row: BookRow, origin: string): z.infer<typeof bookSettingsOut> {
  const { welcome, home_url, daily_quota_mb } = toBook(row)
  const deleted_at = row.deleted_at === null ? null : new Date(row.deleted_at).toISOString()
  return { ...toBookOut(row, origin), welcome, home_url, daily_quota_mb, deleted_at }
}
