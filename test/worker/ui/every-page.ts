import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import app from '../../../src/app'
import { freshToken, hashToken } from '../../../src/kit/db/tokens'
import { sendRenewal } from '../../../src/webhooks/registration/renew'
import { PICTURES } from '../../fixtures/pictures'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { aSource, listInbound, post } from '../../support/sources'
import { BASE, type World } from '../../support/world'
import { importFile } from '../owner/moving/imports'

/* A guestbook in which every page has something to show, and the addresses of all pages. */

/** Ends an isolate that it has not opened, starts a new paragraph, reverses what follows, and opens another isolate. */
export function evil(word: string): string {
  return `\u2069\u2029\u202e${word}\u2067`
}

export interface Seeds {
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

export async function writeEverything(world: World): Promise<Seeds> {
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
  await world.api('PATCH', '/api/books/main', { has_search: true })
  for (const use of ['header', 'divider', 'tile'])
    await world.api('POST', '/api/books/main/pictures', { content: PICTURES.gif, use, alt: 'x' })
  // Texts with such characters are refused today.
  await env.DB.prepare("update books set settings = json_set(settings, '$.pictures[0].alt', ?1)")
    .bind(evil('PICTURE_ALT'))
    .run()
  await world.api('PATCH', '/api/books/main', { has_wall: true })
  await env.DB.prepare(
    "insert into buttons (book, host, comment_id, url, reason) values ('main', 'a.example', 'cmt_1', ?1, 'x')"
  )
    .bind(evil('BUTTON_URL'))
    .run()
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

/** Of the page of an endpoint. */
const TABS = [
  ...['?tab=test', '?tab=replay', '?tab=replay&preview=true&only=all&span=36500&event_types='],
  ...['?tab=secret&secret=show', '?tab=settings'],
]

/** The addresses to visit, for the path of each page. */
export function addresses(seeds: Seeds): Record<string, string[]> {
  const { endpoint, managed, message, event, source, inbound, comment, token, renewal, imported } = seeds
  const q = encodeURIComponent(evil('q'))
  return {
    '/': ['/', `/?signed=${q}`, `/?q=${q}`, '/?day=today'],
    '/sign': ['/sign'],
    '/b/:slug/sign': ['/b/summer/sign'],
    '/embed/:slug/sign': ['/embed/summer/sign'],
    '/b/:slug': ['/b/summer'],
    '/export.html': ['/export.html'],
    '/b/:slug/export.html': ['/b/main/export.html', '/b/summer/export.html'],
    '/admin/books': ['/admin/books'],
    '/admin/books/:slug': ['/admin/books/main', '/admin/books/summer'],
    '/admin/books/:slug/pictures': ['/admin/books/main/pictures', '/admin/books/summer/pictures'],
    '/admin/books/:slug/wall': ['/admin/books/main/wall', '/admin/books/summer/wall'],
    '/admin/books/:slug/bans': ['/admin/books/summer/bans'],
    '/admin/books/:slug/embed': ['/admin/books/summer/embed'],
    '/admin/books/:slug/preview': ['/admin/books/summer/preview'],
    '/embed/:slug': ['/embed/main', '/embed/summer'],
    '/comments/:id': [`/comments/${comment}`],
    '/webhooks': ['/webhooks'],
    '/webhooks/guide': ['/webhooks/guide'],
    '/webhooks/deleted': ['/webhooks/deleted'],
    '/webhooks/renew/:token': [`/webhooks/renew/${renewal}`],
    '/webhooks/manage/:token': ['', ...TABS].map((tab) => `/webhooks/manage/${token}${tab}`),
    '/webhooks/manage/:token/guide': [`/webhooks/manage/${token}/guide`],
    '/webhooks/manage/:token/edit': [`/webhooks/manage/${token}/edit`],
    '/webhooks/manage/:token/messages/:message_id': [`/webhooks/manage/${token}/messages/${event}`],
    '/admin': ['/admin'],
    '/admin/login': [`/admin/login?next=${q}`],
    '/admin/comments': ['/admin/comments', '/admin/comments?status=held'],
    '/admin/comments/:id': [`/admin/comments/${comment}`],
    '/admin/endpoints': ['/admin/endpoints'],
    '/admin/endpoints/new': ['/admin/endpoints/new'],
    '/admin/endpoints/:id': [endpoint, managed].flatMap((id) =>
      ['?status=all', `?tab=test&tested=${message}`, '?tab=pull', ...TABS].map((tab) => `/admin/endpoints/${id}${tab}`)
    ),
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
    '/admin/sources/new': ['/admin/sources/new', `/admin/sources/new?q=${q}`, '/admin/sources/new?provider=github'],
    '/admin/sources/:id': [`/admin/sources/${source}?secret=show`],
    '/admin/event-types': ['/admin/event-types'],
    '/admin/event-types/:name': ['/admin/event-types/order.paid'],
    '/admin/signature': ['/admin/signature'],
    '/admin/keys': ['/admin/keys'],
    '/admin/access': ['/admin/access'],
    '/admin/access/audit': ['/admin/access/audit', `/admin/access/audit?act=${q}&actor=${q}`],
    '/admin/settings': ['/admin/settings'],
    '/admin/storage': ['/admin/storage'],
    '/admin/system': ['/admin/system'],
    '/admin/bans': ['/admin/bans'],
    '/admin/moving': ['/admin/moving'],
    '/admin/moving/imports/:id': [`/admin/moving/imports/${imported}`],
    '/admin/moving/people': ['/admin/moving/people', `/admin/moving/people?q=GUEST&erased=${q}`],
    '/admin/moving/people/erase': [`/admin/moving/people/erase?q=${q}&ids=${comment}`, '/admin/moving/people/erase'],
  }
}

/** They redirect to the form. */
const PREVIEWS = ['/admin/endpoints/preview', '/admin/endpoints/:id/preview']

/** The paths of all pages, from the routes of the program. */
export function pagePaths(): string[] {
  const isPage = (path: string) => !/^\/(api|in|healthz|openapi\.json|\.well-known)(\/|$)|\*/.test(path)
  const found = app.routes.filter(({ method, path }) => method === 'GET' && isPage(path)).map(({ path }) => path)
  // Some redirect, and a guest's own entry needs a cookie, and a link a signature.
  const downloads = [
    '/admin/inbound/:id/body',
    '/admin/inbound/:id/har',
    '/admin/moving/export',
    '/admin/moving/export/count',
    '/admin/moving/people/export',
    '/admin/signature/:id',
  ]
  const others = [
    ...downloads,
    '/admin/',
    '/b/main',
    '/b/main/sign',
    '/feed',
    '/b/:slug/feed',
    '/comments/:id/edit',
    '/moderate/:token',
    ...PREVIEWS,
  ]
  const isFile = (path: string) => /\.(atom|json|png|svg|txt|xml)$|^\/(buttons|faces|pictures|styles)\//.test(path)
  return [...new Set(found)].filter((path) => !others.includes(path) && !isFile(path))
}
