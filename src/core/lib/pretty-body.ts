import { type Bytes, decodeUtf8 } from './bytes'
import { isTooDeep, parseJson } from './json'

/*
 * A body as people read it. Nothing is parsed for it: numbers stay as they were written, however long they are.
 */

export interface BodyView {
  kind: 'empty' | 'json' | 'form' | 'xml' | 'text' | 'hex'
  text: string
  /** Of a form, in its order. */
  fields: [string, string][]
  /** There is more than is shown. */
  isCut: boolean
}

const SHOWN = 64 * 1_024
const SHOWN_HEX = 4 * 1_024

/** @param type the content type; what is not as it says is shown as it is */
export function viewBody(body: Bytes, type: string | null): BodyView {
  const view = { text: '', fields: [], isCut: body.length > SHOWN }
  if (body.length === 0) return { ...view, kind: 'empty' }
  const text = textOf(body)
  if (text === null) {
    return { ...view, kind: 'hex', text: toHexDump(body), isCut: body.length > SHOWN_HEX }
  }
  if (isJson(text, view.isCut)) return { ...view, kind: 'json', text: indentJson(text) }
  if (/^application\/x-www-form-urlencoded\b/i.test(type ?? '')) {
    return { ...view, kind: 'form', fields: [...new URLSearchParams(text)] }
  }
  if (/\bxml\b/i.test(type ?? '') || /^\s*<\?xml/.test(text)) {
    return { ...view, kind: 'xml', text: indentXml(text) }
  }
  return { ...view, kind: 'text', text }
}

/** What is cut may end within a character: up to three bytes are let go of for it. */
function textOf(body: Bytes): string | null {
  const shown = body.subarray(0, SHOWN)
  if (shown.includes(0)) return null
  for (let less = 0; less <= (body.length > SHOWN ? 3 : 0); less++) {
    const text = decodeUtf8(shown.subarray(0, shown.length - less))
    if (text !== null) return text
  }
  return null
}

/** A log line may begin like JSON too. What was cut, or nests deeper than is read, cannot be parsed: how it begins has to do. */
function isJson(text: string, isCut: boolean): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  return isCut || isTooDeep(text) || parseJson(text) !== undefined
}

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g

/** Line breaks and indents between the tokens of JSON; the tokens stay as they are. */
export function indentJson(text: string): string {
  let out = ''
  let depth = 0
  let before = ''
  for (const [token] of text.matchAll(JSON_TOKEN)) {
    const closes = token === '}' || token === ']'
    const wasOpen = before === '{' || before === '['
    if (closes) depth = Math.max(depth - 1, 0)
    if (closes ? !wasOpen : wasOpen || before === ',') out += newLine(depth)
    out += token === ':' ? ': ' : token
    if (token === '{' || token === '[') depth += 1
    before = token
  }
  return out
}

/** Deep nesting must not make the page grow with its square. */
const MAX_INDENT = 20

function newLine(depth: number): string {
  return `\n${'  '.repeat(Math.min(depth, MAX_INDENT))}`
}

/** A line for each tag, indented; text stays with what is around it. */
export function indentXml(text: string): string {
  let depth = 0
  const lines = text.split(/(?<=>)\s*(?=<)/).map((line) => {
    const closes = /^<\//.test(line)
    if (closes) depth = Math.max(depth - 1, 0)
    const indented = `${'  '.repeat(Math.min(depth, MAX_INDENT))}${line.trim()}`
    if (/^<[^/?!][^>]*[^/]>$|^<[^/?!]>$/.test(line.trim())) depth += 1
    return indented
  })
  return lines.join('\n')
}

const ROW = 16

/** Offset, bytes in hex, and what is ASCII of them. */
export function toHexDump(body: Bytes): string {
  const rows: string[] = []
  for (let at = 0; at < Math.min(body.length, SHOWN_HEX); at += ROW) {
    const row = [...body.subarray(at, at + ROW)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    rows.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(ROW * 3 - 1)}  ${ascii.join('')}`)
  }
  return rows.join('\n')
}
