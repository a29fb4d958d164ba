import { z } from '@hono/zod-openapi'
import { described, doc } from '#doc'
import { ANSWER_MAX, MAX_QUESTIONS, QUESTION_MAX } from '../core/guestbook/answers'
import { TITLE_MAX } from '../core/guestbook/book-policy'
import { MODERATION_MODES } from '../core/guestbook/decide'
import { DETAILS } from '../core/guestbook/details'
import { LANGUAGE_CODES } from '../core/languages'
import { isColor } from '../core/looks/accent'
import { CSS_MAX } from '../core/looks/custom-css'
import { SMILEYS_MAX } from '../core/looks/smileys'
import { THEME_SLUGS } from '../core/looks/themes'
import { iso } from '../http/pagination'
import {
  AVATARS,
  type BookRow,
  bookPath,
  LANGUAGE_SETTINGS,
  MAX_QUOTA_MB,
  ownLanguage,
  toBook,
  welcomeOf,
} from './book'

/** core/guestbook/book-policy.ts checks texts and slugs, with messages that say what to do. */
const question = z
  .strictObject({
    text: z
      .string()
      .openapi({ example: 'How did you find me?', description: doc(`Up to ${QUESTION_MAX} characters.`) }),
    is_required: z.boolean().default(false),
    expected: z
      .string()
      .max(ANSWER_MAX)
      .nullable()
      .default(null)
      .openapi(
        described(
          'The answer that shows that the guest is a person. Case and spaces do not matter. Null for any answer.'
        )
      ),
  })
  .openapi('Question')

const fields = {
  title: z.string().openapi({ example: 'My Guestbook', description: doc(`Up to ${TITLE_MAX} characters.`) }),
  welcome: z
    .string()
    .nullable()
    .openapi(described('Up to 200 characters. Null for our own welcome text, in the language of the page.')),
  language: z
    .enum(LANGUAGE_SETTINGS)
    .openapi(
      described(
        `The language of the page. \`auto\`: the one that the browser asks for, out of ${LANGUAGE_CODES.join(', ')}.`
      )
    ),
  is_open: z.boolean().openapi(described('Whether guests can sign. The entries of a closed book stay on its page.')),
  home_url: z
    .string()
    .nullable()
    .openapi({
      example: 'https://example.com/',
      description: doc('A page of yours that the book links to.'),
    }),
  daily_quota_mb: z
    .int()
    .min(0)
    .max(MAX_QUOTA_MB)
    .openapi(described('How many megabytes guests can add to the database on one day (UTC). 0 means no limit.')),
  moderation: z
    .enum(MODERATION_MODES)
    .openapi(
      described(
        'Which entries wait for your approval. `none`: only those that a rule holds up. `first`: also the first entry of each guest. `all`: every entry.'
      )
    ),
  max_links: z.int().min(0).max(100).openapi(described('Entries with more links than this wait.')),
  blocked_words: z
    .array(z.string().trim().min(1).max(100))
    .max(200)
    .openapi(described('Entries that contain one of these texts, in any case, are spam.')),
  proof_of_work: z
    .boolean()
    .openapi(
      described(
        'Whether entries wait unless the browser has solved a puzzle. Entries through the API always wait then.'
      )
    ),
  turnstile: z
    .boolean()
    .openapi(described('Whether the form has Cloudflare Turnstile. Entries wait unless Turnstile confirms them.')),
  questions: z.array(question).max(MAX_QUESTIONS).openapi(described('Questions in the form.')),
  allows_private: z
    .boolean()
    .openapi(
      described(
        'Whether the form offers to write an entry that only you can read. The API always accepts private entries.'
      )
    ),
  asks_for: z
    .array(z.enum(DETAILS))
    .max(DETAILS.length)
    .openapi(described('Details that guests can add: `mood`, how they feel, and `place`, where they are.')),
  theme: z.enum(THEME_SLUGS).openapi(described('The look of the page: see docs/themes.md.')),
  accent: z
    .string()
    .refine(isColor, 'Use a color with six hexadecimal digits, such as "#b3005e".')
    .nullable()
    .openapi({
      example: '#b3005e',
      description: doc('The color of links, headings and buttons. It is adapted to the theme.'),
    }),
  banner: z.string().nullable().openapi(described('A line of text above the entries, up to 200 characters.')),
  css: z
    .string()
    .max(CSS_MAX)
    .openapi(described('Custom CSS for the page, which cannot load anything: see docs/themes.md.')),
  markup: z.boolean().openapi(described('Whether entries may contain *emphasis*, `code` and > quotes.')),
  smileys: z.boolean().openapi(described('Whether smileys such as :-) are shown as emoji.')),
  own_smileys: z
    .array(z.strictObject({ text: z.string(), emoji: z.string() }))
    .max(SMILEYS_MAX)
    .openapi({
      example: [{ text: ':parrot:', emoji: '🦜' }],
      description: doc('Smileys of your own. Each text, of 2 to 20 characters without spaces, is shown as one emoji.'),
    }),
  shows_countries: z
    .boolean()
    .openapi(described('Whether the page shows the countries that the latest 100 entries came from.')),
  avatars: z
    .enum(AVATARS)
    .openapi(
      described('`identicon`: a picture made from the name. `face`: guests choose a face, or get an identicon.')
    ),
  return_origins: z
    .array(z.string())
    .max(10)
    .openapi({
      example: ['https://example.com'],
      description: doc('Sites to which `return_to` may lead after signing.'),
    }),
  webmentions: z
    .boolean()
    .openapi(described('Whether pages of other sites can mention the book: see docs/webmentions.md.')),
}

export const bookChange = z.strictObject(fields).partial().openapi('BookChange')

export const bookIn = bookChange
  .required({ title: true })
  .extend({
    slug: z
      .string()
      .openapi({ example: 'summer-party', description: doc('Part of the address. It cannot be changed.') }),
  })
  .openapi('BookIn')

export const bookOut = z
  .object({
    slug: z.string(),
    title: z.string(),
    welcome: z.string(),
    theme: fields.theme,
    language: fields.language,
    is_open: fields.is_open,
    comment_count: z.int().openapi(described('How many entries are on the page.')),
    url: z.string(),
  })
  .openapi('Book')

/** What only the owner sees. */
export const bookSettingsOut = bookOut
  .extend({
    welcome: fields.welcome,
    home_url: fields.home_url,
    daily_quota_mb: fields.daily_quota_mb,
    moderation: fields.moderation,
    max_links: fields.max_links,
    blocked_words: fields.blocked_words,
    proof_of_work: fields.proof_of_work,
    turnstile: fields.turnstile,
    questions: fields.questions,
    allows_private: fields.allows_private,
    asks_for: fields.asks_for,
    accent: fields.accent,
    banner: fields.banner,
    css: fields.css,
    markup: fields.markup,
    smileys: fields.smileys,
    own_smileys: fields.own_smileys,
    shows_countries: fields.shows_countries,
    avatars: fields.avatars,
    return_origins: fields.return_origins,
    webmentions: fields.webmentions,
    is_demo: z.boolean().openapi(described('Whether it is the demo guestbook, whose changes cause no events.')),
    deleted_at: z.string().nullable(),
  })
  .openapi('BookSettings')

export function toBookOut(row: BookRow, origin: string): z.infer<typeof bookOut> {
  const { slug, title, theme, language, is_open, welcome } = toBook(row)
  const url = origin + bookPath(slug)
  const shown = welcomeOf({ welcome }, ownLanguage({ language }))
  return { slug, title, welcome: shown, theme, language, is_open, comment_count: row.published_count, url }
}

export function toBookSettings(row: BookRow, origin: string): z.infer<typeof bookSettingsOut> {
  const { deleted_from: _, bans: _bans, title: _title, slug: _slug, ...settings } = toBook(row)
  return { ...toBookOut(row, origin), ...settings, deleted_at: iso(row.deleted_at) }
}
