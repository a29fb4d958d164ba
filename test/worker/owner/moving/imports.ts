import { env } from 'cloudflare:workers'
import { readFile, toPages } from '../../../../browser/import'
import { utf8 } from '../../../../src/kit/lib/bytes'
import type { ImportFormat } from '../../../../src/owner/rules/importing/records'
import { later } from '../../../support/fixtures'
import { TOKEN, type World } from '../../../support/world'

const texts = import.meta.glob<string>('../../../fixtures/imports/*', { query: '?raw', import: 'default', eager: true })

/** Files as other systems write them, by their names. */
export const FILES: Record<string, string> = Object.fromEntries(
  Object.entries(texts).map(([path, text]) => [path.replace(/^.*\//, ''), text])
)

/** @throws Error if there is no such file */
export function fixture(name: string): string {
  const text = FILES[name]
  if (text === undefined) throw new Error(`There is no file ${name}.`)
  return text
}

/** A table with so many entries. */
export function manyRows(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `G${i},2001-01-01,${i} hello`)
  return `name,date,message\n${rows.join('\n')}\n`
}

export interface Imported {
  id: string
  state: string
  format: string
  read: number
  imported: number
  replies: number
  shortened: number
  position: number
  size: number
  skipped: Record<string, number>
  examples: { position: number; id: string; reason: string }[]
  error: string | null
}

/** @returns what the reader makes of a file of another system, as `npm run import` sends it */
export async function toNdjson(file: string, format?: ImportFormat) {
  const read = await readFile(utf8(file), { format, markup: false, now: Date.now() })
  return { format: read.format, body: toPages(read.lines).join('') }
}

/** Sends a body as it is. @returns the response */
export async function post(world: World, body: BodyInit, query = '') {
  const headers = { Authorization: `Bearer ${TOKEN}` }
  const response = await world.request(`/api/import${query}`, { method: 'POST', headers, body })
  return { status: response.status, body: (await response.json()) as Imported & { code: string; detail: string } }
}

/** Sends what the reader makes of a file. @returns the response */
export async function upload(world: World, file: string, query = '') {
  const params = new URLSearchParams(query)
  const { format, body } = await toNdjson(file, (params.get('format') ?? undefined) as ImportFormat | undefined)
  params.set('format', format)
  return post(world, body, `?${params}`)
}

/** Imports a file, and waits until it is done. @throws Error if it is refused */
export async function importFile(world: World, file: string, query = ''): Promise<Imported> {
  const { status, body } = await upload(world, file, query)
  if (status !== 202) throw new Error(JSON.stringify(body))
  await world.drain()
  return theImport(world, body.id)
}

export async function theImport(world: World, id: string): Promise<Imported> {
  return (await world.api<Imported>('GET', `/api/import/${id}`)).body
}

/** Sweeps, a minute apart, until an import has ended. */
export async function sweepUntilDone(world: World, id: string): Promise<Imported> {
  for (let minutes = 2; minutes < 40; minutes++) {
    const row = await theImport(world, id)
    if (!['running', 'uploading'].includes(row.state)) return row
    await world.sweep(later(minutes * 60_000), 'imports')
    await world.drain()
  }
  throw new Error('The import did not end.')
}

export interface EntryRow {
  id: string
  number: number
  status: string
  name: string
  website: string | null
  body: string
  reply: string | null
  created_at: number
}

export async function entries(): Promise<EntryRow[]> {
  const { results } = await env.DB.prepare(
    'select id, number, status, name, website, body, reply, created_at from comments order by id'
  ).all<EntryRow>()
  return results
}

/** A book counts what is in it. */
export async function counts(slug = 'main') {
  const book = await env.DB.prepare('select comment_count, published_count, version from books where slug = ?')
    .bind(slug)
    .first<{ comment_count: number; published_count: number; version: number }>()
  if (!book) throw new Error('There is no such book.')
  return book
}
