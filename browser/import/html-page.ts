import { cut } from '../../src/kit/lib/text/shorten'
import { attributeOf, htmlToText } from './html-text'
import { type Context, type Found, foundAt, type Reading } from './records'
import { parseTime } from './times'

/*
 * A guestbook as a page of HTML, such as those that CGI scripts of the nineties wrote. Entries have something between
 * them, usually a line (`<hr>`). In an entry, lines with labels count first ("Name: Ada"); without labels, a link to a
 * mail address, a bold line or the line with the date tells who wrote it. What remains is the text.
 */

const SEPARATORS = ['hr', 'table', 'tr', 'dt', 'li', 'article', 'p', 'div']
/** Longer entries are skipped, because the search for names costs more than reading. */
const MAX_ENTRY = 16_000
const SAMPLE = 64_000
/** How many lines of an entry are searched for labels and dates. */
const MAX_LINES = 100

/** Cuts the page before each separator. The start of the page decides which element is the separator. */
export function* readPage(html: string, context: Context): Generator<Found> {
  const start = html.slice(0, SAMPLE)
  const mark = markOf(SEPARATORS.find((name) => countOf(start, name) > 1) ?? 'hr')
  let from = 0
  for (const { index } of html.matchAll(mark)) {
    if (index > from) yield* foundAt(from, readEntry(html.slice(from, index), context.now))
    from = index
  }
  yield* foundAt(from, readEntry(html.slice(from), context.now))
}

function markOf(name: string): RegExp {
  return new RegExp(`<${name}(?=[\\s>/])`, 'gi')
}

function countOf(text: string, name: string): number {
  return text.match(markOf(name))?.length ?? 0
}

type Label = 'name' | 'website' | 'text' | 'time' | 'email' | 'other'

/** In English, German, French, Spanish and Portuguese. */
const LABELS: Record<Label, string> = {
  name: 'name|nom|nombre|nome|your name|signed by|visitor|from|by|von|de',
  website:
    'url|www|web|website|web site|webpage|web page|homepage|home page|page|site|seite|web-?seite|site web|pagina',
  text: 'message|comments?|text|entry|says|kommentare?|nachricht|eintrag|commentaires?|comentarios?|mensaje|mensagem|remarks',
  time: 'date|time|datum|added|posted|signed|signed on|written|fecha|data|on|am|le',
  email: 'e-?mail|mail|email address|correo|courriel|ip|ip address|host',
  other:
    'location|where are you from|city|country|state|ort|land|ville|pays|ciudad|pais|age|icq|aim|favou?rite .{1,20}',
}
const LABELED = new RegExp(
  `^(?:${Object.entries(LABELS)
    .map(([label, words]) => `(?<${label}>${words})`)
    .join('|')}) ?: *(?<value>.*)$`,
  'i'
)
const EMAIL = /[^\s<>()]{1,64}@[^\s<>()]{1,100}/g
const SAID = /^(.{1,60}?) (?:wrote|writes|said|says|schrieb|schreibt|a écrit)\b/i
const MAX_LINE = 200

interface Entry {
  name: string
  website: string
  time: number | null
  texts: string[]
  hasLabels: boolean
}

function readEntry(html: string, now: number): Reading {
  if (html.length > MAX_ENTRY) return { skip: 'too_large' }
  const text = htmlToText(html, { keepsLines: false, markup: false })
    .replace(/(?<! ) *\n\s*/g, '\n')
    .trim()
  if (text === '' || text.length > MAX_ENTRY) return null
  const entry = readLines(text.split('\n'), now)
  const byline = entry.name || nameByLink(html) || nameByBold(html, entry)
  const name = byline
    .replace(EMAIL, '')
    .replace(/[<>()[\]:\s-]+$/, '')
    .trim()
  const words = entry.texts
    .join('\n')
    .replace(EMAIL, '')
    .replace(/<\s*>|\(\s*\)/g, '')
    .trim()
  // A page has a heading and a footer, too. An entry says who wrote it, and has a date or labels.
  if (name === '' || words === '' || !(entry.hasLabels || entry.time !== null)) return { skip: 'not_understood' }
  const website = entry.website || websiteOf(html, name)
  return {
    id: '',
    parent: '',
    isOwner: false,
    name: cut(name, MAX_LINE),
    website,
    text: withoutByline(words, name),
    textKind: 'plain',
    time: entry.time,
    status: 'published',
  }
}

function readLines(lines: string[], now: number): Entry {
  const entry: Entry = { name: '', website: '', time: null, texts: [], hasLabels: false }
  for (const line of lines.slice(0, MAX_LINES)) readLine(entry, line.trim(), now)
  entry.texts.push(...lines.slice(MAX_LINES))
  return entry
}

function readLine(entry: Entry, line: string, now: number): void {
  const groups = line.length > MAX_LINE ? undefined : LABELED.exec(line)?.groups
  const label = groups && (Object.keys(LABELS) as Label[]).find((name) => groups[name] !== undefined)
  const value = groups?.value?.trim() ?? ''
  if (label) entry.hasLabels = true
  if (label === 'name' && entry.name === '') entry.name = value
  else if (label === 'website') entry.website ||= /https?:\/\/[^\s()]+/i.exec(value)?.[0] ?? value
  else if (label === 'time') entry.time ??= parseTime(value, now)
  else if (label === 'text') entry.texts.push(value)
  else if (label === undefined) readBareLine(entry, line, now)
}

/** A short line with a date is about the entry. So is what stands before the date: a place, or "posted on". */
function readBareLine(entry: Entry, line: string, now: number): void {
  const time = line.length > MAX_LINE ? null : parseTime(line, now)
  const said = SAID.exec(line.slice(0, MAX_LINE))?.[1]
  if (entry.name === '' && said !== undefined) entry.name = said
  if (time === null) {
    if (said === undefined) entry.texts.push(line)
    return
  }
  entry.time ??= time
}

const MAIL_LINK = /<a\s[^>]{0,99}mailto:[^>]{0,80}>([^<]{1,80})</i
/** Matt's Script Archive: the name, and the address in brackets behind it. */
const NAME_AND_MAIL = /([^<>\n]{1,60})(?:<\/a>)?\s{0,2}(?:&lt;|\()\s{0,2}<a\s[^>]{0,50}mailto:/i
const BOLD = /<(?:b|strong|font[^>]{0,99})>\s{0,5}(?:<a\s[^>]{0,300}>)?\s{0,5}([^<]{1,60})</i
const WEB_LINK = /<a\s[^>]{0,300}>\s{0,5}(?:<[bi]>)?\s{0,5}([^<]{1,100})/gi

function nameByLink(html: string): string {
  if (!/mailto:/i.test(html)) return ''
  const words = plain(MAIL_LINK.exec(html)?.[1] ?? '')
  if (words !== '' && !words.includes('@')) return words
  return plain(NAME_AND_MAIL.exec(html)?.[1] ?? '')
}

/** Bold words are the name only if they are not the text: some pages show the text in bold. */
function nameByBold(html: string, { texts }: Entry): string {
  const words = plain(BOLD.exec(html)?.[1] ?? '')
  return texts.length > 1 || !texts.includes(words) ? words : ''
}

/** @returns where the name of the guest leads */
function websiteOf(html: string, name: string): string {
  let left = 20
  for (const [tag, words = ''] of html.matchAll(WEB_LINK)) {
    if (--left < 0) break
    if (plain(words) === name) return attributeOf(tag, 'href')
  }
  return ''
}

function plain(html: string): string {
  return htmlToText(html, { keepsLines: false, markup: false }).trim()
}

/** The line with the name is not part of the text. */
function withoutByline(text: string, name: string): string {
  const isByline = (line: string) =>
    line
      .replace(/\(https?:[^)]{1,300}\)/, '')
      .replace(/[\s<>():,-]+$/, '')
      .trim() === name
  const lines = text.split('\n').filter((line) => line.length > MAX_LINE || !isByline(line))
  return lines.length === 0 ? text : lines.join('\n').trim()
}
