import fc from 'fast-check'
import {
  hostileBytes,
  hostileComment,
  hostileForm,
  hostileJson,
  multipart,
  repeat,
  repeated,
  sizes,
} from './hostile-bodies.mjs'
import { chinese } from './strangers-book.mjs'

/* Arbitraries for requests that a stranger could send to use up CPU time. */

const KB = 1_024
const MB = 1_024 * KB
const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

/** @returns the arbitraries, by class. @param paths the path of each source's URL, by provider */
export function hostileRequests(paths) {
  return {
    'no body': reading,
    'guestbook, login, registration': writing,
    'international hosts': hosts,
    'an entry, and the page or list that shows it': showing,
    'an edit of an entry': editing,
    'a page that mentions a book': mentioning,
    'webhook up to 64 KB': sending(paths, 64 * KB),
    'webhook up to 1 MB': sending(paths, MB),
    'webhook up to 4 MB': sending(paths, 4 * MB - KB),
    'webhook up to 8 MB': sending(paths, 8 * MB - KB),
  }
}

const longHeader = fc.record({
  name: fc.constantFrom(
    'cookie',
    'accept',
    'if-none-match',
    'authorization',
    'idempotency-key',
    'x-request-id',
    'range'
  ),
  unit: fc.constantFrom('a=b; ', 'a,', 'x', '"', ' ', '=', ';q=0.1,', 'Bearer ', 'W/"a", '),
  length: sizes(12 * KB),
})

const headers = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  longHeader.map(({ name, unit, length }) => ({ [name]: repeat(unit, length).trim() || 'x' })),
  fc
    .integer({ min: 4, max: 300 })
    .map((count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-h-${i}`, 'v'])))
)

const longQuery = fc.record({
  name: fc.constantFrom('a', 'cursor', 'limit', 'before', 'token', 'next', 'key'),
  unit: fc.constantFrom('a', '%41', '+', '&a', '&a=b', '=', '%', '&cursor=x'),
  length: sizes(14 * KB),
})

const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  longQuery.map(({ name, unit, length }) => `?${name}=${repeat(unit, length)}`)
)

const PAGES = ['/', '/sign', '/comments/x', '/healthz', '/webhooks', '/admin', '/admin/login', '/mcp', '/.well-known/x']
const CALLS = [
  '/api/comments',
  '/openapi.json',
  '/in/hook_x',
  '/api/event-types',
  '/api/endpoints',
  '/api/inbound/in_x/body',
]

const longPath = fc.record({
  start: fc.constantFrom('/', '/api/', '/admin/', '/in/', '/comments/', '/webhooks/manage/'),
  unit: fc.constantFrom('a', '/a', '/', '%41', '%2f', '/..', '/.', '%', '%ff', '*', ':a', '/:a', '%C3%A9'),
  length: sizes(14 * KB),
})

const path = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...PAGES, ...CALLS, '/webmention', '/robots.txt') },
  longPath.map(({ start, unit, length }) => start + repeat(unit, length))
)

const reading = fc
  .record({ method: fc.constantFrom('GET', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'), path, query, headers })
  .map(({ method, path, query, headers }) => ({
    method,
    path: path + query,
    headers,
    description: `${method} ${shorten(path)}${query && ` with ${shorten(query)}`}${describeHeaders(headers)}`,
  }))

const OTHER_HOST = fc.constantFrom(
  '中',
  '㌀',
  '\ufdfa',
  'é',
  'ß',
  '🎉',
  '%E4%B8%AD',
  'xn--a',
  'a',
  '-',
  '.',
  '@',
  '\u0301'
)

/** A URL with a host of many letters, all different or all the same, wherever a stranger's URL is read. */
const hostileUrl = fc.oneof(
  fc.record({ length: sizes(4_000), start: fc.nat(20), label: fc.constantFrom(20, 60, 4_000) }),
  fc.record({ length: sizes(4_000), unit: OTHER_HOST, label: fc.constantFrom(20, 60, 4_000) })
)
const urlOf = ({ length, start, unit, label }) => {
  const text = unit === undefined ? chinese(length, start) : repeat(unit, length)
  return `https://${text.toWellFormed().replace(new RegExp(`(.{${label}})`, 'gu'), '$1.')}.example/`
}

const hosts = fc
  .record({ url: hostileUrl, place: fc.constantFrom('website', 'body', 'source', 'target', 'return_to', 'endpoint') })
  .map(({ url, place }) => ({
    ...placed(urlOf(url), place),
    description: `a host of ${url.length} letters as ${place}`,
  }))

function placed(url, place) {
  const form = (path, fields) => ({ ...sent(path, FORM), body: String(new URLSearchParams(fields)) })
  if (place === 'return_to') return { method: 'GET', path: `/?return_to=${encodeURIComponent(url).slice(0, 14 * KB)}` }
  if (place === 'endpoint') return form('/webhooks', { url, event_types: 'comment.published' })
  if (place === 'source') return form('/webmention', { source: url, target: 'http://localhost/' })
  if (place === 'target') return form('/webmention', { source: 'https://a.example/', target: url })
  const entry = { name: 'Eve', body: place === 'body' ? `${url} `.repeat(20).slice(0, 3_990) : 'x', website: '' }
  const website = place === 'website' ? url.slice(0, 300) : ''
  return { ...sent('/api/comments', JSON_TYPE), body: JSON.stringify({ ...entry, website }) }
}

const sent = (path, type) => ({ method: 'POST', path, headers: { 'content-type': type } })

/** Text in which much becomes an element. */
const shownText = fc
  .record({
    units: fc.array(fc.constantFrom(...':) |*a* |**b** |`c` |http://a.b |\n|> q\n|&|<|a|(|🎉|中 |!!! '.split('|')), {
      minLength: 1,
      maxLength: 4,
    }),
    more: fc.nat(1_000_000),
  })
  .map(({ units, more }) => `${more} ${repeat(units.join(''), 3_900).toWellFormed()}`)

/** `follow` is measured as the processing of the request. */
const showing = fc
  .record({ body: shownText, path: fc.constantFrom('', '/feed.atom', '/feed.json', '/export.html', '?signed=pending') })
  .map(({ body, path }) => ({
    ...sent('/api/comments', JSON_TYPE),
    body: JSON.stringify({ name: 'Eve', body, book: 'smileys' }),
    follow: () => ({ path: `/b/smileys${path}`, method: 'GET' }),
    description: `entry of ${JSON.stringify(body.slice(0, 20))}, shown by ${path || 'the page'}`,
  }))

const editing = fc.record({ body: shownText, more: fc.nat(1_000_000) }).map(({ body, more }) => ({
  ...sent('/api/comments', JSON_TYPE),
  body: JSON.stringify({ name: 'Eve', body: `Hello ${more}` }),
  follow: ({ id, edit_token }) => ({
    path: `/api/comments/${id}`,
    method: 'PATCH',
    headers: { 'content-type': JSON_TYPE, authorization: `Bearer ${edit_token}` },
    body: JSON.stringify({ body }),
  }),
  description: `edit to ${JSON.stringify(body.slice(0, 20))}`,
}))

const TAGS = [
  '<p>x</p>',
  '<div>',
  '<b class="h-card p-name">',
  '<i class="h-entry e-content">x',
  '<a href="//{host}/y">',
  'x ',
]
/** `serve`: the page that mentions the book. It is read as the processing of the request. */
const mentioning = fc
  .record({ units: fc.array(fc.constantFrom(...TAGS), { minLength: 1, maxLength: 3 }), isFirst: fc.boolean() })
  .map(({ units, isFirst }) => ({
    mention: (link, host) => {
      const filler = repeat(units.join('').replaceAll('{host}', host), 500 * KB)
      return `<div class="h-entry">${isFirst ? link + filler : filler + link}`
    },
    description: `page of ${units.join('')}, with the link at its ${isFirst ? 'start' : 'end'}`,
  }))

/** Requests with a body to addresses that are open to everyone. */
const writing = fc.oneof(
  posting(fc.constant('/sign'), FORM, hostileForm(63 * KB, ['name', 'body', 'website', 'homepage'])),
  posting(fc.constant('/api/comments'), JSON_TYPE, hostileJson(62 * KB)),
  posting(fc.constant('/api/comments'), JSON_TYPE, hostileComment(62 * KB)),
  posting(fc.constant('/admin/login'), FORM, hostileForm(63 * KB, ['token', 'next'])),
  posting(fc.constant('/webhooks'), FORM, hostileForm(63 * KB, ['url', 'event_types', 'description'])),
  posting(path, FORM, hostileForm(63 * KB, ['source', 'target'])),
  posting(path, 'multipart/form-data; boundary=x', multipart)
)

function posting(path, type, body) {
  return fc.record({ path, body, headers }).map(({ path, body, headers }) => ({
    method: 'POST',
    path,
    headers: { ...headers, 'content-type': type },
    body: body.text,
    description: `POST ${shorten(path)}: ${body.description}${describeHeaders(headers)}`,
  }))
}

const hex = '0123456789abcdef'.repeat(4)
const base64 = btoa('a'.repeat(32))

/** Signatures for every kind of source, all of them wrong. */
function forgeries() {
  const seconds = String(Math.floor(Date.now() / 1_000))
  const listed = ['webhook', 'svix'].flatMap((name) => [
    [`${name}-id`, 'x'],
    [`${name}-timestamp`, seconds],
    [`${name}-signature`, `v1,${base64} `.repeat(100)],
  ])
  return {
    ...Object.fromEntries(listed),
    'x-twilio-signature': base64,
    'x-hub-signature': 'nonsense',
    'x-hub-signature-256': `sha256=${hex}`,
    'x-slack-signature': `v0=${hex}`,
    'x-slack-request-timestamp': seconds,
    'stripe-signature': `t=${seconds},${`v1=${hex},`.repeat(150)}`,
    'x-hubspot-signature-v3': base64,
    'x-hubspot-request-timestamp': `${seconds}000`,
    authorization: 'Bearer nonsense',
  }
}

/** Webhooks to sources of each kind. */
function sending(paths, max) {
  const text = repeated(max).map((text) => ({ text, description: `text of ${JSON.stringify(text.slice(1, 3))}` }))
  const body = fc.oneof(
    hostileJson(max),
    hostileForm(max, ['payload', 'a', 'Body']),
    hostileBytes(max),
    text,
    multipart
  )
  const type = fc.constantFrom(JSON_TYPE, FORM, 'text/plain')
  const provider = fc.constantFrom(...Object.keys(paths))
  const parts = fc.record({ provider, body, type, isForged: fc.boolean(), query, headers })
  return parts.map(({ provider, body, type, isForged, query, headers }) => ({
    method: 'POST',
    path: paths[provider] + query,
    headers: { ...headers, 'content-type': type, ...(isForged && forgeries()) },
    body: Buffer.from(typeof body.text === 'string' ? body.text.toWellFormed() : body.text).subarray(0, max),
    description: `to ${provider}: ${body.description}, as ${type}${isForged ? ', with signatures' : ''}${query && ', with a query'}${describeHeaders(headers)}`,
  }))
}

function shorten(text) {
  return text.length > 40 ? `${text.slice(0, 30)}... (${text.length} characters)` : text
}

function describeHeaders(headers) {
  const names = Object.keys(headers)
  if (names.length === 0) return ''
  return names.length > 3 ? `, with ${names.length} headers` : `, with a long ${names[0]}`
}
