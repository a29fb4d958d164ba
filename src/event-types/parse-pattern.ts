/* Parses the structure of a regular expression: what is repeated, and what the alternatives are. */

export type Node =
  | Atom
  /** A position: `^`, `$`, `\b` or `\B`. */
  | { kind: 'edge'; source: string }
  | { kind: 'group'; branches: Node[][] }
  /** A look-ahead or look-behind. */
  | { kind: 'look'; branches: Node[][] }
  | { kind: 'repeat'; of: Node; min: number; max: number }

/** One character, such as `a`, `\d` or `[a-z]`. Atoms with the same source are the same object. */
export interface Atom {
  kind: 'atom'
  /** Whether the atom matches each ASCII character. */
  ascii: boolean[]
  /** The only character that the atom matches, or null. */
  literal: string | null
  matches: (char: string) => boolean
  /** Whether the atom certainly matches nothing beyond ASCII. */
  isAsciiOnly: boolean
}

const EDGE = /\^|\$|\\[bB]/uy
const OPEN = /\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/uy
const ATOM =
  /\[(?:\\.|[^\]\\])*\]|\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|(?:u[dD][89abAB][\da-fA-F]{2}\\)?u[\da-fA-F]{4}|x..|c.|[^k1-9])|[^()|*+?{}[\]\\^$]/suy
const REPEAT = /([*+?]|\{(\d+)(,(\d*))?\})\??/uy

/**
 * @param pattern a valid regular expression with the flag `u`
 * @returns the alternatives, each a sequence of nodes; null if the pattern contains a backreference
 */
export function parsePattern(pattern: string): Node[][] | null {
  const reader = { pattern, at: 0, atoms: new Map() }
  const branches = readBranches(reader)
  return reader.at === pattern.length ? branches : null
}

interface Reader {
  pattern: string
  at: number
  atoms: Map<string, Atom>
}

function take(reader: Reader, token: RegExp): RegExpExecArray | null {
  token.lastIndex = reader.at
  const found = token.exec(reader.pattern)
  reader.at += found?.[0].length ?? 0
  return found
}

function readBranches(reader: Reader): Node[][] {
  const branches = [readSequence(reader)]
  while (reader.pattern[reader.at] === '|') {
    reader.at += 1
    branches.push(readSequence(reader))
  }
  return branches
}

function readSequence(reader: Reader): Node[] {
  const nodes: Node[] = []
  for (let node = readNode(reader); node !== null; node = readNode(reader)) {
    const found = take(reader, REPEAT)
    nodes.push(found ? { kind: 'repeat', of: node, ...boundsOf(found) } : node)
  }
  return nodes
}

function readNode(reader: Reader): Node | null {
  const edge = take(reader, EDGE)
  if (edge) return { kind: 'edge', source: edge[0] }
  const [source] = take(reader, ATOM) ?? []
  if (source !== undefined) return atomOf(reader, source)
  const open = take(reader, OPEN)
  if (!open) return null
  const branches = readBranches(reader)
  reader.at += 1
  return { kind: /[=!]$/.test(open[0]) ? 'look' : 'group', branches }
}

function boundsOf([, sign, low, comma, high]: RegExpExecArray): { min: number; max: number } {
  if (low === undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY }
  const max = high ? Number(high) : Number.POSITIVE_INFINITY
  return { min: Number(low), max: comma === undefined ? Number(low) : max }
}

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))

function atomOf({ atoms }: Reader, source: string): Atom {
  const known = atoms.get(source)
  if (known) return known
  const regex = new RegExp(`^${source}$`, 'u')
  const matches = (char: string) => regex.test(char)
  const literal = literalOf(source)
  const atom: Atom = { kind: 'atom', ascii: ASCII.map(matches), literal, matches, isAsciiOnly: isAsciiOnly(source) }
  atoms.set(source, atom)
  return atom
}

function literalOf(source: string): string | null {
  const escaped = /^\\([^\w\s])$/u.exec(source)?.[1]
  const isChar = [...source].length === 1 && source !== '.'
  return escaped ?? (isChar ? source : null)
}

function isAsciiOnly(source: string): boolean {
  return /^(?:\\[dw]|\[(?!\^)(?:\\[dw\W]|[ -[\]-~])*\])$/.test(source)
}

/** @returns whether there may be a character that both atoms match */
export function canMatchSame(one: Atom, other: Atom): boolean {
  if (one.literal !== null) return other.matches(one.literal)
  if (other.literal !== null) return one.matches(other.literal)
  const isSure = one.isAsciiOnly || other.isAsciiOnly
  return !isSure || one.ascii.some((isMatch, code) => isMatch && other.ascii[code])
}
