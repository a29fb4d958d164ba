import { skipBlank } from './json-records'
import type { Cutter, Window } from './records'

/*
 * CSV (RFC 4180, also with semicolons or tabs), and the flat YAML that Staticman writes.
 */

/** A line break inside quotes does not end a row. The first piece is the header. */
export const cutRows: Cutter = (window) => {
  skipBlank(window)
  const start = window.at
  const end = endOfRow(window)
  if (end === null) return null
  window.at = end
  return { kind: window.state.columns ? 'row' : 'header', start, end }
}

const ROW_MARK = /["\n]/g

function endOfRow({ text, at, isEnd }: Window): number | null {
  let isQuoted = false
  ROW_MARK.lastIndex = at
  for (let found = ROW_MARK.exec(text); found; found = ROW_MARK.exec(text)) {
    if (found[0] === '"') isQuoted = !isQuoted
    else if (!isQuoted) return found.index + 1
  }
  return isEnd && at < text.length ? text.length : null
}

const MAX_COLUMNS = 100

/** @returns the character that separates the columns of a header */
export function delimiterOf(header: string): string {
  const count = (mark: string) => header.split(mark).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ','
}

/** @returns the cells of one row, without their quotes */
export function readRow(row: string, delimiter: string): string[] {
  const cells: string[] = []
  for (let at = 0; at <= row.length && cells.length < MAX_COLUMNS; ) {
    const isQuoted = row[at] === '"'
    const end = isQuoted ? endOfQuotes(row, at) : at
    const next = row.indexOf(delimiter, end)
    const cell = isQuoted ? row.slice(at + 1, end).replaceAll('""', '"') : row.slice(at, next < 0 ? undefined : next)
    cells.push(isQuoted ? cell : cell.replace(/\r?\n$/, ''))
    at = next < 0 ? row.length + 1 : next + 1
  }
  return cells
}

/** @returns the position of the closing quote. Two quotes are one character of the text */
function endOfQuotes(row: string, start: number): number {
  for (let at = row.indexOf('"', start + 1); at >= 0; at = row.indexOf('"', at + 2)) if (row[at + 1] !== '"') return at
  return row.length
}

/** @returns the cells of a row, by the names of the columns, in lower case as well */
export function toFields(columns: string[], cells: string[]): Record<string, string> {
  return Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']))
}

const TOP_KEY = /^([A-Za-z_][\w-]{0,60}):(?:[ \t]|\r?$)/

/**
 * Cuts YAML files that were put one after another. A record ends at a line of `---` or `...`, or before a name that it
 * already has. What follows `---` without a name is the text of the record before it (front matter).
 */
export const cutYaml: Cutter = (window) => {
  const { text, isEnd } = window
  const names = new Set<string>()
  let hasEnded = false
  for (let at = window.at; ; ) {
    const end = text.indexOf('\n', at)
    if (end < 0 && !isEnd) return null
    const line = text.slice(at, end < 0 ? undefined : end)
    const name = TOP_KEY.exec(line)?.[1]
    const isMark = /^(---|\.\.\.)\s*$/.test(line)
    const isNext = (isMark && hasEnded) || (name !== undefined && (hasEnded || names.has(name)))
    if (isNext) return take(window, at)
    if (isMark && names.size > 0) hasEnded = true
    if (name !== undefined) names.add(name)
    if (end < 0) return window.at < text.length ? take(window, text.length) : null
    at = end + 1
  }
}

function take(window: Window, end: number) {
  const start = window.at
  window.at = end
  return { kind: '', start, end }
}

const MAX_NAMES = 50

/**
 * Reads the names and texts at the top level of a YAML document. Lists, maps, anchors and aliases are not followed: an
 * alias is the text that it looks like.
 * @returns the fields. Front matter has the text below it as `message`
 */
export function readYaml(document: string): Record<string, string> {
  const [head = '', ...rest] = document.replace(/^\s*---[ \t]*\r?\n/, '').split(/^(?:---|\.\.\.)[ \t]*\r?$/m)
  const fields: Record<string, string> = {}
  let name = ''
  let lines: string[] = []
  const finish = () => {
    if (name !== '' && Object.keys(fields).length < MAX_NAMES) fields[name] = readScalar(lines)
  }
  for (const line of head.split(/\r?\n/)) {
    const next = TOP_KEY.exec(line)?.[1]
    if (next === undefined) lines.push(line)
    else {
      finish()
      name = next
      lines = [line.slice(next.length + 1)]
    }
  }
  finish()
  const below = rest.join('\n').trim()
  return below === '' ? fields : { message: below, ...fields }
}

/** @param lines the rest of the line with the name, and the lines below it */
function readScalar([first = '', ...below]: string[]): string {
  const start = first.trim()
  const style = /^([|>])[+-]?\d?[+-]?$/.exec(start)?.[1]
  if (style !== undefined) {
    const text = withoutIndent(below).trimEnd()
    return style === '|' ? text : fold(text)
  }
  const flow = fold([start, ...below.map((line) => line.trim())].join('\n').trim())
  if (flow.startsWith("'")) return flow.replace(/^'|'$/g, '').replaceAll("''", "'")
  if (flow.startsWith('"')) return unescaped(flow.replace(/^"|"$/g, ''))
  return /^(null|~)$/.test(flow) ? '' : flow
}

function withoutIndent(lines: string[]): string {
  const indent = /^ */.exec(lines.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0
  return lines.map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length))).join('\n')
}

/** A single line break is a space, and each further one a line break. */
function fold(text: string): string {
  return text.replace(/\n+/g, (breaks) => (breaks.length === 1 ? ' ' : breaks.slice(1)))
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '', '"': '"', '\\': '\\', '/': '/', ' ': ' ', '0': '' }

function unescaped(text: string): string {
  return text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^xuU]))/g, (_, x, u, long, char) => {
    const code = Number.parseInt(x ?? u ?? long ?? '0', 16)
    if (char !== undefined) return ESCAPES[char] ?? char
    return code > 0x10ffff ? '' : String.fromCodePoint(code)
  })
}
