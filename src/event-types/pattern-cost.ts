import { type Atom, canMatchSame, type Node, parsePattern } from './parse-pattern'

/*
 * Estimates how long a regular expression can take. JavaScript's engine tries one way to match a text after another, so
 * the time depends on how many ways there are: one for `^[a-z]+$`, as many as the text has characters for `^.*x`, and
 * twice as many with each further character for `^(a+)+$`.
 */

/** A number of ways: `factor` times the length of the text to the power of `degree`. */
interface Ways {
  factor: number
  degree: number
}

/** What can come next. */
type Heads = (Atom | 'end of match' | 'end of node')[]

/** The engine takes about ten milliseconds for this many steps. */
const MAX_STEPS = 1_000_000

/**
 * @param pattern a valid regular expression with the flag `u`
 * @returns the length of the longest text that can be matched in about ten milliseconds; 0 if this cannot be estimated
 */
export function longestText(pattern: string): number {
  const branches = parsePattern(pattern)
  if (branches === null) return 0
  const { factor, degree } = waysOfGroup(branches, ['end of match'])
  // Each way reads the whole text. Without an anchor, each character is tried as the start.
  const isAnchored = branches.every(([first]) => first?.kind === 'edge' && first.source === '^')
  // Rounded, because the cube root of a million is slightly less than 100 in floating point.
  return Math.round((MAX_STEPS / factor) ** (1 / (degree + (isAnchored ? 1 : 2))))
}

const ONE: Ways = { factor: 1, degree: 0 }
const EVERY_LENGTH: Ways = { factor: 1, degree: 1 }
const TOO_MANY: Ways = { factor: Number.POSITIVE_INFINITY, degree: 0 }

/** @param next what can follow the node */
function waysOf(node: Node, next: Heads): Ways {
  if (node.kind === 'group') return waysOfGroup(node.branches, next)
  if (node.kind === 'look') return waysOfGroup(node.branches, ['end of match'])
  return node.kind === 'repeat' ? waysOfRepeat(node, next) : ONE
}

/** If the next character decides between the alternatives, only one of them is tried. */
function waysOfGroup(branches: Node[][], next: Heads): Ways {
  const ways = branches.map((nodes) =>
    nodes.map((node, i) => waysOf(node, headsOf(nodes.slice(i + 1), next))).reduce(times, ONE)
  )
  const heads = branches.map((nodes) => headsOf(nodes, next))
  const isDecided = heads.every((one, i) => heads.slice(i + 1).every((other) => !overlap(one, other)))
  const factors = ways.map(({ factor }) => factor)
  const factor = isDecided ? Math.max(...factors) : factors.reduce((sum, each) => sum + each, 0)
  return { factor, degree: Math.max(...ways.map(({ degree }) => degree)) }
}

/** If the next character decides whether to repeat, there is one way, otherwise one for each number of repetitions. */
function waysOfRepeat({ of, min, max }: Extract<Node, { kind: 'repeat' }>, next: Heads): Ways {
  const heads = headsOf([of], [])
  const inner = waysOf(of, max > 1 ? [...heads, ...next] : next)
  const isEndless = max === Number.POSITIVE_INFINITY
  if (isEndless && (inner.factor > 1 || inner.degree > 0)) return TOO_MANY
  const all = isEndless ? ONE : { factor: inner.factor ** max, degree: inner.degree * max }
  if (min === max || !overlap(heads, next)) return all
  return times(all, isEndless ? EVERY_LENGTH : { factor: max - min + 1, degree: 0 })
}

function times(one: Ways, other: Ways): Ways {
  return { factor: one.factor * other.factor, degree: one.degree + other.degree }
}

/** @returns what can come first in a sequence, including `next` if the sequence can be empty */
function headsOf(nodes: Node[], next: Heads): Heads {
  const heads: Heads = []
  for (const node of nodes) {
    const first = firstOf(node)
    heads.push(...first.heads)
    if (!first.isOptional) return [...new Set(heads)]
  }
  return [...new Set([...heads, ...next])]
}

/** @returns what can come first in a node, and whether the node can be empty */
function firstOf(node: Node): { heads: Heads; isOptional: boolean } {
  if (node.kind === 'atom') return { heads: [node], isOptional: false }
  if (node.kind === 'edge' || node.kind === 'look') return { heads: [], isOptional: true }
  const branches = node.kind === 'group' ? node.branches : [[node.of]]
  const heads = branches.flatMap((nodes) => headsOf(nodes, ['end of node']))
  const isOptional = heads.includes('end of node') || (node.kind === 'repeat' && node.min === 0)
  return { heads: heads.filter((head) => head !== 'end of node'), isOptional }
}

/** @returns whether one character can match one of each */
function overlap(heads: Heads, others: Heads): boolean {
  return heads.some((one) => others.some((other) => isAtom(one) && isAtom(other) && canMatchSame(one, other)))
}

function isAtom(head: Heads[number]): head is Atom {
  return typeof head === 'object'
}
