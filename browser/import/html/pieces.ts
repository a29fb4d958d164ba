import { Parser } from 'htmlparser2'

/* Where one entry of a page ends, and the next begins. */

/** @returns a part of a page, which is an entry or what is between entries */
export interface Piece {
  at: number
  html: string
  isBetween: boolean
}

/** Old pages have no end tags for other elements, or wrong ones. */
const BLOCKS = 'div table tr li ul ol dl section article main aside header footer nav'.split(' ')
const BLOCK = new RegExp(`<(/?)(${BLOCKS.join('|')}|hr)(?=[\\s>/])[^>]{0,1000}>`, 'gi')

export function markOf(name: string): RegExp {
  return new RegExp(`<${name}(?=[\\s>/])`, 'gi')
}

/** Cuts a page before each tag of a name. */
export function* cutBefore(html: string, name: string): Generator<Piece> {
  let from = 0
  for (const { index } of html.matchAll(markOf(name))) {
    if (index > from) yield { at: from, html: html.slice(from, index), isBetween: false }
    from = index
  }
  yield { at: from, html: html.slice(from), isBetween: false }
}

/**
 * @param name before which tag the page was cut
 * @returns where another block begins: behind a text, a line, or the end of a block that was opened before the piece
 */
export function endOfBlock(html: string, name: string): number {
  const open = new OpenBlocks()
  let isText = false
  let from = 0
  for (const { 0: tag, 1: slash, 2: given = '', index } of html.matchAll(BLOCK)) {
    isText ||= hasText(html.slice(from, index))
    from = index + tag.length
    const block = given.toLowerCase()
    if (block === 'hr') {
      if (isText && name !== 'hr') return index
    } else if (slash === '') open.push(block)
    else if (!open.close(block) && isText) return index
  }
  return html.length
}

/** Counts the blocks of each name, so that an end tag without a block costs no search. */
class OpenBlocks {
  private names: string[] = []
  private counts = new Map<string, number>()

  push(name: string): void {
    this.names.push(name)
    this.counts.set(name, this.count(name) + 1)
  }

  /** Also closes what is in the block. @returns whether such a block was open */
  close(name: string): boolean {
    if (this.count(name) === 0) return false
    for (let inner = ''; inner !== name; ) {
      inner = this.names.pop() ?? name
      this.counts.set(inner, this.count(inner) - 1)
    }
    return true
  }

  private count(name: string): number {
    return this.counts.get(name) ?? 0
  }
}

function hasText(html: string): boolean {
  return /\S/.test(html.replace(/<[^>]{0,1000}>|&nbsp;/g, ''))
}

/** Names of elements that can contain an entry. */
const UNITS = 'div li article section table tr p dl blockquote'.split(' ')
/** Deeper elements cost the parser time. */
const MAX_DEPTH = 2_000

/** Elements of the same shape have the same name, and the same first class or, without classes, the same depth. */
function walk(
  html: string,
  open: (shape: string, at: number) => void,
  close: (shape: string, end: number) => void
): void {
  const shapes: string[] = []
  let isAtEnd = false
  let depth = 0
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (BLOCKS.includes(name)) depth += 1
      const style = /\S+/.exec(attributes.class ?? '')?.[0]
      const shape = UNITS.includes(name) ? `${name}${style ? `.${style}` : depth}` : ''
      if (shapes.push(shape) > MAX_DEPTH) parser.pause()
      if (shape !== '') open(shape, parser.startIndex)
    },
    onclosetag: (name, isImplied) => {
      if (BLOCKS.includes(name)) depth -= 1
      const shape = shapes.pop() ?? ''
      if (shape !== '') close(shape, isAtEnd ? html.length : isImplied ? parser.startIndex : parser.endIndex + 1)
    },
  })
  parser.write(html)
  isAtEnd = true
  parser.end()
}

/** @returns the shapes that a page has more than once, in the order of the page */
export function shapesOf(html: string): string[] {
  const counts = new Map<string, number>()
  walk(
    html,
    (shape) => counts.set(shape, (counts.get(shape) ?? 0) + 1),
    () => {}
  )
  return [...counts].filter(([, count]) => count > 1).map(([shape]) => shape)
}

/** Cuts a page into the elements of a shape. An element in another one of the same shape is a piece of its own. */
export function* cutShapes(html: string, wanted: string): Generator<Piece> {
  const spans: [from: number, to: number][] = []
  let from = -1
  walk(
    html,
    (shape, at) => {
      if (shape !== wanted) return
      if (from >= 0) spans.push([from, at])
      from = at
    },
    (shape, end) => {
      if (shape !== wanted || from < 0) return
      spans.push([from, end])
      from = -1
    }
  )
  let last = 0
  for (const [start, end] of spans) {
    if (start > last) yield { at: last, html: html.slice(last, start), isBetween: true }
    yield { at: start, html: html.slice(start, end), isBetween: false }
    last = end
  }
  if (last < html.length) yield { at: last, html: html.slice(last), isBetween: true }
}
