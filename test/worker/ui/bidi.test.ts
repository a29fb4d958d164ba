import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import app from '../../../src/app'
import { freshToken, hashToken } from '../../../src/db/tokens'
import { sendRenewal } from '../../../src/registration/renew'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { FORM, ownerBrowser } from '../../support/session'
import { aSource, listInbound, post } from '../../support/sources'
import { BASE, World } from '../../support/world'
import { importFile } from '../moving/imports'
import { decode, looseTexts } from './loose-texts'

/*
 * Every page of the guestbook, with directional characters in everything that somebody else can write.
 */

/** Ends an isolate that it has not opened, starts a new paragraph, reverses what follows, and opens another isolate. */
function evil(word: string): string {
  return `\u2069\u2029\u202e${word}\u2067`
}

const WORDS = [
  'GUEST_NAME',
  'GUEST_BODY',
  'BOOK_TITLE',
  'BOOK_WELCOME',
  'DESCRIPTION',
  'TYPE_DESCRIPTION',
  'EVENT_DATA',
  'SOURCE_NAME',
  'SIGNED_PREFIX',
  'SECRET',
  'QUERY',
  'HEADER',
  'EVENT_TYPE',
  'DELIVERY_ID',
  'SEARCH_FIELD',
  'TEXT_BODY',
  'FORM_FIELD',
  'ANSWER',
  'KEY_NAME',
] as const

interface Seeds {
  endpoint: string
  managed: string
  message: string
  event: string
  source: string
  inbound: string[]
  comment: string
  token: string
  /** The token of a link that makes a new private link. */
  renewal: string
  imported: string
}

async function writeEverything(world: World): Promise<Seeds> {
  const { id: endpoint } = await anEndpoint(world, mailbox().url('echo'), { description: 'x' })
  const box = mailbox()
  const { id: managed } = await anEndpoint(world, box.url('ok'))
  const token = freshToken('link')
  await env.DB.prepare('update endpoints set manage_token_hash = ?1 where id = ?2')
    .bind(await hashToken(token), managed)
    .run()
  await sendRenewal(world.env, box.url('ok'), BASE, Date.now())
  const renewal = JSON.parse((await box.received())[0]?.body ?? '')
    .data.renew_url.split('/')
    .at(-1)
  // Some doors refuse such characters today. Rows that are older than these rules may have them.
  await env.DB.prepare('update endpoints set description = ?1').bind(evil('DESCRIPTION')).run()
  const { id: comment } = await aComment(world, { website: `https://e.example/${encodeURIComponent(evil('W'))}` })
  await aComment(world, { body: 'https://a.example https://b.example https://c.example' })
  await env.DB.prepare('update comments set name = ?1, body = ?2').bind(evil('GUEST_NAME'), evil('GUEST_BODY')).run()
  await world.api('POST', '/api/books', { slug: 'summer', title: 'x' })
  await aComment(world, { book: 'summer' })
  await env.DB.prepare("update books set title = ?1, settings = json_set(settings, '$.welcome', ?2)")
    .bind(evil('BOOK_TITLE'), evil('BOOK_WELCOME'))
    .run()
  const type = {
    name: 'order.paid',
    description: evil('TYPE_DESCRIPTION'),
    schema: {},
    example: { note: evil('EVENT_DATA') },
  }
  expect((await world.api('POST', '/api/event-types', type)).status).toBe(201)
  const data = { note: evil('EVENT_DATA'), answer: evil('ANSWER') }
  const { body: event } = await world.api<{ id: string }>('POST', '/api/messages', { type: 'order.paid', data })
  const { body: key } = await world.api('POST', '/api/keys', { name: evil('KEY_NAME'), scopes: ['write'] })
  await world.api('PATCH', '/api/settings', {}, { Authorization: `Bearer ${key.key}` })
  const { source, inbound } = await receiveWebhooks(world)
  await world.drain()
  const { id: imported } = await importFile(world, '[{"_id":"1","name":"x","message":""}]', '?format=staticman')
  const { body } = await world.api<{ data: { id: string }[] }>('GET', `/api/endpoints/${endpoint}/deliveries`)
  await world.api('POST', `/api/endpoints/${endpoint}/replay`, { since: '2020-01-01T00:00:00Z', only: 'all' })
  return {
    endpoint,
    managed,
    message: body.data[0]?.id ?? event.id,
    event: event.id,
    source,
    inbound,
    comment,
    token,
    renewal,
    imported,
  }
}

async function receiveWebhooks(world: World) {
  const { id: source, path } = await aSource(world, 'custom-hmac', {
    name: 'x',
    secret: evil('SECRET'),
    act: 'sign',
    template: { name: '{{who}}', body: '{{text}}' },
    fields: [{ name: 'field', path: 'field' }],
    options: {
      header: 'X-Signature',
      prefix: evil('SIGNED_PREFIX'),
      signed: '{header:X-Note}.{body}',
      event_type: 'body:type',
      delivery_id: 'body:id',
    },
  })
  await env.DB.prepare('update sources set name = ?1').bind(evil('SOURCE_NAME')).run()
  const json = {
    type: evil('EVENT_TYPE'),
    id: evil('DELIVERY_ID'),
    field: evil('SEARCH_FIELD'),
    who: evil('WHO'),
    text: evil('TEXT'),
  }
  // This runtime encodes the header as UTF-8, and warns about it.
  const header = { 'X-Note': evil('HEADER') }
  const query = `?q=${encodeURIComponent(evil('QUERY'))}`
  const send = (body: string, type: string, headers = {}) =>
    post(world, `${path}${query}`, body, { 'Content-Type': type, 'X-Signature': 'x', ...headers })
  await send(JSON.stringify(json), 'application/json', header)
  await send(`a=${encodeURIComponent(evil('FORM_FIELD'))}`, 'application/x-www-form-urlencoded')
  await send(`a\n${evil('TEXT_BODY')}\nb`, 'text/plain')
  await world.drain()
  return { source, inbound: (await listInbound(world)).map(({ id }) => id) }
}

/** The addresses to visit, for the path of each page. */
function addresses(seeds: Seeds): Record<string, string[]> {
  const { endpoint, managed, message, event, source, inbound, comment, token, renewal, imported } = seeds
  const q = encodeURIComponent(evil('q'))
  return {
    '/': ['/', `/?signed=${q}`],
    '/b/:slug': ['/b/summer'],
    '/export.html': ['/export.html'],
    '/b/:slug/export.html': ['/b/main/export.html', '/b/summer/export.html'],
    '/admin/books': ['/admin/books'],
    '/admin/books/:slug': ['/admin/books/main', '/admin/books/summer'],
    '/admin/books/:slug/bans': ['/admin/books/summer/bans'],
    '/admin/books/:slug/embed': ['/admin/books/summer/embed'],
    '/admin/books/:slug/preview': ['/admin/books/summer/preview'],
    '/embed/:slug': ['/embed/main', '/embed/summer'],
    '/comments/:id': [`/comments/${comment}`],
    '/webhooks': ['/webhooks'],
    '/webhooks/deleted': ['/webhooks/deleted'],
    '/webhooks/renew/:token': [`/webhooks/renew/${renewal}`],
    '/webhooks/manage/:token': [`/webhooks/manage/${token}`],
    '/webhooks/manage/:token/edit': [`/webhooks/manage/${token}/edit`],
    '/webhooks/manage/:token/messages/:id': [`/webhooks/manage/${token}/messages/${event}`],
    '/admin': ['/admin'],
    '/admin/login': [`/admin/login?next=${q}`],
    '/admin/comments': ['/admin/comments', '/admin/comments?status=held'],
    '/admin/comments/:id': [`/admin/comments/${comment}`],
    '/admin/endpoints': ['/admin/endpoints'],
    '/admin/endpoints/:id': [endpoint, managed].flatMap((id) => [
      `/admin/endpoints/${id}?secret=show`,
      `/admin/endpoints/${id}?tested=${message}`,
    ]),
    '/admin/endpoints/:id/edit': [`/admin/endpoints/${endpoint}/edit`],
    '/admin/messages': ['/admin/messages'],
    '/admin/messages/:id': [message, event].map((id) => `/admin/messages/${id}`),
    '/admin/messages/:message_id/deliveries/:endpoint_id': [endpoint, managed].map(
      (id) => `/admin/messages/${event}/deliveries/${id}`
    ),
    '/admin/inbound': ['/admin/inbound', `/admin/inbound?q=${q}&source=${q}`, '/admin/inbound?part=rows'],
    '/admin/inbound/:id': inbound.map((id) => `/admin/inbound/${id}`),
    '/admin/inbound/:id/compare': inbound.slice(1).map((id) => `/admin/inbound/${id}/compare?with=${inbound[0]}`),
    '/admin/sources': ['/admin/sources'],
    '/admin/sources/new': ['/admin/sources/new', '/admin/sources/new?provider=github'],
    '/admin/sources/:id': [`/admin/sources/${source}?secret=show`],
    '/admin/event-types': ['/admin/event-types'],
    '/admin/event-types/:name': ['/admin/event-types/order.paid'],
    '/admin/signature': ['/admin/signature'],
    '/admin/keys': ['/admin/keys'],
    '/admin/access': ['/admin/access'],
    '/admin/access/audit': ['/admin/access/audit', `/admin/access/audit?act=${q}&actor=${q}`],
    '/admin/settings': ['/admin/settings'],
    '/admin/storage': ['/admin/storage'],
    '/admin/moving': ['/admin/moving'],
    '/admin/moving/imports/:id': [`/admin/moving/imports/${imported}`],
    '/admin/moving/people': ['/admin/moving/people', `/admin/moving/people?q=GUEST&erased=${q}`],
    '/admin/moving/people/erase': [`/admin/moving/people/erase?q=${q}&ids=${comment}`, '/admin/moving/people/erase'],
  }
}

/** Forms that answer with a page instead of a redirect. */
function forms({ endpoint, source, inbound, token }: Seeds): [path: string, fields: Record<string, string>][] {
  const text = evil('typed')
  return [
    ['/sign', { name: text, body: '' }],
    ['/embed/main/sign', { name: text, body: '' }],
    ['/webhooks', { url: text, description: text, event_types: text }],
    [
      `/admin/endpoints/${endpoint}/preview`,
      { url: 'https://example.com/', event_types: 'ping', rate_limit: '1', text_type: 'ping', text },
    ],
    ['/admin/login', { token: text }],
    [`/webhooks/manage/${token}/test`, {}],
    ['/admin/endpoints', { url: text, event_types: text, headers: text, books: text }],
    [`/admin/endpoints/${endpoint}`, { url: `https://${text}`, event_types: text, headers: text }],
    [`/admin/endpoints/${endpoint}/replay`, { only: text, event_types: text }],
    [`/admin/endpoints/${endpoint}/replay`, { only: 'all', span: '1', dry_run: 'true' }],
    [`/admin/endpoints/${endpoint}/test`, { type: text }],
    [`/admin/sources/new`, { provider: 'github', name: text, template_name: `{{${text}` }],
    [`/admin/sources/${source}/preview`, { template_name: '{{who}}', template_body: '{{text}}' }],
    [`/admin/sources/${source}/preview`, { template_name: `{{${text}`, template_body: 'x' }],
    [`/admin/inbound/${inbound.at(-1)}/send`, { to: mailbox().url('echo') }],
    [`/admin/inbound/${inbound[0]}/send`, { to: text, edited: 'on', method: 'POST', headers: text, body: text }],
    ['/admin/signature', { secret: text, headers: `webhook-id: ${text}\nwebhook-signature: v1,${text}`, body: text }],
    ['/admin/event-types', { name: text, description: text, schema: text, example: text }],
    ['/admin/access/keys', { name: text, scopes: 'read', expires: 'never' }],
    ['/admin/access/keys', { name: text, scopes: text, expires: text }],
    ['/admin/books', { title: text, slug: text }],
    ['/admin/books/main', { title: text, welcome: text, home_url: text, language: text }],
    ['/admin/books/summer/bans', { by: text, value: text, days: text }],
    ['/admin/books/summer/delete', { confirm: text }],
  ]
}

/** They redirect to the form. */
const PREVIEWS = ['/admin/endpoints/preview', '/admin/endpoints/:id/preview']

/** The paths of all pages, from the routes of the program. */
function pagePaths(): string[] {
  const isPage = (path: string) => !/^\/(api|in|healthz|openapi\.json|\.well-known)(\/|$)|\*/.test(path)
  const found = app.routes.filter(({ method, path }) => method === 'GET' && isPage(path)).map(({ path }) => path)
  // Four redirect, and a guest's own entry needs a cookie, and a link a signature.
  const downloads = [
    '/admin/inbound/:id/body',
    '/admin/inbound/:id/har',
    '/admin/moving/export',
    '/admin/moving/people/export',
  ]
  const others = [...downloads, '/admin/', '/b/main', '/comments/:id/edit', '/moderate/:token', ...PREVIEWS]
  const isFile = (path: string) => /\.(atom|json|png|svg|txt|xml)$|^\/(faces|styles)\//.test(path)
  return [...new Set(found)].filter((path) => !others.includes(path) && !isFile(path))
}

describe('text that somebody else wrote', () => {
  const world = new World()
  let seeds: Seeds

  beforeEach(async () => {
    seeds = await writeEverything(world)
  }, 60_000)

  it('stands in an isolating element on every page, so that it cannot reverse the text around it', async () => {
    const browser = await ownerBrowser(world)
    const visits = addresses(seeds)
    expect(pagePaths().toSorted()).toEqual(Object.keys(visits).toSorted())
    const loose: Record<string, string[]> = {}
    const missing = new Set<string>(WORDS)
    const followed = async (response: Response) => {
      const location = response.headers.get('Location')
      return location === null ? response : browser.get(location)
    }
    const check = async (path: string, response: Response) => {
      const html = await response.text()
      expect([path, response.headers.get('Content-Type')]).toEqual([path, 'text/html; charset=UTF-8'])
      const found = looseTexts(html)
      if (found.length > 0) loose[path] = found
      for (const word of missing) if (decode(html).includes(word)) missing.delete(word)
    }
    for (const path of Object.values(visits).flat()) await check(path, await browser.get(path))
    for (const [path, fields] of forms(seeds)) await check(path, await followed(await browser.post(path, fields)))
    expect(loose).toEqual({})
    // Every text was really on a page.
    expect([...missing]).toEqual([])
  }, 60_000)

  it('is isolated on pages that report an error', async () => {
    const browser = await ownerBrowser(world)
    for (const path of ['/%E2%80%AEx', '/admin/inbound/%E2%80%AEx', '/admin/messages?cursor=%E2%80%AEx'])
      expect(looseTexts(await (await browser.get(path)).text())).toEqual([])
    const body = new URLSearchParams({ action: evil('x') }).toString()
    const headers = { ...FORM, Cookie: 'x' }
    const answer = await world.request('/webhooks', { method: 'POST', headers, body })
    expect(looseTexts(await answer.text())).toEqual([])
  })
})

describe('the check itself', () => {
  it.each([
    ['<p>\u202eevil</p>', 1],
    ['<p dir="auto">\u202eevil</p>', 0],
    ['<p><bdi>\u202eevil</bdi> <code>fine</code></p>', 0],
    ['<p><bdi>\u2069\u202eevil</bdi></p>', 1],
    ['<p><bdi>fine</bdi> \u202eevil</p>', 1],
    ['<code dir="auto">\u202eevil</code>', 1],
    ['<title>\u202eevil · Guesthook</title>', 1],
    ['<title>\u2068\u202eevil\u2069 · Guesthook</title>', 0],
    ['<input value="\u202eevil">', 0],
    ['<a title="\u202eevil">x</a>', 1],
    ['<textarea>\u202eevil</textarea>', 0],
  ])('of %j finds %i loose texts', (html, count) => {
    expect(looseTexts(html)).toHaveLength(count)
  })
})
