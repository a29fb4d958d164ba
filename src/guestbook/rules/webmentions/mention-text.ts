import { shorten } from '../../../kit/lib/text/shorten'
import { hostOf } from '../../../kit/lib/url'
import { GUEST_NAME_MAX, readWebsite } from '../entries/entry-content'
import { visibleName } from '../entries/fold'
import { oneLine, readText, repairText } from '../entries/text'
import type { MentioningPage } from './page-reader'

/* What an entry shows about a page that mentions the book. */

/** The text of a mention is a summary. In code points. */
export const SUMMARY_MAX = 500

interface MentionText {
  name: string
  website: string | null
  body: string
  /** Whether the body is a text of the page, not only its title or its host. */
  has_text: boolean
  /** When the page says that it was published, in epoch milliseconds; null if there is no time or an impossible one. */
  published_at: number | null
}

/** @param page by a stranger: anything can be missing or hostile @returns an entry that the comment policy accepts */
export function mentionText(page: MentioningPage, source: string, now: number): MentionText {
  const host = hostOf(source)
  const text = cleanText(page.text, SUMMARY_MAX, tidy)
  const title = cleanText(page.title, SUMMARY_MAX, oneLine)
  return {
    name: cleanName(page.author_name) || cleanName(host),
    website: websiteOf(page.author_url) ?? websiteOf(source),
    body: text || title || host,
    has_text: text !== '' && text !== title,
    published_at: readMentionTime(page.published, now),
  }
}

function websiteOf(url: string): string | null {
  const website = readWebsite(url)
  return website.ok ? website.value : null
}

/** @returns the name of a guest as the comment policy accepts it; empty if nothing visible is left */
export const cleanName = (name: string): string => cleanText(name, GUEST_NAME_MAX, (text) => oneLine(visibleName(text)))

/** @param max in code points @returns the text as the comment policy accepts it; empty if nothing is visible */
export function cleanText(text: string, max: number, clean: (text: string) => string): string {
  const judged = readText(shorten(clean(repairText(text, max)), max), clean, max)
  return judged.ok ? judged.value : ''
}

/** Keeps line breaks, at most two in a row. */
function tidy(text: string): string {
  return text
    .replace(/[\t\r\f\v ]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)? ?(Z|[+-]\d\d:?\d\d)?$/i
/** Earlier than any page on the web. */
const FIRST_PAGE = Date.UTC(1991, 0)

/** @returns epoch milliseconds, or null. A time without a zone is read as UTC */
export function readMentionTime(text: string, now: number): number | null {
  const [, day, time, seconds = '', zone = ''] = TIME.exec(text.trim()) ?? []
  if (day === undefined) return null
  const offset = zone.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2').toUpperCase() || 'Z'
  const at = Date.parse(time === undefined ? day : `${day}T${time}${seconds}${offset}`)
  return at >= FIRST_PAGE && at <= now ? at : null
}
