import { FAILSAFE_SCHEMA, load } from 'js-yaml'
import { fieldsOf } from '../../src/kit/lib/json'
import { recordText } from '../../src/owner/rules/importing/records'
import { type Context, type FieldReader, type Fields, type Found, foundAt, MAX_RECORD } from './records'

/* The files of Staticman, put one after another. */

/** After so many documents that are not YAML, the rest is not read: each one takes long. */
const MAX_FAULTS = 1_000

const TOP_KEY = /^([A-Za-z_][\w-]{0,60}):(?:[ \t]|\r?$)/

/** Reads each document for itself, so that one that is not valid YAML does not hide the others. */
export function* readYaml(text: string, read: FieldReader, context: Context): Generator<Found> {
  let faults = 0
  for (const [start, end] of cutDocuments(text)) {
    const document = text.slice(start, end)
    if (faults === MAX_FAULTS) return yield* foundAt(start, { skip: 'rest_not_read' })
    if (document.length > MAX_RECORD) yield* foundAt(start, { skip: 'too_large' })
    else if (/[^\s.-]/.test(document)) {
      const fields = parse(document)
      if (fields === null) faults += 1
      yield* foundAt(start, fields === null ? { skip: 'not_understood' } : read(fields, '', context))
    }
  }
}

/**
 * A document ends at a line of `---` or `...`, or before a name that it already has. What follows `---` without a name
 * is the text of the document before it (front matter).
 */
function* cutDocuments(text: string): Generator<[start: number, end: number]> {
  let start = 0
  let names = new Set<string>()
  let hasEnded = false
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? undefined : end)
    const name = TOP_KEY.exec(line)?.[1]
    const isMark = /^(---|\.\.\.)\s*$/.test(line)
    if ((isMark && hasEnded) || (name !== undefined && (hasEnded || names.has(name)))) {
      yield [start, at]
      start = at
      names = new Set()
      hasEnded = false
    }
    if (isMark && names.size > 0) hasEnded = true
    if (name !== undefined) names.add(name)
    at = end < 0 ? text.length : end + 1
  }
  if (start < text.length) yield [start, text.length]
}

/**
 * @returns the texts at the top level, or null if it is not valid YAML. Front matter has the text below it as `message`
 */
function parse(document: string): Fields | null {
  const [head = '', ...rest] = document.replace(/^\s*---[ \t]*\r?\n/, '').split(/^(?:---|\.\.\.)[ \t]*\r?$/m)
  const below = rest.join('\n').trim()
  try {
    // All scalars are texts in this schema: times and numbers keep their digits.
    const fields = Object.entries(fieldsOf(load(head, { schema: FAILSAFE_SCHEMA })))
    const texts = fields.map(([name, value]) => [name, toText(value)])
    return { ...(below !== '' && { message: below }), ...Object.fromEntries(texts) }
  } catch {
    // Its documentation says to catch everything, not only its own exceptions.
    return null
  }
}

/** A block ends with a line break, which is not a part of the text. */
function toText(value: unknown): string {
  const text = recordText(value)
  return /^(null|~)$/.test(text) ? '' : text.replace(/\n$/, '')
}
