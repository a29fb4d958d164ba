import { cut } from '../../../src/kit/lib/text/shorten'
import type { Reading } from '../records'
import { parseTime } from '../times'
import { markedName, markedTime, withoutMarked } from './marks'
import { attributeOf, htmlToText } from './text'

/*
 * One entry of a page. Lines with labels count first ("Name: Ada"); without labels, a link to a mail address, an
 * element of the class "name", a bold line or the line with the date tells who wrote it. What remains is the text.
 */

/** Longer entries are skipped, because the search for names costs more than reading. */
export const MAX_ENTRY = 16_000
/** How many lines of an entry are searched for labels and dates. */
const MAX_LINES = 100

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
/** An entry can be an item of a list, and the text of a page shows a mark before each item. */
const ITEM = /^\s{0,99}<li(?=[\s>])[^>]{0,1000}>/i
const ITEM_MARK = '-'

interface Entry {
  name: string
  website: string
  time: number | null
  texts: string[]
  hasLabels: boolean
}

/** What was found out about an entry before its text was. */
interface Parts {
  html: string
  lines: string[]
  entry: Entry
  marked: string
  name: string
  time: number | null
  /** Whether it needs no names of classes. Then its text stays as it always was, so that it is not imported twice. */
  isByLines: boolean
}

/** @param isUndated whether a name and a text are enough, because many elements of the page have both */
export function readEntry(html: string, now: number, isUndated = false): Reading {
  if (html.length > MAX_ENTRY) return { skip: 'too_large' }
  const text = textOf(html)
  if (text === '' || text.length > MAX_ENTRY) return null
  const given = understand(html, text, now)
  const inner = html.replace(ITEM, '')
  const found = given.isByLines || inner === html ? given : understand(inner, textOf(inner), now)
  const { entry, marked, name, time } = found
  const words = textIn(found, now)
  // A page has a heading and a footer, too. An entry says who wrote it, and has a date, labels or names of classes.
  const isEntry = entry.hasLabels || time !== null || marked !== '' || isUndated
  if (name === '' || words === '' || words === ITEM_MARK || !isEntry || hasTwoGuests(found.html, found.lines, now))
    return { skip: 'not_understood' }
  return {
    id: '',
    parent: '',
    isOwner: false,
    name: cut(name, MAX_LINE),
    website: entry.website || websiteOf(html, name),
    text: words,
    textKind: 'plain',
    time,
    status: 'published',
  }
}

function understand(html: string, text: string, now: number): Parts {
  const lines = text.split('\n')
  const marked = markedName(html)
  const entry = readLines(lines, now, marked)
  const usual = withoutMail(entry.name || nameByLink(html) || nameByBold(html, entry))
  const name = nameOf(html, usual, entry.name === '' ? marked : '')
  const time = entry.time ?? markedTime(html, now)
  const isDated = entry.time !== null || (entry.hasLabels && time === null)
  const isByLines = isDated && name !== '' && name === usual && wordsOf(entry) !== ''
  return { html, lines, entry, marked, name, time, isByLines }
}

function textIn({ html, entry, marked, name, isByLines }: Parts, now: number): string {
  const isDated = entry.time !== null && wordsOf(entry) !== ''
  const rest = isByLines || isDated ? html : withoutMarked(html, name)
  const { texts } = rest === html ? entry : readLines(textOf(rest).split('\n'), now, marked)
  return withoutByline(wordsOf({ texts }), name, entry.hasLabels)
}

/** @returns the text of a piece of a page, without blank lines */
export function textOf(html: string): string {
  return htmlToText(html, { keepsLines: false, markup: false })
    .replace(/(?<! ) *\n\s*/g, '\n')
    .trim()
}

/** A class such as "name" decides, unless it also contains more than the name. */
function nameOf(html: string, usual: string, marked: string): string {
  const isMarked = marked !== '' && (usual === '' || !marked.includes(usual))
  return isMarked ? withoutMail(marked) : usual || nameByPlace(html)
}

const ANY_BOLD = /<(?:b|strong)>\s{0,5}([^<]{1,60})</gi

/** Two lines that begin with a bold name and have a date are of two entries, even if nothing separates them. */
function hasTwoGuests(html: string, lines: string[], now: number): boolean {
  const dated = lines.filter((line) => line.length <= MAX_LINE && parseTime(line, now) !== null)
  if (dated.length < 2) return false
  const words = [...html.matchAll(ANY_BOLD)].slice(0, MAX_LINES).map(([, bold = '']) => plain(bold))
  const names = words.filter((name) => !/:$|\d/.test(name) && name !== '')
  return new Set(names.filter((name) => dated.some((line) => line.startsWith(name)))).size > 1
}

function withoutMail(name: string): string {
  return name
    .replace(EMAIL, '')
    .replace(/[<>()[\]:\s-]+$/, '')
    .trim()
}

function wordsOf({ texts }: Pick<Entry, 'texts'>): string {
  return texts
    .join('\n')
    .replace(EMAIL, '')
    .replace(/<\s*>|\(\s*\)/g, '')
    .trim()
}

/** @param marked the name that a class names; empty if there is none */
function readLines(lines: string[], now: number, marked: string): Entry {
  const entry: Entry = { name: '', website: '', time: null, texts: [], hasLabels: false }
  for (const line of lines.slice(0, MAX_LINES)) readLine(entry, line.trim(), now, marked)
  entry.texts.push(...lines.slice(MAX_LINES))
  return entry
}

function readLine(entry: Entry, line: string, now: number, marked: string): void {
  const groups = line.length > MAX_LINE ? undefined : LABELED.exec(line)?.groups
  const label = groups && (Object.keys(LABELS) as Label[]).find((name) => groups[name] !== undefined)
  const value = groups?.value?.trim() ?? ''
  if (label) entry.hasLabels = true
  if (label === 'name' && entry.name === '') entry.name = value
  else if (label === 'website') entry.website ||= /https?:\/\/[^\s()]+/i.exec(value)?.[0] ?? value
  else if (label === 'time') entry.time ??= parseTime(value, now)
  else if (label === 'text') entry.texts.push(value)
  else if (label === undefined) readBareLine(entry, line, now, marked)
}

/** A short line with a date is about the entry. So is what stands before the date: a place, or "posted on". */
function readBareLine(entry: Entry, line: string, now: number, marked: string): void {
  const time = line.length > MAX_LINE ? null : parseTime(line, now)
  const words = SAID.exec(line.slice(0, MAX_LINE))?.[1]
  // "My grandmother wrote" is part of the text of somebody else.
  const said = words?.includes(marked) ? words : undefined
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

const HEADING = /<h[4-6](?:\s[^>]{0,200})?>\s{0,5}(?:<a\s[^>]{0,300}>)?\s{0,5}([^<]{1,60})</i
const FIRST_LINK = /^(?:\s{0,20}<[^>]{1,200}>){0,8}?\s{0,20}<a\s[^>]{0,300}>\s{0,5}([^<]{1,60})<\/a>/i

/** A small heading, or the link that comes first. */
function nameByPlace(html: string): string {
  return plain(HEADING.exec(html)?.[1] ?? FIRST_LINK.exec(html)?.[1] ?? '')
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

/** The line with the name is not part of the text. With a label, the name can be the text, too. */
function withoutByline(text: string, name: string, hasLabels: boolean): string {
  const isByline = (line: string) =>
    line
      .replace(/\(https?:[^)]{1,300}\)/, '')
      .replace(/[\s<>():,-]+$/, '')
      .trim() === name
  const lines = text.split('\n').filter((line) => line.length > MAX_LINE || !isByline(line))
  return lines.length === 0 && hasLabels ? text : lines.join('\n').trim()
}
