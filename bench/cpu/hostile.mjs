import fc from 'fast-check'

/* Arbitraries for requests that a stranger could send to use up CPU time. Each has a description. */

const KB = 1_024
const MB = 1_024 * KB
const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

/** Text that some algorithm might handle badly when it is repeated. */
const unit = fc.oneof(
  fc.constantFrom('a', ' ', '\t ', '\n', ' \n', '\r', ' x', '\u0301', '\u0301\u0323', 'a\u0301', '\u1100\u1161', 'ﷺ', '𝅗𝅥'),
  fc.constantFrom('🎉', '👩‍👩‍👧', '\u202e', '\u00ad', '\u3164', '\ufdfa', 'İ', 'ß', '\ud800', '\0', '\\u0041', '\\'),
  fc.constantFrom('<', '<a ', '&', '"', "'", '%', '%41', '%F0%9F%8E%89', '%25', '+', '=', ';', ',', ', ', '/', '//', '../', '?', '#'),
  fc.constantFrom('http://', 'www.', 'https://a.b ', '@', '(', ')', '[', ']', '{', '}', '{{', '*', '_', '`', '|', '~', '\u2028'),
  fc.string({ minLength: 1, maxLength: 3 })
)

/** @returns an arbitrary of text that repeats a unit up to about `max` characters, with something before and after it */
function repeated(max) {
  return fc
    .record({ before: fc.constantFrom('', 'x', '['), unit, length: sizes(max), after: fc.constantFrom('', 'x', ' ', '!') })
    .map(({ before, unit, length, after }) => before + unit.repeat(Math.ceil(length / unit.length)).slice(0, length) + after)
}

/** Prefers sizes near the maximum. */
function sizes(max) {
  return fc.oneof(fc.constant(max), fc.integer({ min: 1, max }), fc.integer({ min: Math.floor(max / 2), max }))
}

/** JSON with a hostile structure. @returns an arbitrary of `{ text, description }` */
function hostileJson(max) {
  const shapes = {
    'empty lists': () => '[]',
    'empty objects': () => '{}',
    'numbers': (i) => String(i),
    'long numbers': (i) => `1234567890123456789${i}`,
    'fractions': (i) => `0.123456789012345${i}`,
    'short texts': (i) => `"a${i}"`,
    'escaped quotes': () => '"\\"\\""',
    'escaped letters': () => '"\\u00e9\\ud83c\\udf89"',
    'objects with a name of their own': (i) => `{"k${i}":1}`,
    'objects with four names of their own': (i) => `{"a${i}":1,"b${i}":2,"c${i}":3,"d${i}":4}`,
    'objects with the same names': (i) => `{"id":${i},"name":"n","list":[1,2]}`,
    'names': null,
    'nested lists': (i) => (i % 60 === 0 ? `${'['.repeat(60)}${']'.repeat(60)}` : '0'),
  }
  return fc
    .record({ shape: fc.constantFrom(...Object.keys(shapes)), size: sizes(max), wrap: fc.constantFrom('', 'event', 'payload', 'type') })
    .map(({ shape, size, wrap }) => {
      const list = fill(size, (i) => (shapes[shape] ? shapes[shape](i) : `"k${i}":0`))
      const value = shapes[shape] ? `[${list}]` : `{${list}}`
      const text = wrap ? `{"${wrap}":${value}}` : value
      return { text, description: `JSON of ${shape}${wrap && ` in "${wrap}"`}` }
    })
}

function fill(size, write) {
  const parts = []
  for (let length = 0, i = 0; length < size; i++) {
    parts.push(write(i))
    length += parts.at(-1).length + 1
  }
  if (parts.length > 1) parts.pop()
  return parts.join(',')
}

function hostileForm(max, names) {
  return fc.oneof(
    fc.record({ name: fc.constantFrom(...names), text: repeated(max) }).map(({ name, text }) => ({
      text: `${name}=${encodeURIComponent(text.toWellFormed()).slice(0, max)}`,
      description: `form with a long "${name}"`,
    })),
    fc.record({ name: fc.constantFrom('a', 'field', '%41', ''), size: sizes(max) }).map(({ name, size }) => ({
      text: fill(size, (i) => `${name}${i}=${i}`).replaceAll(',', '&'),
      description: 'form of many fields',
    })),
    sizes(max).map((size) => ({ text: '&'.repeat(size), description: 'form of ampersands' })),
    sizes(max).map((size) => ({ text: fill(size / 16, (i) => `f${i % 990}=${'+%41'.repeat(4)}`).replaceAll(',', '&'), description: 'form of 990 names' }))
  )
}

function hostileBytes(max) {
  return fc.record({ byte: fc.constantFrom(0, 0x80, 0xff, 0xc3, 0x22, 0x5c, null), size: sizes(max) }).map(({ byte, size }) => {
    const bytes = Buffer.alloc(size, byte ?? 0)
    if (byte === null) for (let i = 0; i < size; i++) bytes[i] = (i * 2_654_435_761) >>> 13
    return { text: bytes, description: byte === null ? 'binary body' : `body of bytes 0x${byte.toString(16)}` }
  })
}

const multipart = fc.integer({ min: 1, max: 2_000 }).map((parts) => ({
  text: `${'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'.repeat(parts)}--x--`,
  description: `multipart body of ${parts} parts`,
}))

/** Headers that programs send, with hostile values. */
const headers = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  fc
    .record({
      name: fc.constantFrom('cookie', 'accept', 'if-none-match', 'authorization', 'idempotency-key', 'x-request-id', 'accept-language', 'range'),
      unit: fc.constantFrom('a=b; ', 'a,', 'x', '"', ' ', '=', ';q=0.1,', 'Bearer ', 'W/"a", '),
      length: sizes(12 * KB),
    })
    .map(({ name, unit, length }) => ({ [name]: unit.repeat(Math.ceil(length / unit.length)).trim() || 'x' })),
  fc.integer({ min: 1, max: 300 }).map((count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-h-${i}`, 'v'])))
)

const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  fc
    .record({ name: fc.constantFrom('a', 'cursor', 'limit', 'before', 'token', 'next', 'key'), unit: fc.constantFrom('a', '%41', '+', '&a', '&a=b', '=', '%', '&cursor=x'), length: sizes(14 * KB) })
    .map(({ name, unit, length }) => `?${name}=${unit.repeat(Math.ceil(length / unit.length)).slice(0, length)}`)
)

const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('/', '/sign', '/api/comments', '/comments/x', '/healthz', '/webhooks', '/admin', '/admin/login', '/docs', '/openapi.json', '/.well-known/x') },
  { weight: 2, arbitrary: fc.constantFrom('/webmention', '/in/hook_x', '/api/event-types', '/api/endpoints', '/api/inbound/in_x/body', '/webhooks/manage/link_x', '/api/messages/x', '/robots.txt') },
  fc
    .record({ start: fc.constantFrom('/', '/api/', '/admin/', '/in/', '/comments/', '/webhooks/manage/'), unit: fc.constantFrom('a', '/a', '/', '%41', '%2f', '/..', '/.', '%', '%ff', '*', ':a', '/:a', '\u00e9'), length: sizes(14 * KB) })
    .map(({ start, unit, length }) => encodeURI(start) + encodeURI(unit).replaceAll('%25', '%').repeat(Math.ceil(length / unit.length)))
)

const reading = fc
  .record({ method: fc.constantFrom('GET', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'), path, query, headers })
  .map(({ method, path, query, headers }) => ({ method, path: path + query, headers, description: `${method} ${shorten(path)}${query && ` with the query ${shorten(query)}`}${describeHeaders(headers)}` }))

/** Requests with a body to addresses that are open to everyone. */
const writing = fc
  .oneof(
    posting(fc.constant('/sign'), FORM, hostileForm(63 * KB, ['name', 'body', 'website', 'homepage'])),
    posting(fc.constant('/api/comments'), JSON_TYPE, hostileJson(40 * KB)),
    posting(fc.constant('/api/comments'), JSON_TYPE, comment()),
    posting(fc.constant('/admin/login'), FORM, hostileForm(63 * KB, ['token', 'next'])),
    posting(fc.constant('/webhooks'), FORM, hostileForm(63 * KB, ['url', 'event_types', 'description'])),
    posting(path, FORM, hostileForm(63 * KB, ['source', 'target'])),
    posting(path, 'multipart/form-data; boundary=x', multipart)
  )

/** A comment whose fields are near their limits. */
function comment() {
  const field = (max) => fc.oneof(repeated(max), repeated(max * 4), repeated(max * 20))
  return fc
    .record({ name: field(80), body: field(4_000), website: fc.oneof(fc.constant(''), field(300)) })
    .map((fields) => ({ text: JSON.stringify(fields).slice(0, 62 * KB), description: `comment of ${JSON.stringify([...fields.body].slice(0, 3).join(''))}` }))
}

/** @param paths the path of each source's URL, by provider @param max the maximum size of the body in bytes */
function sending(paths, max) {
  const body = fc.oneof(hostileJson(max), hostileForm(max, ['payload', 'a', 'Body']), hostileBytes(max), repeated(max).map((text) => ({ text, description: `text of ${JSON.stringify(text.slice(1, 3))}` })), multipart)
  return fc
    .record({ provider: fc.constantFrom(...Object.keys(paths)), body, type: fc.constantFrom(JSON_TYPE, FORM, 'text/plain'), proof, query, headers })
    .map(({ provider, body, type, proof, query, headers }) => ({
      method: 'POST',
      path: paths[provider] + query,
      headers: { ...headers, 'content-type': type, ...proof },
      body: typeof body.text === 'string' ? body.text.toWellFormed() : body.text,
      description: `webhook to a source for ${provider}: ${body.description}, as ${type}${proof['x-hub-signature'] ? ', with signatures' : ''}${query && ', with a query'}${describeHeaders(headers)}`,
    }))
}

/** Signatures for every kind of source, all of them wrong. */
const hex = '0123456789abcdef'.repeat(4)
const proof = fc.constantFrom(
  {},
  {
    'x-twilio-signature': btoa('a'.repeat(20)),
    'x-hub-signature': 'nonsense',
    'x-hub-signature-256': `sha256=${hex}`,
    'x-slack-signature': `v0=${hex}`,
    'x-slack-request-timestamp': String(Math.floor(Date.now() / 1_000)),
    'stripe-signature': `t=${Math.floor(Date.now() / 1_000)},${`v1=${hex},`.repeat(150)}`,
    'webhook-id': 'x',
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-signature': `v1,${btoa('a'.repeat(32))} `.repeat(100),
    'svix-id': 'x',
    'svix-timestamp': String(Math.floor(Date.now() / 1_000)),
    'svix-signature': `v1,${btoa('a'.repeat(32))} `.repeat(100),
    'x-hubspot-signature-v3': btoa('a'.repeat(32)),
    'x-hubspot-request-timestamp': String(Date.now()),
    authorization: 'Bearer nonsense',
  }
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

function shorten(text) {
  return text.length > 40 ? `${text.slice(0, 30)}... (${text.length} characters)` : text
}

function describeHeaders(headers) {
  const names = Object.keys(headers)
  if (names.length === 0) return ''
  return names.length > 3 ? `, with ${names.length} headers` : `, with a long ${names[0]}`
}

/** @returns the arbitraries by class: the maximum of their cost is searched for separately */
export function hostileRequests(paths) {
  return {
    'no body': reading,
    'guestbook, login, registration': writing,
    'webhook up to 64 KB': sending(paths, 64 * KB),
    'webhook up to 1 MB': sending(paths, MB),
    'webhook up to 8 MB': sending(paths, 8 * MB - KB),
  }
}
