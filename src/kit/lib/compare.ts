import { parseForWriting, writtenNumber } from './json'

/* Compares two lists of named values, such as headers, or the values of JSON. */

export type NamedValue = readonly [name: string, value: string]

export interface Difference {
  name: string
  /** Null if the name is only in the other list. */
  before: string | null
  after: string | null
}

/** @returns what differs, in the order of the first list. Values of a repeated name are compared in order */
export function comparePairs(before: readonly NamedValue[], after: readonly NamedValue[]): Difference[] {
  const [first, second] = [group(before), group(after)]
  return [...new Set([...first.keys(), ...second.keys()])]
    .map((name) => ({ name, before: first.get(name) ?? null, after: second.get(name) ?? null }))
    .filter((difference) => difference.before !== difference.after)
}

function group(pairs: readonly NamedValue[]): Map<string, string> {
  const byName = Map.groupBy(pairs, ([name]) => name)
  return new Map([...byName].map(([name, list]) => [name, list.map(([, value]) => value).join('\n')]))
}

/** More values than this are not compared one by one. */
export const MAX_VALUES = 2_000

/** @returns the values of a JSON text by path, such as `items.0.id`; null if it is not JSON or has too many values */
export function jsonPairs(text: string): NamedValue[] | null {
  const pairs: NamedValue[] = []
  const root = parseForWriting(text)
  return root !== undefined && collect(root, pairs) ? pairs : null
}

/** Without recursion, because a stranger's JSON can be nested deeply. @returns false if there are too many values */
function collect(root: unknown, pairs: NamedValue[]): boolean {
  const waiting: [path: string, value: unknown][] = [['', root]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, value] = next
    const isParent = typeof value === 'object' && value !== null && writtenNumber(value) === undefined
    const children = isParent ? Object.entries(value) : []
    if (children.length === 0) pairs.push([path, JSON.stringify(value)])
    if (pairs.length + waiting.length + children.length > MAX_VALUES) return false
    for (const [key, child] of children.toReversed()) waiting.push([path === '' ? key : `${path}.${key}`, child])
  }
  return true
}
