import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANGUAGE_CODES } from '../../src/guestbook/rules/languages'
import { PICTURE_MAX_BYTES } from '../../src/guestbook/rules/looks/picture'
import { SHOWN_ONCE_MS } from '../../src/kit/http/flash'
import { LIMIT_PERIOD_MS } from '../../src/kit/http/rate-limit'
import { MIB } from '../../src/kit/lib/amounts'
import { aSpanOf, DAY_MS, HOUR_MS, MINUTE_MS, spanInWords, spanOf } from '../../src/kit/lib/time'
import { translator } from '../core/guestbook/languages/translators'

/* The numbers in docs/limits.md are those of the program. */

const ROOT = join(import.meta.dirname, '../..')
const SRC = join(ROOT, 'src')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const page = read('docs/limits.md')

/** @returns the cell beside a label. @throws Error if there is no such row */
function cell(label: string): string {
  const row = page.split('\n').find((line) => line.startsWith(`| ${label} | `))
  if (row === undefined) throw new Error(`docs/limits.md has no row "${label}".`)
  return row.slice(`| ${label} | `.length, -' |'.length)
}

const KNOWN: Record<string, number> = { DAY_MS, HOUR_MS, MINUTE_MS, MIB, PICTURE_MAX_BYTES }

/**
 * @returns the value of a constant, which is a number, a product, or a product of seconds.
 * @throws Error if it is not
 */
function constant(file: string, name: string): number {
  const found = new RegExp(`const ${name}(?:: number)? = (.+)`).exec(read(`src/${file}`))?.[1]
  const [times = '', divisor = '1'] = found?.replace(/[()]/g, '').split(' / ') ?? []
  const numberOf = (factor: string) => KNOWN[factor] ?? Number.parseFloat(factor.replaceAll('_', ''))
  const value = times.split(' * ').reduce((product, factor) => product * numberOf(factor), 1) / numberOf(divisor)
  if (Number.isNaN(value)) throw new Error(`${file} has no number ${name}: ${found}.`)
  return value
}

type Shown = (value: number) => string
const plain: Shown = (value) => value.toLocaleString('en')
const characters: Shown = (value) => `${plain(value)} characters`
const kib: Shown = (value) => (value % (1_024 * 1_024) === 0 ? `${value / 1_024 / 1_024} MiB` : `${value / 1_024} KiB`)
const hours: Shown = (value) => `${value / HOUR_MS} hours`

const ROWS: [label: string, shown: Shown, file: string, name: string][] = [
  [
    'requests to a receiver that has answered none of them',
    plain,
    'webhooks/send/deliver/hanging-receivers.ts',
    'PLACES',
  ],
  [
    'age of the settings, secrets and texts that a request uses when it begins',
    (ms) => `${ms / 1_000} second`,
    'webhooks/send/deliver/run-order.ts',
    'OLD_MS',
  ],
  ['deliveries that a preview of a selection counts', plain, 'webhooks/send/resend/selection.ts', 'MAX_COUNTED'],
  [
    'deliveries that one call sends again or discards by itself',
    plain,
    'webhooks/send/resend/selection.ts',
    'SELECTION_PAGE',
  ],
  ['events that one call or digest covers', plain, 'webhooks/send/deliver/calls.ts', 'COVERED'],
  ['events that one call or digest covers', plain, 'webhooks/send/deliver/calls.ts', 'COVERED_AGAIN'],
  ['name', characters, 'guestbook/rules/entries/entry-content.ts', 'GUEST_NAME_MAX'],
  ['entry', characters, 'guestbook/rules/entries/entry-content.ts', 'BODY_MAX'],
  ['website', characters, 'guestbook/rules/entries/entry-content.ts', 'WEBSITE_MAX'],
  ['accents or other marks on one character', plain, 'guestbook/rules/entries/text.ts', 'MARKS_MAX'],
  ['time within which a guest can change an entry', spanOf, 'guestbook/signing/guest.ts', 'EDITABLE_MS'],
  ['books', plain, 'guestbook/books/store.ts', 'MAX_BOOKS'],
  ['slug of a book', characters, 'guestbook/rules/entries/book-texts.ts', 'SLUG_MAX'],
  ['questions of a book; each question; each answer', plain, 'guestbook/rules/entries/answers.ts', 'MAX_QUESTIONS'],
  ['questions of a book; each question; each answer', characters, 'guestbook/rules/entries/answers.ts', 'QUESTION_MAX'],
  ['questions of a book; each question; each answer', characters, 'guestbook/rules/entries/answers.ts', 'ANSWER_MAX'],
  [
    'answers of an entry, with those to questions that the book no longer asks',
    plain,
    'guestbook/rules/entries/answers.ts',
    'MAX_ANSWERS',
  ],
  ['mood, place of an entry', characters, 'guestbook/rules/entries/details.ts', 'DETAIL_MAX'],
  ['drawing', (bytes) => `${bytes / 1_024} KB`, 'guestbook/rules/entries/drawing.ts', 'DRAWING_MAX'],
  ['pictures of a book', plain, 'guestbook/rules/looks/picture.ts', 'MAX_PICTURES'],
  ['pictures of a book', (value) => `${value / 1_000} KB`, 'guestbook/rules/looks/picture.ts', 'PICTURE_MAX_BYTES'],
  [
    'pictures of a book',
    (value) => `${plain(value)} × ${plain(value)}`,
    'guestbook/rules/looks/picture.ts',
    'SIDE_MAX',
  ],
  ['pictures of a book', characters, 'guestbook/rules/looks/picture.ts', 'ALT_MAX'],
  ['wall of buttons', (value) => `${value} buttons`, 'guestbook/rules/looks/wall.ts', 'MAX_BUTTONS'],
  ['wall of buttons', (value) => `${value} most recent sites`, 'guestbook/rules/looks/wall.ts', 'MAX_SITES'],
  ['wall of buttons', (value) => `${value / 1_000} KB`, 'guestbook/rules/looks/wall.ts', 'BUTTON_MAX_BYTES'],
  ['wall of buttons', (value) => `latest ${value} entries`, 'guestbook/wall/store.ts', 'ENTRIES'],
  ['sites excluded from the wall of buttons', plain, 'guestbook/rules/looks/wall.ts', 'MAX_EXCLUDED'],
  ['bans of a book', plain, 'guestbook/rules/entries/match-bans.ts', 'MAX_BANS'],
  ['bans of a book', characters, 'guestbook/rules/entries/match-bans.ts', 'BAN_MAX'],
  ['length of a ban', plain, 'guestbook/moderation/bans.ts', 'MAX_DAYS'],
  ['length of a ban', plain, 'guestbook/moderation/bans.ts', 'MAX_VISITOR_DAYS'],
  ['time for Turnstile to respond', spanOf, 'guestbook/signing/turnstile.ts', 'DEADLINE_MS'],
  ['custom CSS of a book', characters, 'guestbook/rules/looks/custom-css.ts', 'CSS_MAX'],
  [
    'rendered pages that one instance of the Worker (an isolate) caches',
    plain,
    'guestbook/reading/versioned.ts',
    'MAX_VIEWS',
  ],
  ['entries on a page', plain, 'guestbook/rules/looks/page-numbers.ts', 'LEAF_SIZE'],
  ['pages of a book that can be opened by their number', plain, 'guestbook/rules/looks/page-numbers.ts', 'REACH'],
  ['entries that *On this day* shows', plain, 'guestbook/reading/find-entries.ts', 'MOST'],
  ['entries that *On this day* shows', characters, 'guestbook/reading/find-entries.ts', 'MOST_CHARACTERS'],
  ['entries on a page of `export.html`', plain, 'guestbook/feeds/export-pages.ts', 'PAGE_SIZE'],
  ['entries on a page of `export.html`', characters, 'guestbook/feeds/entries.ts', 'PAGE_CHARACTERS'],
  ['entries on a page of a feed', plain, 'guestbook/feeds/entries.ts', 'PAGE_SIZE'],
  ['entries on a page of a feed', characters, 'guestbook/feeds/entries.ts', 'PAGE_CHARACTERS'],
  ['title of the guestbook', characters, 'guestbook/rules/entries/book-texts.ts', 'TITLE_MAX'],
  ['welcome text', characters, 'guestbook/rules/entries/book-texts.ts', 'WELCOME_MAX'],
  ['imported file, before and after unpacking', kib, 'owner/rules/importing/limits.ts', 'MAX_FILE_BYTES'],
  ['entries that are read from one file', plain, '../browser/import/records.ts', 'MAX_FOUND'],
  ['one imported entry', characters, '../browser/import/records.ts', 'MAX_RECORD'],
  [
    'one request to `/api/import`, before and after unpacking',
    kib,
    'owner/rules/importing/limits.ts',
    'MAX_IMPORT_BYTES',
  ],
  ['entries in one step of an import', plain, 'owner/rules/importing/read-lines.ts', 'MAX_RECORDS'],
  ['imports whose reports are kept', plain, 'owner/moving/importing/store.ts', 'MAX_LISTED'],
  [
    'skipped records that the report of an import lists',
    plain,
    'owner/moving/importing/plan-records.ts',
    'MAX_EXAMPLES',
  ],
  ['one request to `/api/restore`', plain, 'owner/moving/exporting/restore.ts', 'MAX_LINES'],
  ['entries that one request erases', plain, 'owner/moving/people.ts', 'MAX_ERASED'],
  ['pages of the guestbook that one source can mention', plain, 'guestbook/webmentions/store.ts', 'MAX_TARGETS'],
  ['webmentions that wait to be checked', plain, 'guestbook/webmentions/store.ts', 'MAX_WAITING_MENTIONS'],
  ['time between two requests to a source', spanOf, 'guestbook/webmentions/store.ts', 'FETCH_EVERY_MS'],
  ['attempts to fetch a source that fails', plain, 'guestbook/webmentions/verify.ts', 'MAX_ATTEMPTS'],
  ['time to fetch a source, including all redirects', spanOf, 'guestbook/webmentions/fetch-source.ts', 'DEADLINE_MS'],
  ['redirects that Guesthook follows to a source', plain, 'guestbook/webmentions/fetch-source.ts', 'MAX_REDIRECTS'],
  ["links to the guestbook's host that are checked", plain, 'guestbook/rules/webmentions/link-finder.ts', 'MAX_LINKS'],
  [
    'addresses in a plain-text source that are checked',
    plain,
    'guestbook/rules/webmentions/linked-addresses.ts',
    'MAX_ADDRESSES',
  ],
  ['text of a mention', characters, 'guestbook/rules/webmentions/mention-text.ts', 'SUMMARY_MAX'],
  ['request body: pictures', kib, 'guestbook/pictures/manage.ts', 'MAX_PICTURE_BODY_BYTES'],
  ['request body: messages, sources', kib, 'webhooks/send/messages/api.ts', 'MAX_MESSAGE_BYTES'],
  ['request body: messages, sources', kib, 'webhooks/sources/schemas.ts', 'MAX_SOURCE_BYTES'],
  [
    'request body: reprocessing or forwarding a received request',
    kib,
    'webhooks/receive/inspector/schemas.ts',
    'MAX_REPLAY_BYTES',
  ],
  ['JSON nesting', plain, 'kit/lib/json.ts', 'MAX_DEPTH'],
  ['path of a URL', characters, 'kit/http/paths/plain-path.ts', 'MAX_LENGTH'],
  ['path of a URL', plain, 'kit/http/paths/plain-path.ts', 'MAX_SEGMENTS'],
  ['fields in a form', plain, 'kit/lib/form.ts', 'MAX_FORM_FIELDS'],
  ['`limit` in a list', plain, 'kit/http/pagination.ts', 'PAGE_SIZE'],
  ['lifetime of an `Idempotency-Key`', hours, 'kit/http/act-once.ts', 'LIFETIME_MS'],
  ['dashboard session', (seconds) => hours(seconds * 1_000), 'access/sessions/store.ts', 'SESSION_SECONDS'],
  ['API keys', plain, 'access/keys/store.ts', 'MAX_KEYS'],
  ['name of an API key', characters, 'access/keys/schemas.ts', 'KEY_NAME_MAX'],
  ['result of a tool', characters, 'owner/rules/mcp/result.ts', 'MAX_RESULT_LENGTH'],
  ['`wait_for_inbound`', plain, 'owner/rules/mcp/wait.ts', 'MAX_WAIT_SECONDS'],
  ['`wait_for_inbound`', (ms) => String(ms / 1_000), 'owner/rules/mcp/wait.ts', 'POLL_EVERY_MS'],
  ['URL', characters, 'webhooks/rules/delivering/url-policy.ts', 'URL_MAX'],
  ['event type', characters, 'webhooks/rules/events/filter.ts', 'MAX_EVENT_TYPE_LENGTH'],
  ['custom headers', plain, 'webhooks/rules/delivering/custom-headers.ts', 'HEADERS_MAX'],
  ['custom headers', plain, 'webhooks/rules/delivering/custom-headers.ts', 'HEADER_VALUE_MAX'],
  ['`rate_limit`', plain, 'webhooks/endpoints/fields.tsx', 'MAX_RATE'],
  ['`min_interval_minutes` of a build hook', plain, 'webhooks/rules/delivering/pace.ts', 'MAX_INTERVAL'],
  ['`when`', characters, 'webhooks/rules/events/when.ts', 'WHEN_MAX'],
  ['`texts`', characters, 'webhooks/rules/events/own-text.ts', 'TEXT_MAX'],
  ['`texts`', plain, 'webhooks/rules/events/own-text.ts', 'TEXTS_MAX'],
  ['events that a daily digest lists and counts', plain, 'webhooks/rules/events/digest.ts', 'DIGEST_MAX'],
  ['your own signing secret', plain, 'webhooks/rules/signing/secret.ts', 'MIN_BYTES'],
  ['your own signing secret', plain, 'webhooks/rules/signing/secret.ts', 'MAX_BYTES'],
  ['your own event types', plain, 'webhooks/event-types/store.ts', 'MAX_OWN_TYPES'],
  ['schema and example of an event type', characters, 'webhooks/event-types/schemas.ts', 'MAX_CHARACTERS'],
  [
    "subschemas in an event type's schema, with all references resolved",
    plain,
    'webhooks/event-types/validate.ts',
    'MAX_PARTS',
  ],
  ['registrations by integrators', plain, 'webhooks/endpoints/self-registered.ts', 'MAX_SELF_REGISTERED'],
  ['registrations by integrators', plain, 'webhooks/endpoints/self-registered.ts', 'MAX_PER_HOST'],
  ['time to answer the challenge', spanOf, 'webhooks/rules/delivering/outcome.ts', 'CHALLENGE_MS'],
  ['time for the complete request and response', spanOf, 'webhooks/send/http/call.ts', 'DEADLINE_MS'],
  ['part of the response that is read', kib, 'webhooks/send/http/call.ts', 'RESPONSE_CAP_BYTES'],
  ['part of the response body that is kept', plain, 'webhooks/send/http/call.ts', 'EXCERPT_BYTES'],
  ['`Retry-After`', hours, 'webhooks/rules/delivering/retry-schedule.ts', 'MAX_RETRY_AFTER_MS'],
  [
    'response time that makes an endpoint count as slow',
    spanOf,
    'webhooks/rules/delivering/endpoint-health.ts',
    'SLOW_MS',
  ],
  [
    'response time that makes an endpoint count as slow',
    spanOf,
    'webhooks/rules/delivering/endpoint-health.ts',
    'SLOW_FOR_MS',
  ],
  [
    'time without a single success before a failing endpoint is disabled',
    spanOf,
    'webhooks/rules/delivering/endpoint-health.ts',
    'DISABLE_AFTER_MS',
  ],
  [
    'failure-free time that restarts the 5-day countdown',
    hours,
    'webhooks/rules/delivering/endpoint-health.ts',
    'IDLE_MS',
  ],
  ['deliveries in one queue message', plain, 'webhooks/work/orders.ts', 'ORDER_SIZE'],
  ['jobs that run at the same time', plain, 'webhooks/send/resend/jobs.ts', 'MAX_RUNNING'],
  [
    'waiting deliveries that are counted for one endpoint',
    plain,
    'webhooks/send/resend/progress.ts',
    'MAX_PROGRESS_COUNTED',
  ],
  ['time that a pull waits for a message', plain, 'webhooks/send/pull/api.ts', 'MAX_WAIT_SECONDS'],
  ['delay until a message can be pulled', spanOf, 'webhooks/send/pull/pull.ts', 'SETTLED_MS'],
  ['sources', plain, 'webhooks/sources/store.ts', 'MAX_SOURCES'],
  ['search fields', plain, 'webhooks/sources/fields.tsx', 'MAX_FIELDS'],
  ['each string in a template', characters, 'webhooks/rules/templates/template.ts', 'TEMPLATE_MAX'],
  ['each string in a template', plain, 'webhooks/rules/templates/template.ts', 'MAX_TAGS'],
  ['`{{#if}}` nesting', plain, 'webhooks/rules/templates/template.ts', 'MAX_DEPTH'],
  ['text that each string in a template produces', characters, 'webhooks/rules/templates/values.ts', 'OUTPUT_MAX'],
  [
    'largest body that is included in `inbound.received`',
    kib,
    'webhooks/receive/process/handling.ts',
    'MAX_BODY_IN_EVENT_BYTES',
  ],
  ['part of each body that a search covers', plain, 'webhooks/receive/accept/accept.ts', 'SEARCHABLE_BYTES'],
  [
    'part of the body that is kept for a rejected request or a handshake',
    plain,
    'webhooks/receive/messages/bodies.ts',
    'KEPT_BYTES',
  ],
  [
    'guestbooks that an event can pass through before a source refuses it',
    plain,
    'webhooks/rules/delivering/hops.ts',
    'MAX_HOPS',
  ],
  ['requests that are examined for one filtered page', plain, 'kit/db/scanned.ts', 'SCANNED'],
  ['log lines kept for one request', plain, 'webhooks/receive/messages/log.ts', 'MAX_LOG_ENTRIES'],
  ['spam', (ms) => `${ms / DAY_MS} days`, 'guestbook/rules/entries/decide.ts', 'SPAM_KEPT_MS'],
  ['failed webmentions', (ms) => `${ms / DAY_MS} days`, 'guestbook/webmentions/sweep.ts', 'KEPT_MS'],
]

it.each(LANGUAGE_CODES)('guests read in %s for how long they can change an entry', (code) => {
  const minutes = constant('guestbook/signing/guest.ts', 'EDITABLE_MS') / 60_000
  expect(translator(code).text('edit_expired')).toContain(String(minutes))
})

it('docs/static-sites.md says how many entries a page of the export has', () => {
  const entries = plain(constant('guestbook/feeds/export-pages.ts', 'PAGE_SIZE'))
  const most = characters(constant('guestbook/feeds/entries.ts', 'PAGE_CHARACTERS'))
  expect(read('docs/static-sites.md')).toMatch(new RegExp(`\\b${entries} entries\\b.*\\b${most}`))
})

/** Sentences that contain a number for a reason, by the file. The texts of the languages are compared above. */
const SAID: Record<string, [what: RegExp, why: string]> = {
  'guestbook/books/settings/signing.tsx': [/one day \(UTC\)/, 'a day is what the limit is about'],
  'guestbook/moderation/ban-views.tsx': [/'a day'|\b(7|30) days\b/, 'a choice, beside its value'],
  'webhooks/sources/secret-views.tsx': [/1 day|1 week|0 hours/, 'choices, beside their values'],
  'webhooks/sources/schemas.ts': [/one day \(UTC\)/, 'a day is what the limit is about'],
  'owner/stats/operations.ts': [/up to a day/, 'how long many figures take, about'],
  'webhooks/registration/views.tsx': [/ten minutes/, 'how long a reader needs'],
  'webhooks/send/messages/delivery-views.tsx': [/five minutes/, 'what the libraries of Standard Webhooks do'],
  'kit/html/grace-select.tsx': [/1 hour|1 day|1 week|0 hours/, 'choices, beside their values'],
}

const COUNT = String.raw`\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten`
const UNIT = 'milliseconds?|seconds?|minutes?|hours?|days?|weeks?|[KM]i?B|megabytes?'
const LITERAL = new RegExp(
  String.raw`\b(?:(?:${COUNT})[\s-]|(?:within|for|than|to|once|wait|in)\san?\s)(?:${UNIT})\b`,
  'gi'
)

it('a sentence of the program takes its times and sizes from the constants', () => {
  const comments = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/ .*$/gm
  const isSource = (file: string) => /(?<!languages\/..)\.tsx?$/.test(file)
  const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(isSource)
  const found = sources.flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8').replace(comments, '').replace(/\s+/g, ' ')
    const literals = [...text.matchAll(LITERAL)].map(({ index }) => text.slice(Math.max(index - 4, 0), index + 30))
    return literals.filter((literal) => !SAID[file]?.[0].test(literal)).map((literal) => `${file}: ${literal}`)
  })
  expect(found).toEqual([])
})

it('the period of each rate limit is the one that the responses name', () => {
  const periods = [...read('wrangler.toml').matchAll(/\bperiod = (\d+)/g)].map(([, seconds]) => Number(seconds) * 1_000)
  expect(new Set(periods)).toEqual(new Set([LIMIT_PERIOD_MS]))
})

it('the history of the browser keeps what is shown once for as long as the server shows it', () => {
  const times = ['kit/http/flash.ts', '../public/dashboard.js'].map((file) => constant(file, 'SHOWN_ONCE_MS'))
  expect(times).toEqual([SHOWN_ONCE_MS, SHOWN_ONCE_MS])
  for (const name of ['dashboard', 'receivers', 'threats'])
    expect(read(`docs/${name}.md`)).toMatch(new RegExp(`(shown|reloaded|only) for ${spanInWords(SHOWN_ONCE_MS)}`))
})

it('a time is said in the largest unit, in digits, words or with an article', () => {
  const said = [15 * MINUTE_MS, HOUR_MS, 3_000].map((ms) => [spanOf(ms), spanInWords(ms), aSpanOf(ms)])
  expect(said).toEqual([
    ['15 minutes', '15 minutes', '15 minutes'],
    ['1 hour', 'one hour', 'an hour'],
    ['3 seconds', 'three seconds', 'three seconds'],
  ])
})

describe('docs/limits.md', () => {
  it.each(ROWS)('%s: as in the program', (label, shown, file, name) => {
    const text = shown(constant(file, name)).replaceAll('.', '\\.')
    expect(cell(label)).toMatch(new RegExp(`(?<![\\d,.])${text}(?![\\d,]\\d)`))
  })

  it('says from when on the database is full', () => {
    const full = constant('kit/lib/fullness.ts', 'FULL_PERCENT')
    expect(page).toContain(`| at least ${full}% full |`)
  })
})
