import { contained } from '../../../src/kit/lib/text/bidi'

/*
 * Finds text in a page that could change the order of the text around it: text with directional characters that does
 * not stand in an element that isolates it.
 */

const DIRECTIONAL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2029]/
const TOKEN = /<!--[\s\S]*?-->|<(\/?)([a-z][\w-]*)([^>]*)>|[^<]+/gi
const ATTRIBUTE = /([\w-]+)="([^"]*)"/g
const VOID = new Set(['meta', 'link', 'input', 'br', 'hr', 'img'])
/** Text in these elements and attributes has no elements around it, so it needs isolates within itself. */
const PLAIN = new Set(['title', 'option'])
const READ_ALOUD_OR_SHOWN = new Set(['title', 'aria-label', 'alt', 'content', 'label', 'data-label', 'placeholder'])
/** A block with its own direction. Its text cannot change the order of text in other blocks. */
const BLOCKS = new Set(['h1', 'p', 'pre', 'div', 'dd', 'li', 'td'])

interface Element {
  name: string
  attributes: Map<string, string>
}

/** @returns what is wrong in the page */
export function looseTexts(html: string): string[] {
  const open: Element[] = []
  const found: string[] = []
  for (const [token, slash, name = '', rest = ''] of html.matchAll(TOKEN)) {
    if (token.startsWith('<!')) continue
    if (slash === '/')
      open.length = Math.max(
        open.findLastIndex((element) => element.name === name.toLowerCase()),
        0
      )
    else if (name) {
      const element = { name: name.toLowerCase(), attributes: attributesOf(rest) }
      found.push(...looseAttributes(element))
      if (!VOID.has(element.name)) open.push(element)
    } else if (isLoose(decode(token), open.at(-1))) found.push(placeOf(decode(token), open))
  }
  return found
}

function attributesOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, decode(value)]))
}

function looseAttributes({ name, attributes }: Element): string[] {
  return [...attributes].flatMap(([attribute, value]) =>
    READ_ALOUD_OR_SHOWN.has(attribute) && isLoosePlain(value) ? [`${name}[${attribute}] ${JSON.stringify(value)}`] : []
  )
}

function isLoose(text: string, parent: Element | undefined): boolean {
  if (!DIRECTIONAL.test(text)) return false
  if (parent === undefined) return true
  if (parent.name === 'bdi') return contained(text) !== text
  if (parent.name === 'textarea') return false
  if (PLAIN.has(parent.name)) return isLoosePlain(text)
  return !(BLOCKS.has(parent.name) && parent.attributes.get('dir') === 'auto')
}

/** @returns whether a directional character stands outside of every first-strong isolate that is closed */
function isLoosePlain(text: string): boolean {
  let depth = 0
  for (const char of text) {
    if (char === '\u2029' || (depth === 0 && char !== '\u2068' && DIRECTIONAL.test(char))) return true
    if ('\u2066\u2067\u2068'.includes(char)) depth += 1
    if (char === '\u2069') depth -= 1
  }
  return depth !== 0
}

function placeOf(text: string, open: Element[]): string {
  return `${open.map(({ name }) => name).join(' ')}: ${JSON.stringify(text)}`
}

export function decode(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
