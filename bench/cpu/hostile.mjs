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
