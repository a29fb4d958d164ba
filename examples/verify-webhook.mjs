// Verifies a webhook from Guesthook, or from any sender that uses Standard Webhooks. This file has no dependencies, so
// you can copy it into your project. It needs WebCrypto: Node 20 or later, Deno, Bun, or Workers.
//
//   const event = await verifyWebhook({
//     headers: request.headers,           // a Headers object, or a plain object with lower-case names
//     body: await request.text(),         // exactly as received: do not parse and serialize it first
//     secrets: ['whsec_...'],             // the endpoint's secrets, or
//     publicKeys: await fetchPublicKeys('https://guestbook.example.com/.well-known/webhook-keys'),
//   })
//
// You need only one of `secrets` and `publicKeys`. A message can arrive more than once with the same `webhook-id`.
// Store the IDs that you have processed.

const TOLERANCE_SECONDS = 300

/** Has a `code`: `missing_header`, `bad_timestamp`, `timestamp_out_of_range`, `no_match`, or `bad_key`. */
export class WebhookError extends Error {
  constructor(code, message) {
    super(message)
    this.name = 'WebhookError'
    this.code = code
  }
}

/**
 * @param {object} request
 * @param {Headers | Record<string, string>} request.headers
 * @param {string} request.body the body exactly as received
 * @param {string[]} [request.secrets] every secret that is currently valid: `whsec_...`
 * @param {string[]} [request.publicKeys] every public key that is currently valid: `whpk_...`
 * @param {number} [request.now] seconds since the epoch; the current time by default
 * @returns {Promise<any>} the parsed body
 * @throws {WebhookError} if the request or a key is invalid
 */
export async function verifyWebhook({ headers, body, secrets = [], publicKeys = [], now }) {
  const id = header(headers, 'webhook-id')
  const timestamp = header(headers, 'webhook-timestamp')
  const signatures = header(headers, 'webhook-signature').split(' ')
  checkTimestamp(timestamp, now ?? Date.now() / 1_000)
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`)
  const matches =
    (await anyMatches('v1', signatures, secrets, signed, hmacMatches)) ||
    (await anyMatches('v1a', signatures, publicKeys, signed, ed25519Matches))
  if (!matches) throw new WebhookError('no_match', 'No signature matches the body with any of the keys.')
  return JSON.parse(body)
}

const CACHE_MS = 300_000
const cache = new Map()

/**
 * Fetches the public keys of a deployment and caches them for five minutes. If they cannot be fetched again, the cached
 * keys remain valid.
 * @param {string} url the URL of the JWK set
 * @returns {Promise<string[]>} `whpk_...`
 * @throws {Error} if the keys cannot be fetched and none are cached
 */
export async function fetchPublicKeys(url) {
  const cached = cache.get(url)
  if (cached && cached.until > Date.now()) return cached.keys
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    if (!response.ok) throw new Error(`${url} responded with ${response.status}.`)
    const { keys: set } = await response.json()
    const keys = set.filter(({ crv }) => crv === 'Ed25519').map(({ x }) => `whpk_${fromUrl(x)}`)
    cache.set(url, { keys, until: Date.now() + CACHE_MS })
    return keys
  } catch (cause) {
    if (cached) return cached.keys
    throw cause
  }
}

function header(headers, name) {
  const value = typeof headers.get === 'function' ? headers.get(name) : headers[name]
  if (typeof value === 'string' && value !== '') return value
  throw new WebhookError('missing_header', `The ${name} header is missing.`)
}

function checkTimestamp(text, now) {
  if (!/^[1-9]\d{0,11}$/.test(text))
    throw new WebhookError('bad_timestamp', 'The timestamp must be a number of seconds.')
  if (Math.abs(now - Number(text)) > TOLERANCE_SECONDS)
    throw new WebhookError('timestamp_out_of_range', 'The timestamp is more than 5 minutes off.')
}

/** Checks only a few signatures, because the header cannot be trusted yet. */
async function anyMatches(version, signatures, keys, signed, matches) {
  const given = signatures.filter((item) => item.startsWith(`${version},`)).slice(0, 4)
  for (const key of keys) {
    for (const item of given) {
      const signature = decode(item.slice(version.length + 1))
      if (signature && (await matches(key, signature, signed))) return true
    }
  }
  return false
}

async function hmacMatches(secret, signature, signed) {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const bytes = keyBytes(secret, 'whsec_')
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify'])
  // WebCrypto compares in constant time.
  return crypto.subtle.verify('HMAC', key, signature, signed)
}

async function ed25519Matches(publicKey, signature, signed) {
  const bytes = keyBytes(publicKey, 'whpk_')
  const key = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, signature, signed)
}

function keyBytes(text, prefix) {
  const bytes = text.startsWith(prefix) ? decode(text.slice(prefix.length)) : null
  if (bytes && bytes.length > 0) return bytes
  throw new WebhookError('bad_key', `A key must be "${prefix}" followed by base64.`)
}

function decode(base64) {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  } catch {
    return null
  }
}

function fromUrl(base64url) {
  const text = base64url.replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}
