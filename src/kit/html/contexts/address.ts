import { createContext } from '#jsx'

/*
 * The links of a list to its next and its previous page. A cursor leads only to older items, so the URL also carries
 * the cursors of the pages before, as a trail. This works for every list and every filter.
 */

/** The address of the page that is being rendered: its path and query. */
export const Address = createContext('/')

/** What belongs to one view of a page only: results of an action, and parts. */
const ONCE = [
  'done',
  'was',
  'ids',
  'skipped',
  'banned',
  'select',
  'flash',
  'deleted',
  'secret',
  'tested',
  'preview',
  'part',
]
/** How many pages the trail remembers. From there, the link leads to the first page. */
const MAX_TRAIL = 20

interface Query {
  path: string
  query: URLSearchParams
}

function parse(address: string): Query {
  const [path = '', search] = address.split('?')
  const query = new URLSearchParams(search)
  for (const name of ONCE) query.delete(name)
  return { path, query }
}

function toAddress({ path, query }: Query): string {
  return query.size === 0 ? path : `${path}?${query}`
}

function trailOf(query: URLSearchParams): string[] {
  return (query.get('trail') ?? '').split(',').filter(Boolean)
}

/** @param param the name of the cursor in the query @param cursor where the older page starts */
export function olderPage(address: string, param: string, cursor: string): string {
  const { path, query } = parse(address)
  const current = query.get(param)
  const trail = current === null ? [] : [...trailOf(query), current].slice(-MAX_TRAIL)
  query.set(param, cursor)
  query.delete('trail')
  if (trail.length > 0) query.set('trail', trail.join(','))
  return toAddress({ path, query })
}

/** @returns null on the first page */
export function newerPage(address: string, param: string): string | null {
  const { path, query } = parse(address)
  if (!query.has(param)) return null
  const trail = trailOf(query)
  const newer = trail.pop()
  query.delete('trail')
  if (newer === undefined) query.delete(param)
  else query.set(param, newer)
  if (trail.length > 0) query.set('trail', trail.join(','))
  return toAddress({ path, query })
}

/** @returns the address of the rows of a list alone, for a page that keeps them up to date; null on an older page */
export function rowsOf(address: string, param = 'cursor'): string | null {
  const { path, query } = parse(address)
  if (query.has(param)) return null
  query.set('part', 'rows')
  return toAddress({ path, query })
}
