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
  'why',
  'ban',
  'banned',
  'erased',
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

type Query = { path: string; query: URLSearchParams }

function parse(address: string): Query {
  const [path = '', search] = address.split('?')
  const query = new URLSearchParams(search)
  for (const name of ONCE) query.delete(name)
  return { path, query }
}

const toAddress = ({ path, query }: Query): string => (query.size === 0 ? path : `${path}?${query}`)
const trailOf = (query: URLSearchParams): string[] => (query.get('trail') ?? '').split(',').filter(Boolean)

/** @returns the cursors of the pages from the second one to this one */
function cursorsOf(query: URLSearchParams, param: string): string[] {
  const current = query.get(param)
  return current === null ? [] : [...trailOf(query), current]
}

/** @param cursors of the pages from the second one to the one that the address is for; none for the first page */
function pageAt({ path, query }: Query, param: string, cursors: string[]): string {
  const changed = new URLSearchParams(query)
  setOrDelete(changed, param, cursors.at(-1))
  setOrDelete(changed, 'trail', cursors.slice(0, -1).slice(-MAX_TRAIL).join(','))
  return toAddress({ path, query: changed })
}

function setOrDelete(query: URLSearchParams, name: string, value = ''): void {
  if (value === '') query.delete(name)
  else query.set(name, value)
}

/** @param param the name of the cursor in the query @param cursor where the older page starts */
export function olderPage(address: string, param: string, cursor: string): string {
  const parsed = parse(address)
  return pageAt(parsed, param, [...cursorsOf(parsed.query, param), cursor])
}

/** @returns null on the first page */
export function newerPage(address: string, param: string): string | null {
  const parsed = parse(address)
  if (!parsed.query.has(param)) return null
  return pageAt(parsed, param, cursorsOf(parsed.query, param).slice(0, -1))
}

/** Costs no query: the trail knows these pages. @returns their addresses, in order; null if it has forgotten some */
export function earlierPages(address: string, param: string): string[] | null {
  const parsed = parse(address)
  if (trailOf(parsed.query).length >= MAX_TRAIL) return null
  const cursors = cursorsOf(parsed.query, param)
  return cursors.map((_, i) => pageAt(parsed, param, cursors.slice(0, i)))
}

/** @returns the address of the first page of a list that is filtered in another way. Empty values set no filter */
export function filteredBy(address: string, changes: Record<string, string>): string {
  const parsed = parse(address)
  for (const [name, value] of Object.entries(changes)) setOrDelete(parsed.query, name, value)
  return pageAt(parsed, 'cursor', [])
}

/** @returns the address of the rows of a list alone, for a page that keeps them up to date; null on an older page */
export function rowsOf(address: string): string | null {
  const { path, query } = parse(address)
  if (query.has('cursor')) return null
  query.set('part', 'rows')
  return toAddress({ path, query })
}
