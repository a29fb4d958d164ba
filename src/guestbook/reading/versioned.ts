import type { Context } from 'hono'
import { type HonoEnv, perDatabase } from '../../env'
import { orNotFound } from '../../kit/http/problem'
import type { BookRow } from '../books/book'
import { readVersion, rememberBook } from '../books/cache'
import { countMissing } from './languages'

/*
 * Pages, lists and feeds change only with the version of their book. An isolate remembers what it has rendered, so a
 * view that has not changed costs one row: the book's. Within a second, it costs nothing (guestbook/books/cache.ts).
 */

/** What a view looks like at one version of its book. */
export interface View {
  row: BookRow
  body: string
  /** Headers that depend on what the view shows. They are remembered with the body. */
  headers?: Record<string, string>
}

interface Remembered extends Omit<View, 'row'> {
  version: number
}

/** How many views of a database are remembered. The ones that were not used for the longest time go first. */
const MAX_VIEWS = 60
/** How many characters they have together. A character takes up to two bytes, of the 128 MB of an isolate. */
const MAX_CHARACTERS = 4_000_000

const viewsIn = perDatabase(() => new Map<string, Remembered>())

/**
 * Serves a view of a book, with an ETag.
 * @param view `name`: everything besides the version that the view depends on. `variant`: what is not in its URL, such
 *   as the language. `finish`: adds what is different each time
 * @param render reads the book and what the view shows, in one round trip; null if there is no such book
 * @param headers the headers of the view
 * @throws Refusal 404
 */
export async function serveVersioned(
  c: Context<HonoEnv>,
  slug: string,
  { name, variant = '', finish }: { name: string; variant?: string; finish?: (body: string) => Promise<string> },
  render: () => Promise<View | null>,
  headers: Record<string, string>
): Promise<Response> {
  const views = viewsIn(c.env.DB)
  const key = `${slug}\n${name}`
  const known = views.get(key)
  const tags = c.req.header('If-None-Match')
  const row = known || tags ? await readVersion(c.env, slug, c.get('now')) : null
  if (row && tags && includesTag(tags, etagOf(c.env, row, variant))) return respond(c, row, variant, null, headers)
  if (row && known?.version === row.version) {
    remember(views, key, known)
    const body = finish ? await finish(known.body) : known.body
    return respond(c, row, variant, body, { ...headers, ...known.headers })
  }
  const missing = countMissing()
  const { row: current, ...shown } = orNotFound(await render(), 'book')
  rememberBook(c.env, current, c.get('now'))
  const body = finish ? await finish(shown.body) : shown.body
  const all = { ...headers, ...shown.headers }
  if (countMissing() !== missing) return c.body(body, 200, { ...all, 'Cache-Control': 'no-store' })
  remember(views, key, { ...shown, version: current.version })
  return respond(c, current, variant, body, all)
}

function remember(views: Map<string, Remembered>, key: string, view: Remembered): void {
  views.delete(key)
  views.set(key, view)
  let characters = 0
  for (const { body } of views.values()) characters += body.length
  for (const [oldest, { body }] of views) {
    if (views.size <= MAX_VIEWS && characters <= MAX_CHARACTERS) break
    views.delete(oldest)
    characters -= body.length
  }
}

/** A weak tag, because Cloudflare may compress the body (RFC 9110, section 8.8.1). */
export function etagOf({ VERSION }: Env, { version }: BookRow, variant: string): string {
  return `W/"${version}-${VERSION.id}-${variant}"`
}

function includesTag(tags: string, tag: string): boolean {
  return tags === '*' || tags.split(',').some((one) => one.trim().replace(/^(W\/)?/, 'W/') === tag)
}

function respond(c: Context, row: BookRow, variant: string, body: string | null, headers: Record<string, string>) {
  const all = { 'Cache-Control': 'no-cache', ...headers, ETag: etagOf(c.env, row, variant) }
  return body === null ? c.body(null, 304, all) : c.body(body, 200, all)
}
