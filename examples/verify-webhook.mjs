// Verifies a webhook from Guesthook, or from any sender of Standard Webhooks. One file without dependencies: copy it into your
// project. Runs where WebCrypto is: Node 20 and later, Deno, Bun, Workers.
//
//   const event = await verifyWebhook({
//     headers: request.headers,           // a Headers, or an object with lower-case names
//     body: await request.text(),         // exactly as it came: never parsed and written again
//     secrets: ['whsec_...'],             // the endpoint's, or
//     publicKeys: await fetchPublicKeys('https://guestbook.example.com/.well-known/webhook-keys'),
//   })
//
// One scheme is enough. The same `webhook-id` may come more than once: remember those that you have dealt with.

const TOLERANCE_SECONDS = 300

/** What is wrong with a request, in `code`: `missing_header`, `bad_timestamp`, `timestamp_out_of_range`, `no_match`, `bad_key`. */
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
 * @param {string} request.body the text exactly as it came
 * @param {string[]} [request.secrets] `whsec_...`, each that is valid now
 * @param {string[]} [request.publicKeys] `whpk_...`, each that is valid now
 * @param {number} [request.now] seconds since the epoch
 * @returns {Promise<any>} the body as JSON, once it is known to be the sender's
 * @throws {WebhookError}
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
  if (!matches) throw new WebhookError('no_match', 'No signature fits the body and a key.')
  return JSON.parse(body)
}

const KEEP_MS = 300_000
const kept = new Map()

/**
 * The public keys of a deployment, kept for five minutes. While they cannot be fetched, the ones before still count.
 * @param {string} url of its JWK set
 * @returns {Promise<string[]>} `whpk_...`
 */
export async function fetchPublicKeys(url) {
  const known = kept.get(url)
  if (known && known.until > Date.now()) return known.keys
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`)
    const { keys: set } = await response.json()
    const keys = set.filter(({ crv }) => crv === 'Ed25519').map(({ x }) => `whpk_${fromUrl(x)}`)
    kept.set(url, { keys, until: Date.now() + KEEP_MS })
    return keys
  } catch (cause) {
    if (known) return known.keys
    throw cause
  }
}

function header(headers, name) {
  const value = typeof headers.get === 'function' ? headers.get(name) : headers[name]
  if (typeof value === 'string' && value !== '') return value
  throw new WebhookError('missing_header', `There is no ${name} header.`)
}

function checkTimestamp(text, now) {
  if (!/^[1-9]\d{0,11}$/.test(text))
    throw new WebhookError('bad_timestamp', 'The timestamp is no number of seconds.')
  if (Math.abs(now - Number(text)) > TOLERANCE_SECONDS)
    throw new WebhookError('timestamp_out_of_range', 'The request is older or newer than 5 minutes.')
}

/** The header is not trusted yet: only a few signatures are looked at. */
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
  throw new WebhookError('bad_key', `A key here is "${prefix}" and base64.`)
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
