import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { toBase64 } from '../../../../src/kit/lib/bytes'
import { OTHER_SETTINGS } from '../../../build/books/other-settings'
import { PICTURES } from '../../../fixtures/pictures'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { aSource } from '../../../support/sources'
import { TOKEN, type World } from '../../../support/world'
import { aPage, mention, post } from '../../guestbook/webmentions/site'
import { fixture, importFile } from './imports'

/* Backups: how tests make, read and restore them. */

export const KEY = toBase64(new Uint8Array(32).fill(7))
export type Line = Record<string, unknown> & { type: string }

export const headers = (key: string | null) => ({
  Authorization: `Bearer ${TOKEN}`,
  ...(key && { 'X-Backup-Key': key }),
})

interface ExportOptions {
  key?: string | null
  query?: string
  /** What happens after each part that is not the last one. */
  meanwhile?: () => Promise<unknown>
}

/** Reads all parts of an export. @returns its lines, without those that only lead to the next part */
export async function exportAll(world: World, { key = null, query = '', meanwhile }: ExportOptions = {}) {
  const lines: Line[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/api/export?${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
    const response = await world.request(path, { headers: headers(key) })
    expect(response.status).toBe(200)
    const some = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line): Line => JSON.parse(line))
    const last = some.pop()
    lines.push(...some)
    cursor = last?.type === 'next' ? String(last.cursor) : null
    if (last?.type === 'end') lines.push(last)
    else await meanwhile?.()
  }
  return lines
}

export async function restore(world: World, lines: object[], key: string | null = null, id = 'restore-1') {
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const response = await world.request(`/api/restore?id=${id}`, { method: 'POST', headers: headers(key), body })
  return {
    status: response.status,
    body: (await response.json()) as { restored: object; code: string; detail: string },
  }
}

/** Empties every table, as in a new deployment. */
export async function wipe(): Promise<void> {
  const { results } = await env.DB.prepare(
    `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and name not like '_cf_%' and name not like 'd1_%'`
  ).all<{ name: string }>()
  await env.DB.batch(results.map(({ name }) => env.DB.prepare(`delete from ${name}`)))
  await env.DB.prepare(`insert into books (slug, title, created_at) values ('main', 'Guestbook', 0)`).run()
}

/** @throws Error if the call is refused: the deployment would have less than the test thinks */
async function change(world: World, method: string, path: string, body: object): Promise<void> {
  const { status, body: answer } = await world.api(method, path, body)
  if (status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`)
}

/** Longer than its limit once it is percent-encoded. */
const LONG_URL = 'https://ru.wikipedia.org/wiki/Гостевая_книга_нашего_города_и_его_окрестностей_Летом'

/** A deployment with something of everything. */
export async function furnish(world: World) {
  await change(world, 'PATCH', '/api/books/main', { title: 'Sunny', home_url: LONG_URL })
  await change(world, 'POST', '/api/books', { slug: 'old', title: 'Old', has_wall: true })
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url(), { headers: { 'X-Token': 'header-secret' }, books: ['main'] })
  await anEndpoint(world, box.url(), { enabled: false, format: 'slack' })
  const source = await aSource(world, 'custom-hmac', { name: 'CI', secret: 'source-secret' })
  await change(world, 'POST', '/api/event-types', {
    name: 'order.paid',
    description: 'x',
    schema: { type: 'object' },
    example: {},
  })
  await change(world, 'PATCH', '/api/settings', { registration: 'approve', retention: { jobs_days: 3 } })
  await importFile(world, fixture('wordpress.xml'))
  await change(world, 'POST', '/api/books/main/pictures', { content: PICTURES.webp, alt: 'A moth' })
  await change(world, 'POST', '/api/books/old/pictures', { content: PICTURES.gif, use: 'tile' })
  const { id } = await aComment(world, { is_private: true })
  // An earlier version took replies to private entries.
  const replied = "update comments set reply = 'Only for you', replied_at = 1732442400000 where id = ?1"
  await env.DB.prepare(replied).bind(id).run()
  const zoe = await aComment(world, { book: 'old', name: 'Zoë 👋', website: LONG_URL, button_url: LONG_URL })
  await change(world, 'PATCH', `/api/comments/${zoe.id}`, { body: 'Hello again' })
  await mention(world, (await aPage(post('What a place.'))).url)
  await change(world, 'PATCH', '/api/books/old', { ...OTHER_SETTINGS, turnstile: false })
  return { endpoint, source, box }
}
