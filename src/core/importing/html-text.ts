import { decodeEntities } from '../webmentions/entities'

/*
 * Turns HTML into the plain text of an entry. The result is escaped like any other text when it is shown, so this is
 * about what is readable, not about what is safe. Each character is looked at a bounded number of times.
 */

export interface TextOptions {
  /** Whether line breaks of the source count. Then, tags that HTML does not know are text. */
  keepsLines: boolean
  /** Whether the book shows *emphasis*, **strong** and `code`. */
  markup: boolean
}

const BREAKS: Record<string, string> = {
  ...Object.fromEntries('br div tr hr center dl dt dd form ol ul tbody thead'.split(' ').map((name) => [name, '\n'])),
  ...Object.fromEntries('p h1 h2 h3 h4 h5 h6 pre table blockquote'.split(' ').map((name) => [name, '\n\n'])),
  li: '\n- ',
  td: ' ',
  th: ' ',
}
const MARKS: Record<string, string> = { b: '**', strong: '**', i: '*', em: '*', code: '`' }
const HIDDEN = new Set('script style iframe object title noscript select textarea'.split(' '))
const KNOWN = new Set([
  ...Object.keys({ ...BREAKS, ...MARKS }),
  ...HIDDEN,
  ...'a u s del ins span font img small big sub sup tt strike q cite abbr html head body meta link embed video audio'.split(
    ' '
  ),
])

const NAME = /<(\/?)([a-z][a-z0-9]{0,11})(?=[\s/>])/iy
const MAX_TAG = 500
const MAX_QUOTES = 3

interface Output {
  parts: string[]
  /** Where the link that is open starts, and where it leads. */
  link: { from: number; href: string } | null
  quotes: number[]
}

/** @returns the text, with line breaks as `\n`. It still has to pass the rules for texts */
export function htmlToText(html: string, options: TextOptions): string {
  const out: Output = { parts: [], link: null, quotes: [] }
  let done = 0
  for (let at = html.indexOf('<'); at >= 0; at = html.indexOf('<', at)) {
    const end = endOfMarkup(html, at, options)
    if (end === at) {
      at += 1
      continue
    }
    addText(out, html.slice(done, at), options)
    addTag(out, html.slice(at, Math.min(end, at + MAX_TAG)), options)
    done = end
    at = end
  }
  addText(out, html.slice(done), options)
  return out.parts.join('')
}

/** @returns the end of the tag or comment that starts there; the same position if there is only text */
function endOfMarkup(html: string, at: number, { keepsLines }: TextOptions): number {
  if (html.startsWith('<!', at)) return after(html, html.startsWith('<!--', at) ? '-->' : '>', at)
  NAME.lastIndex = at
  const [, slash = '', given = ''] = NAME.exec(html) ?? []
  const name = given.toLowerCase()
  if (name === '' || (keepsLines && !KNOWN.has(name))) return at
  const end = after(html, '>', at)
  return slash === '' && HIDDEN.has(name) ? Math.max(closing(html, name, end), end) : end
}

function after(html: string, mark: string, at: number): number {
  const end = html.indexOf(mark, at)
  return end < 0 ? html.length : end + mark.length
}

/** What is inside such an element is not shown. */
function closing(html: string, name: string, from: number): number {
  const close = new RegExp(`</${name}`, 'gi')
  close.lastIndex = from
  const found = close.exec(html)
  return found ? after(html, '>', found.index) : html.length
}

function addText({ parts }: Output, source: string, { keepsLines }: TextOptions): void {
  if (source !== '') parts.push(decodeEntities(keepsLines ? source : source.replace(/\s+/g, ' ')))
}

function addTag(out: Output, tag: string, { markup }: TextOptions): void {
  NAME.lastIndex = 0
  const [, slash = '', given = ''] = NAME.exec(tag) ?? []
  const name = given.toLowerCase()
  if (name === 'a' && slash === '') out.link = { from: out.parts.length, href: attributeOf(tag, 'href') }
  if (name === 'a' && slash !== '') closeLink(out)
  if (name === 'blockquote') quote(out, slash === '')
  if (name === 'img') out.parts.push(attributeOf(tag, 'alt'))
  if (markup && MARKS[name] !== undefined) out.parts.push(MARKS[name])
  else if (slash === '' || BREAKS[name] === '\n\n') out.parts.push(BREAKS[name] ?? '')
}

/** @returns the decoded value; empty if there is none */
export function attributeOf(tag: string, name: 'href' | 'alt' | 'dsq:id'): string {
  const found = ATTRIBUTES[name].exec(tag)
  return decodeEntities(found?.[1] ?? found?.[2] ?? found?.[3] ?? '').trim()
}

const attribute = (name: string) => new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i')
const ATTRIBUTES = { href: attribute('href'), alt: attribute('alt'), 'dsq:id': attribute('dsq:id') }

/** The address follows the words, unless the words are the address. */
function closeLink(out: Output): void {
  const { parts, link } = out
  out.link = null
  if (!link || !/^https?:\/\//i.test(link.href)) return
  const words = parts.splice(link.from).join('').trim()
  const isAddress = /^(https?:\/\/|www\.)/i.test(words) || link.href.replace(/\/$/, '').endsWith(words)
  parts.push(isAddress || words === '' ? link.href : `${words} (${link.href})`)
}

function quote(out: Output, isOpening: boolean): void {
  if (isOpening) {
    out.quotes.push(out.parts.length)
    return
  }
  const from = out.quotes.pop()
  if (from === undefined || out.quotes.length >= MAX_QUOTES) return
  const lines = out.parts.splice(from).join('').trim().split(/\n+/)
  out.parts.push('\n\n', lines.map((line) => `> ${line.trim()}`).join('\n'))
}
