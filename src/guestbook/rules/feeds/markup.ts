/* Writes XML 1.0 that no text can break (https://www.w3.org/TR/xml/). */

/** Everything except `Char` in section 2.2 of XML 1.0, and except surrogates. */
const FORBIDDEN = /[^\t\n\r\u0020-\ufffd]/g

/** @returns the text without what XML forbids even as references, and with line feeds only (XML 1.0, section 2.11) */
export function legible(text: string): string {
  // Only the slower mode "u" tells a lone surrogate from a pair.
  const whole = text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '')
  return whole.replace(FORBIDDEN, '').replace(/\r\n?/g, '\n')
}

/** A list of replacements by character code. */
function byCode(replacements: Record<string, string>): (string | undefined)[] {
  const list: (string | undefined)[] = new Array(LAST_CODE + 1).fill(undefined)
  for (const [char, replacement] of Object.entries(replacements)) list[char.charCodeAt(0)] = replacement
  return list
}

/** Every character that is replaced comes before this one, or is this one. */
const LAST_CODE = '>'.charCodeAt(0)
const MARKUP = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const CONTENT = byCode(MARKUP)
// A parser would turn white space in an attribute into spaces (section 3.3.3).
const ATTRIBUTE = byCode({ ...MARKUP, '"': '&quot;', '\t': '&#9;', '\n': '&#10;' })

/** In one pass: on a text full of such characters, `replaceAll` or a regular expression takes several times as long. */
function substitute(text: string, replacements: (string | undefined)[]): string {
  let written = ''
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const replacement = code > LAST_CODE ? undefined : replacements[code]
    if (replacement === undefined) continue
    written += text.slice(start, i) + replacement
    start = i + 1
  }
  return start === 0 ? text : written + text.slice(start)
}

/** @returns a text as the content of an XML element */
export const xmlText = (text: string): string => substitute(legible(text), CONTENT)

const HTML = byCode({ ...MARKUP, '"': '&quot;' })

/** @param text as stored: well-formed, and without controls @returns the content of an HTML element or attribute */
export const escaped = (text: string): string => substitute(text, HTML)

/** @returns a text as an XML attribute in double quotes */
const xmlAttribute = (text: string): string => substitute(legible(text), ATTRIBUTE)

export type Attributes = Record<string, string | number | null>

/** @param attributes those that are null are left out @param content markup; null for an element without content */
export function element(name: string, attributes: Attributes, content: string | null = null): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${xmlAttribute(String(value))}"`)
    .join('')
  return content === null ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
