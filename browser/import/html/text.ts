import { Parser } from 'htmlparser2'

/*
 * Turns HTML into the plain text of an entry. The result is escaped like any other text when it is shown, so this is
 * about what is readable, not about what is safe.
 */

export interface TextOptions {
  /** Whether line breaks of the source count. Then, tags that HTML does not know are text. */
  keepsLines: boolean
  /** Whether the book shows *emphasis*, **strong** and `code`. */
  markup: boolean
}

const BREAKS = new Map([
  ...'br div tr hr center dl dt dd form ol ul tbody thead'.split(' ').map((name): [string, string] => [name, '\n']),
  ...'p h1 h2 h3 h4 h5 h6 pre table blockquote'.split(' ').map((name): [string, string] => [name, '\n\n']),
  ['li', '\n- '],
  ['td', ' '],
  ['th', ' '],
])
const MARKS = new Map(Object.entries({ b: '**', strong: '**', i: '*', em: '*', code: '`' }))
const HIDDEN = 'script style iframe object title noscript select textarea'.split(' ')
const OTHERS =
  'a u s del ins span font img small big sub sup tt strike q cite abbr html head body meta link embed video audio'
const KNOWN = [...BREAKS.keys(), ...MARKS.keys(), ...HIDDEN, ...OTHERS.split(' ')].join('|')
/** Each has a name, and perhaps a value: `a<b && c>d` is no tag. Behind a quote, people forget the space. */
const ATTRIBUTES = `(?:(?:\\s+|(?<=["']))[\\w:.@-]+(?:\\s*=\\s*(?:"[^"]*"|'[^']*'|[^\\s"'<>]+))?){0,50}`
/** Each `<`, with the name of the tag that begins there, if there is one. */
const LESS = new RegExp(`<(?:(?=(!--|/?(?:${KNOWN})(?=${ATTRIBUTES}\\s*/?>)))|)`, 'gi')
/** What hides the text up to its end. */
const HIDING = [...HIDDEN, '!--']
const END = new RegExp(`</(${HIDDEN.join('|')})\\s*>|-->`, 'gi')
/** Code in Markdown: in a line, or between two lines. */
const CODE = /(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|^ {0,3}```[\s\S]*?^ {0,3}```/gm
/** Addresses in a text have such names of parameters, as in `?a=1&copy=2`. */
const NO_ENTITY = /&(?!#?\w{1,31};)/g
const MAX_QUOTES = 3
/** Deeper elements cost the parser time. */
const MAX_DEPTH = 2_000

/** @returns the text, with line breaks as `\n`. It still has to pass the rules for texts */
export function htmlToText(html: string, options: TextOptions): string {
  const writer = new Writer(options)
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (writer.open(name, attributes) > MAX_DEPTH) parser.pause()
    },
    ontext: (text) => writer.text(text),
    onclosetag: (name, isImplied) => writer.close(name, isImplied),
  })
  const source = html.replace(NO_ENTITY, '&amp;')
  parser.write(options.keepsLines ? withoutFalseTags(source) : source)
  parser.end()
  return writer.parts.join('')
}

/** People write about `<title>`. Without an end tag, the parser would hide everything behind it. */
function withoutFalseTags(html: string): string {
  const source = html.replace(CODE, (code) => code.replaceAll('<', '&lt;'))
  const ends = new Map(Array.from(source.matchAll(END), ({ 1: name = '!--', index }) => [name.toLowerCase(), index]))
  return source.replace(LESS, (less, found: string | undefined, at: number) => {
    const name = found?.toLowerCase() ?? ''
    const isTag = name !== '' && (!HIDING.includes(name) || (ends.get(name) ?? -1) > at)
    return isTag ? less : '&lt;'
  })
}

class Writer {
  parts: string[] = []
  /** Where the link that is open starts, and where it leads. */
  private link: { from: number; href: string } | null = null
  private quotes: number[] = []
  private hidden = 0
  private pre = 0
  private depth = 0

  constructor(private readonly options: TextOptions) {}

  text(text: string): void {
    const isAsWritten = this.options.keepsLines || this.pre > 0
    if (this.hidden === 0) this.parts.push(isAsWritten ? text : text.replace(/[ \t\r\n\f]+/g, ' '))
  }

  /** @returns how many elements are open */
  open(name: string, { href = '', alt = '' }: Record<string, string>): number {
    this.depth += 1
    if (HIDDEN.includes(name)) this.hidden += 1
    if (name === 'pre') this.pre += 1
    if (this.hidden > 0) return this.depth
    if (name === 'a') this.link = { from: this.parts.length, href: href.trim() }
    if (name === 'blockquote') this.quotes.push(this.parts.length)
    if (name === 'img') this.parts.push(alt.trim())
    this.parts.push(this.markOf(name) ?? BREAKS.get(name) ?? '')
    return this.depth
  }

  close(name: string, isImplied: boolean): void {
    this.depth -= 1
    if (HIDDEN.includes(name)) this.hidden -= 1
    if (name === 'pre') this.pre -= 1
    if (this.hidden > 0 || isImplied) return
    if (name === 'a') this.closeLink()
    if (name === 'blockquote') this.closeQuote()
    this.parts.push(this.markOf(name) ?? (BREAKS.get(name) === '\n\n' ? '\n\n' : ''))
  }

  /** A mark ends with its line, so code of several lines has none. */
  private markOf(name: string): string | undefined {
    return this.options.markup && this.pre === 0 ? MARKS.get(name) : undefined
  }

  /** The address follows the words, unless the words are the address. */
  private closeLink(): void {
    const { parts, link } = this
    this.link = null
    if (!link || !/^https?:\/\//i.test(link.href)) return
    const words = parts.splice(link.from).join('').trim()
    const isAddress = /^(https?:\/\/|www\.)/i.test(words) || link.href.replace(/\/$/, '').endsWith(words)
    parts.push(isAddress || words === '' ? link.href : `${words} (${link.href})`)
  }

  private closeQuote(): void {
    const from = this.quotes.pop()
    if (from === undefined || this.quotes.length >= MAX_QUOTES) return
    const lines = this.parts.splice(from).join('').trim().split(/\n+/)
    this.parts.push('\n\n', lines.map((line) => `> ${line.trim()}`).join('\n'))
  }
}

/** @returns the decoded value of an attribute of a tag; empty if there is none */
export function attributeOf(tag: string, name: string): string {
  let value = ''
  const parser = new Parser({ onopentag: (_, attributes) => (value ||= attributes[name]?.trim() ?? '') })
  parser.end(tag)
  return value
}
