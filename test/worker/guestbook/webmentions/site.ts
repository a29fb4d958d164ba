import { env } from 'cloudflare:workers'
import { mailbox } from '../../../support/fixtures'
import type { Page } from '../../../support/receiver'
import { BASE, type World } from '../../../support/world'

export const TARGET = `${BASE}/`
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

export interface Entry {
  id: string
  name: string
  website: string | null
  body: string
  status: string
  reason: string | null
  edited_at: string | null
  mentioned_on: string | null
}

/** A page on another site. */
export async function aPage(page: Page | string) {
  const box = mailbox()
  const serve = (next: Page | string) => box.serve(typeof next === 'string' ? { body: next } : next)
  await serve(page)
  const requests = () => box.received()
  return { url: box.url('page'), serve, requests, fetches: async () => (await requests()).length }
}

/** Sends a webmention as the other site does. */
export function send(world: World, source: string, target = TARGET, headers = {}): Promise<Response> {
  const body = new URLSearchParams({ source, target }).toString()
  return world.request('/webmention', { method: 'POST', headers: { ...FORM, ...headers }, body })
}

/** Sends a webmention, and checks the page. */
export async function mention(world: World, source: string, target = TARGET): Promise<void> {
  const response = await send(world, source, target)
  if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`)
  await world.drain()
}

export async function entries(world: World, status = 'published', book = 'main'): Promise<Entry[]> {
  const { body } = await world.api<{ data: Entry[] }>('GET', `/api/comments?status=${status}&book=${book}&limit=100`)
  return body.data
}

/** Moves what has happened to the past. */
export async function passes(ms: number): Promise<void> {
  const moved = (column: string) => `${column} = ${column} - ?1`
  await env.DB.batch([
    env.DB.prepare(`update webmentions set ${['received_at', 'fetched_at', 'due_at'].map(moved)}`).bind(ms),
    env.DB.prepare(`update books set ${moved('created_at')}`).bind(ms),
  ])
}

export const HOUR = 60 * 60_000

export async function rows() {
  const { results } = await env.DB.prepare('select * from webmentions').all<{
    source: string
    target: string
    comment_id: string | null
    due_at: number | null
    fetched_at: number | null
    attempts: number
    reason: string | null
  }>()
  return results
}

/** An entry of a blog that links to the guestbook. */
export function post(text: string, { target = TARGET, more = '' } = {}): string {
  return `<!doctype html><title>Ada's page</title>
    <article class="h-entry">
      <h1 class="p-name">A lovely guestbook</h1>
      <a class="p-author h-card" href="https://ada.example/">Ada Lovelace</a>
      <time class="dt-published" datetime="2026-11-20T10:00:00Z">20 November</time>
      <div class="e-content"><p>${text} <a href="${target}">Sign it</a>!</p></div>
      ${more}
    </article>`
}
