import { parseTime } from '../times'
import { attributeOf, htmlToText } from './text'

/* Elements of a page whose class, or whose own name, says what they contain: the name of a guest, or a date. */

const TAG = /<([a-z][a-z0-9]{0,20})((?:\s[^>]{0,300})?)>/gi
const CLASS = /\b(?:class|itemprop)\s{0,3}=\s{0,3}["']?([^"'>]{1,100})/gi
const NAME =
  /(?:^|[\s_-])(?:(?:user|nick|guest|author|poster)[_-]?name|name|author|nick|poster|autor|nombre|nom)(?=$|[\s_-])/i
const DATE = /(?:^|[\s_-])(?:date|datetime|time|timestamp|datum|fecha|posted)(?=$|[\s_-])/i
const BY = /^(?:(?:posted|written|signed) )?(?:by|from|von|par|por)[ :]+/i
/** A cell can have the class "name" and contain this label only. */
const ONLY_LABEL = /^(?:name|nom|nombre|nome|author|autor|from|by|von|de)$/i
const MAX_NAME = 60
/** How far the end of such an element is searched. */
const MAX_LENGTH = 600
/** How many such elements of an entry are read. */
const MAX_MARKS = 20

interface Mark {
  at: number
  end: number
  tag: string
  text: string
}

/** @returns whether the attributes of a tag say that it contains a name */
export function isNameTag(attributes: string): boolean {
  return [...attributes.matchAll(CLASS)].some(([, words = '']) => NAME.test(words))
}

/** @returns the name in an element of a class such as "name" or "author"; empty if there is none */
export function markedName(html: string): string {
  return nameMark(html)?.text ?? ''
}

function nameMark(html: string): Mark | undefined {
  for (const mark of marksOf(html, (_, attributes) => isNameTag(attributes))) {
    const text = mark.text.replace(BY, '').replace(/[\s:,-]+$/, '')
    if (text !== '' && text.length <= MAX_NAME && !text.includes('\n') && !ONLY_LABEL.test(text))
      return { ...mark, text }
  }
  return undefined
}

/** @returns the time in a `<time>` or in an element of a class such as "date", as epoch milliseconds; or null */
export function markedTime(html: string, now: number): number | null {
  for (const { tag, text } of dateMarks(html)) {
    const time = parseTime(attributeOf(tag, 'datetime') || attributeOf(tag, 'title'), now) ?? parseTime(text, now)
    if (time !== null) return time
  }
  return null
}

function dateMarks(html: string): Generator<Mark> {
  return marksOf(html, (name, attributes) => {
    if (name === 'time') return true
    return [...attributes.matchAll(CLASS)].some(([, words = '']) => DATE.test(words))
  })
}

/** @returns the entry without the elements that contain only its name or its date */
export function withoutMarked(html: string, name: string): string {
  const isByline = ({ text }: Mark) => text !== '' && text.length <= MAX_NAME && !text.includes('\n')
  const byName = nameMark(html) ?? boldMark(html, name)
  const marks = [...(byName ? [byName] : []), ...[...dateMarks(html)].filter(isByline)]
  const parts: string[] = []
  let last = 0
  // An element can contain the next one, or be both: each place is left out once.
  for (const { at, end } of marks.toSorted((a, b) => a.at - b.at || b.end - a.end)) {
    if (at < last) continue
    parts.push(html.slice(last, at))
    last = end
  }
  return [...parts, html.slice(last)].join(' ')
}

function boldMark(html: string, name: string): Mark | undefined {
  for (const mark of marksOf(html, isBold)) if (mark.text.replace(/:$/, '') === name) return mark
  return undefined
}

function isBold(name: string): boolean {
  return /^(?:b|strong|h[4-6])$/.test(name)
}

function* marksOf(html: string, isOne: (name: string, attributes: string) => boolean): Generator<Mark> {
  let left = MAX_MARKS
  for (const { 0: tag, 1: given = '', 2: attributes = '', index: at } of html.matchAll(TAG)) {
    const name = given.toLowerCase()
    if (!isOne(name, attributes)) continue
    if (--left < 0) return
    const from = at + tag.length
    const inner = html.slice(from, from + MAX_LENGTH)
    const close = new RegExp(`</${name}\\s{0,9}>`, 'i').exec(inner)
    if (!close) continue
    const text = htmlToText(inner.slice(0, close.index), { keepsLines: false, markup: false }).trim()
    yield { at, end: from + close.index + close[0].length, tag, text: text.replace(/ \(https?:[^)]{1,300}\)$/, '') }
  }
}
