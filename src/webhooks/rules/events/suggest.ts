import { filtersFor } from './filter'

/* Finds event types that an endpoint subscribes to but that do not exist, because of a typing error for example. */

export interface UnknownFilter {
  filter: string
  /** The most similar filter that would match something, or null if none is similar. */
  suggestion: string | null
}

/** @param types all names. @returns filters that match none. Comparing takes time: only a few have suggestions */
export function unknownFilters(filters: string[], types: string[]): UnknownFilter[] {
  const known = [...new Set(types.flatMap(filtersFor))]
  return filters
    .filter((filter) => !known.includes(filter))
    .map((filter, i) => ({ filter, suggestion: i < SUGGESTED ? mostSimilar(filter, known) : null }))
}

const SUGGESTED = 5

/** Names are similar if at most a third of the shorter one is different. */
function mostSimilar(name: string, known: string[]): string | null {
  const isNear = ({ length }: string) => Math.abs(length - name.length) <= Math.min(length, name.length) / 3
  const [best] = known
    .filter(isNear)
    .map((candidate) => ({ candidate, distance: distanceOf(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(name.length, candidate.length) / 3)
    .toSorted((a, b) => a.distance - b.distance)
  return best?.candidate ?? null
}

/** How many characters must be inserted, deleted or replaced: https://en.wikipedia.org/wiki/Levenshtein_distance */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (char === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
