import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeApi } from '../../scripts/build/reference/document'
import app from '../../src/app'

const PUBLISHED = join(import.meta.dirname, '../../public/openapi.json')

/** The OpenAPI document of the current routes. */
export const document = inOrder(describeApi(app), JSON.parse(readFileSync(PUBLISHED, 'utf8'))) as ReturnType<
  typeof describeApi
>

/**
 * Keeps the order of the published document, so that the code can say things in any order, and a diff of the document
 * shows only what has changed.
 * @returns the value in the order of the published one. What is new comes last
 */
function inOrder(value: unknown, published: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const before = (typeof published === 'object' && published !== null ? published : {}) as Record<string, unknown>
  const inside = Object.entries(value).map(([name, one]): [string, unknown] => [name, inOrder(one, before[name])])
  if (!Array.isArray(value)) return Object.fromEntries(sorted(inside, Object.keys(before), ([name]) => name))
  const items = inside.map(([, item]) => item)
  return value.every((item) => typeof item === 'string') ? sorted(items, Object.values(before), (item) => item) : items
}

function sorted<T>(items: T[], before: unknown[], nameOf: (item: T) => unknown): T[] {
  const place = (item: T) => {
    const found = before.indexOf(nameOf(item))
    return found < 0 ? before.length : found
  }
  return items.toSorted((a, b) => place(a) - place(b))
}
