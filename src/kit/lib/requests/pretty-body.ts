import { type Bytes, decodeUtf8 } from '../bytes'
import { isTooDeep, parseJson } from '../json'

/* Formats a body for display. It is never parsed and serialized again, so numbers keep all their digits. */

interface BodyView {
  kind: 'empty' | 'json' | 'form' | 'xml' | 'text' | 'hex'
  text: string
  /** The fields of a form, in order. */
  fields: [string, string][]
  /** True if only the beginning is shown. */
  isCut: boolean
}

const MAX_TEXT_BYTES = 64 * 1_024
const MAX_HEX_BYTES = 4 * 1_024

/** @param type the content type; a body that does not match it is shown as plain text */
export function viewBody(body: Bytes, type: string | null): BodyView {
  const view = { text: '', fields: [], isCut: body.length > MAX_TEXT_BYTES }
  if (body.length === 0) return { ...view, kind: 'empty' }
  const text = textOf(body)
  if (text === null) return { ...view, kind: 'hex', text: toHexDump(body), isCut: body.length > MAX_HEX_BYTES }
  if (isJson(text, view.isCut)) return { ...view, kind: 'json', text: indentJson(text) }
  if (/^application\/x-www-form-urlencoded\b/i.test(type ?? ''))
    return { ...view, kind: 'form', fields: [...new URLSearchParams(text)] }
  if (/\bxml\b/i.test(type ?? '') || /^\s*<\?xml/.test(text)) return { ...view, kind: 'xml', text: indentXml(text) }
  return { ...view, kind: 'text', text }
}

/** The cut may fall inside a character, so up to three trailing bytes are dropped. @returns null for binary data */
function textOf(body: Bytes): string | null {
  const shown = body.subarray(0, MAX_TEXT_BYTES)
  if (shown.includes(0)) return null
  for (let dropped = 0; dropped <= (body.length > MAX_TEXT_BYTES ? 3 : 0); dropped++) {
    const text = decodeUtf8(shown.subarray(0, shown.length - dropped))
    if (text !== null) return text
  }
  return null
}

/** A log line may also start with a bracket, so the text is parsed, unless it was cut or is nested too deeply. */
function isJson(text: string, isCut: boolean): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  return isCut || isTooDeep(text) || parseJson(text) !== undefined
}

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/g

/** Adds line breaks and indentation between JSON tokens. The tokens themselves stay unchanged. */
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

/** Without a limit, the size of the page would grow with the square of the nesting depth. */
const MAX_INDENT = 20

const newLine = (depth: number): string => `\n${'  '.repeat(Math.min(depth, MAX_INDENT))}`

/** Starts a new, indented line between two adjacent tags. Text stays on the same line as its tag. */
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

const BYTES_PER_ROW = 16

/** @returns rows of 16 bytes: offset, hexadecimal, and printable ASCII */
export function toHexDump(body: Bytes): string {
  const rows: string[] = []
  for (let at = 0; at < Math.min(body.length, MAX_HEX_BYTES); at += BYTES_PER_ROW) {
    const row = [...body.subarray(at, at + BYTES_PER_ROW)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
    rows.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(BYTES_PER_ROW * 3 - 1)}  ${ascii.join('')}`)
  }
  return rows.join('\n')
}
