import { type Comment, type Context, type Found, foundAt, type Reading } from '../records'
import { readEntry, textOf } from './entry'
import { isNameTag } from './marks'
import { cutBefore, cutShapes, endOfBlock, markOf, type Piece, shapesOf } from './pieces'

/*
 * A guestbook as a page of HTML, such as those that CGI scripts of the nineties wrote. Entries have something between
 * them, usually a line (`<hr>`), or each of them is an element of the same shape.
 */

const SEPARATORS = ['hr', 'table', 'tr', 'dt', 'li', 'article', 'p', 'div']
/** What an entry in such an element contains ends with it. */
const CONTAINERS = ['table', 'tr', 'li', 'article', 'div']
const SAMPLE = 64_000
/** How many shapes of elements are tried. */
const MAX_SHAPES = 12

/** How a page is cut, and how its pieces are read. */
interface Way {
  cut: (html: string) => Iterable<Piece>
  read: (piece: Piece, now: number) => Generator<Found>
}

/** What a way finds at the start of a page. */
interface Score {
  way: Way
  entries: number
  pieces: number
}

/** The start of the page decides how it is cut. */
export function* readPage(html: string, { now }: Context): Generator<Found> {
  const start = html.slice(0, SAMPLE)
  const way = wayFor(start, now)
  const isNameFirst = startsWithNames(start, way, now)
  let isHead = true
  for (const piece of way.cut(html)) {
    const { at } = piece
    const given = isHead ? { ...piece, html: withoutHeadings(piece.html) } : piece
    const found = [...way.read(given, now)]
    const first = found.find((one) => 'comment' in one)
    const from = isHead && isNameFirst && first ? lineOf(given.html, first.comment.name) : 0
    if (first) isHead = false
    const rest = { at: at + from, html: given.html.slice(from), isBetween: false }
    if (textOf(given.html.slice(0, from)) === '') yield* found
    else yield* [{ position: at, skip: 'not_understood', id: '' } as const, ...way.read(rest, now)]
  }
}

/** The separator counts unless it finds few entries, or other ways find several in each of its pieces. */
function wayFor(start: string, now: number): Way {
  const names = SEPARATORS.filter((name) => (start.match(markOf(name))?.length ?? 0) > 1)
  const usual = scoreOf(separatedBy(names[0] ?? 'hr'), start, now)
  const shapes = shapesOf(start).slice(0, MAX_SHAPES)
  const lines = markOf('hr').test(start) ? [separatedBy('hr')] : []
  const others = [...lines, ...shapes.map((shape) => shaped(shape, false)), ...names.map(separatedBy)]
  const best = bestOf([usual.way, ...others], start, now)
  const isUsual = usual.entries > 1 && usual.entries * 2 >= usual.pieces
  if (isUsual ? best.entries < 2 * usual.entries : best.entries <= usual.entries) {
    if (usual.entries > 0) return usual.way
    const undated = bestOf([usual.way, ...shapes.map((shape) => shaped(shape, true))], start, now)
    return undated.entries > 1 ? undated.way : usual.way
  }
  return best.way
}

function bestOf(ways: Way[], start: string, now: number): Score {
  const scores = ways.map((way) => scoreOf(way, start, now))
  return scores.reduce((best, score) => (score.entries > best.entries ? score : best))
}

function scoreOf(way: Way, start: string, now: number): Score {
  let [entries, pieces] = [0, 0]
  for (const piece of way.cut(start))
    for (const found of way.read(piece, now)) {
      pieces += 1
      if ('comment' in found) entries += 1
    }
  return { way, entries, pieces }
}

function shaped(shape: string, isUndated: boolean): Way {
  return {
    cut: (html) => cutShapes(html, shape),
    read: function* ({ at, html, isBetween }, now) {
      yield* isBetween ? notUnderstood(at, html) : foundAt(at, readEntry(html, now, isUndated))
    },
  }
}

function separatedBy(name: string): Way {
  return { cut: (html) => cutBefore(html, name), read: (piece, now) => readCut(piece, name, now) }
}

/** What follows the end of the block is not part of the entry. */
function* readCut({ at, html }: Piece, name: string, now: number): Generator<Found> {
  const end = endOfBlock(html, name)
  const own = readOwn(html.slice(0, end), name, now)
  const rest = html.slice(end)
  // A line can be in a cell of a table, and the text in the next one.
  const isInOne = isComment(own) || name !== 'hr' || end === html.length
  if (!isInOne) return yield* foundAt(at, readEntry(html, now))
  yield* foundAt(at, own)
  yield* notUnderstood(at + end, rest)
}

/** The text of one element, and a name after its end, are of different entries. */
function readOwn(html: string, name: string, now: number): Reading {
  const close = new RegExp(`</${name}(?=[\\s>])`, 'i').exec(html)?.index ?? html.length
  const inner = html.slice(0, close)
  const whole = readEntry(html, now)
  if (close === html.length || !isComment(whole)) return whole
  const own = CONTAINERS.includes(name) ? readEntry(inner, now) : null
  if (isComment(own)) return own
  const text = textOf(inner)
  return text === '' || text.includes(whole.name) ? whole : { skip: 'not_understood' }
}

function isComment(reading: Reading): reading is Comment {
  return reading !== null && 'name' in reading
}

function notUnderstood(at: number, html: string): Found[] {
  return textOf(html) === '' ? [] : [{ position: at, skip: 'not_understood', id: '' }]
}

/** The heading of the page is not part of its first entry. What follows keeps its position. */
function withoutHeadings(html: string): string {
  return html.replace(/<(h[1-3])((?:\s[^>]{0,200})?)>[\s\S]{0,500}?<\/\1\s{0,9}>/gi, (found, _, attributes) =>
    isNameTag(attributes) ? found : '<br>'.padEnd(found.length)
  )
}

/** @returns whether the first line of most entries contains the name, so that nothing before it belongs to an entry */
function startsWithNames(start: string, way: Way, now: number): boolean {
  let [yes, no] = [0, 0]
  for (const piece of [...way.cut(start)].slice(1))
    for (const found of way.read(piece, now)) {
      if (!('comment' in found)) continue
      if (textOf(piece.html).split('\n', 1)[0]?.includes(found.comment.name)) yes += 1
      else no += 1
    }
  return yes > no
}

const LINE = /<\/?(?:br|p|div|table|tr|ul|ol|li|dl|dt|dd|h[1-6]|center|form|hr|blockquote)(?=[\s>/])/gi

/** @returns where the line with a name begins */
function lineOf(html: string, name: string): number {
  const before = html.slice(0, Math.max(html.indexOf(name), 0))
  return [...before.matchAll(LINE)].at(-1)?.index ?? 0
}
