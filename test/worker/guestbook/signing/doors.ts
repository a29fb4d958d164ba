import { env } from 'cloudflare:workers'
import { formStamp } from '../../../../src/guestbook/signing/form-stamp'
import { signAsGuest } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { TOKEN, type World } from '../../../support/world'
import { post as importLines } from '../../owner/moving/imports'
import { aPage, HOUR, passes, send, TARGET } from '../webmentions/site'

/* How an entry is sent at each door of src/guestbook/signing/doors.ts. */

/** The network of the guest who speaks at a door. */
export const ADDRESS = '203.0.113.7'
const FROM = { 'CF-Connecting-IP': ADDRESS }

/** What only some doors can send. */
export interface Options {
  isPrivate?: boolean
  isTrapped?: boolean
  /** How long the guest has had the form. */
  shownMs?: number
}

/** What is sent twice with the same text is the same form, key, delivery, page, record or edit. */
type Send = (body: string, options?: Options) => Promise<unknown>

/** The form of a page. The browser keeps its cookie. */
function formAt(path: string) {
  return async (world: World): Promise<Send> => {
    const stamps = new Map<string, string>()
    let Cookie = ''
    return async (body, { isPrivate, isTrapped, shownMs = 10_000 } = {}) => {
      const stamp = stamps.get(body) ?? (await formStamp(world.env, 'main', Date.now() - shownMs))
      stamps.set(body, stamp)
      const more = { ...(isPrivate && { is_private: 'on' }), ...(isTrapped && { homepage: 'x' }) }
      const response = await signAsGuest(world, { body, stamp, ...more }, { path, headers: { ...FROM, Cookie } })
      Cookie = response.headers.get('Set-Cookie')?.split(';')[0] ?? Cookie
    }
  }
}

function programAs(headers: Record<string, string>) {
  return async (world: World): Promise<Send> => {
    let token = ''
    return async (body, { isPrivate } = {}) => {
      const key = { 'Idempotency-Key': encodeURIComponent(body) }
      const known = token === '' ? {} : { Authorization: `Bearer ${token}` }
      const entry = { name: 'Ada', body, ...(isPrivate && { is_private: true }) }
      const sent = await world.api<{ edit_token?: string }>('POST', '/api/comments', entry, {
        ...FROM,
        ...key,
        ...known,
        ...headers,
      })
      token = sent.body.edit_token ?? token
    }
  }
}

const pageSaying = (text: string) =>
  `<article class="h-entry"><a href="${TARGET}">A guestbook</a><p class="e-content">${text}</p></article>`

async function announce(world: World, source: string): Promise<void> {
  await send(world, source, TARGET, FROM)
  await world.drain()
}

async function editAt(world: World): Promise<Send> {
  const entry = { name: 'Ada', body: 'Before the edit' }
  const { body } = await world.api<{ id: string; edit_token: string }>('POST', '/api/comments', entry, FROM)
  const headers = { ...FROM, Authorization: `Bearer ${body.edit_token}` }
  return (text) => world.api('PATCH', `/api/comments/${body.id}`, { body: text }, headers)
}

async function sourceAt(world: World): Promise<Send> {
  const template = { name: 'Ada', body: '{{text}}' }
  const { path } = await aSource(world, 'unsigned', { act: 'sign', template, options: { delivery_id: 'body:text' } })
  return async (text) => {
    await post(world, path, JSON.stringify({ text }), { ...FROM, 'Content-Type': 'application/json' })
    await world.drain()
  }
}

/** Each makes what must exist before, and returns what sends an entry, or changes it. */
export const SENDERS = {
  page: formAt('/sign'),
  frame: formAt('/embed/main/sign'),
  api: programAs({}),
  owner: programAs({ Authorization: `Bearer ${TOKEN}` }),
  source: sourceAt,
  mention: async (world: World): Promise<Send> => {
    const pages = new Map<string, string>()
    return async (body) => {
      const url = pages.get(body) ?? (await aPage(pageSaying(body))).url
      pages.set(body, url)
      await announce(world, url)
    }
  },
  import:
    async (world: World): Promise<Send> =>
    async (body, { isPrivate = false } = {}) => {
      const line = { type: 'entry', id: body, name: 'Ada', body, is_private: isPrivate }
      await importLines(world, JSON.stringify(line), '?webhooks=true')
      await world.drain()
    },
  edit: editAt,
  mention_edit: async (world: World): Promise<Send> => {
    const page = await aPage(pageSaying('Before the edit'))
    await announce(world, page.url)
    return async (body) => {
      await page.serve({ body: pageSaying(body) })
      await passes(HOUR)
      await announce(world, page.url)
    }
  },
}

export interface Row {
  id: string
  status: string
  reason: string | null
  is_private: number
}

export async function entriesSaying(body: string): Promise<Row[]> {
  const sql = 'select id, status, reason, is_private from comments where body = ?1'
  return (await env.DB.prepare(sql).bind(body).all<Row>()).results
}
