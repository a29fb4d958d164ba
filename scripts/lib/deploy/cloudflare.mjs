import { readWrangler } from './wrangler.mjs'

const API = process.env.CLOUDFLARE_API_BASE_URL || 'https://api.cloudflare.com/client/v4'
const TIMEOUT_MS = 60_000

/** The codes of Cloudflare's API for a Worker, a database or a subdomain that does not exist. */
const NOT_FOUND = new Set([7404, 10007])

/**
 * Uses the login of wrangler: from `wrangler login`, or from CLOUDFLARE_API_TOKEN.
 * @returns the headers that authenticate a request. @throws Error if nobody is logged in, or the login has expired
 */
export function login() {
  const { CLOUDFLARE_API_TOKEN, CLOUDFLARE_API_KEY } = process.env
  // Wrangler takes a second to say the same.
  if (CLOUDFLARE_API_TOKEN && !CLOUDFLARE_API_KEY) return { Authorization: `Bearer ${CLOUDFLARE_API_TOKEN}` }
  const output = readWrangler(['auth', 'token', '--json'])
  if (output === null) throw new Error(`You are not logged in to Cloudflare. ${LOG_IN}`)
  const { type, token, key, email } = JSON.parse(output)
  return type === 'api_key' ? { 'X-Auth-Key': key, 'X-Auth-Email': email } : { Authorization: `Bearer ${token}` }
}

const LOG_IN = 'Run "npx wrangler login", then "npm run deploy" again.'

/**
 * Sends a request to Cloudflare's API.
 * @returns the result, or null if the resource does not exist
 * @throws Error for every other failure. A login that has expired must not look like secrets that do not exist.
 */
export async function call(headers, method, path, body) {
  const { status, answer } = await send(headers, method, path, body)
  if (answer.success === true) return answer.result
  const [error = { message: `HTTP status ${status}` }] = answer.errors ?? []
  if (NOT_FOUND.has(error.code)) return null
  const code = error.code ? ` [code: ${error.code}]` : ''
  const advice = status === 401 || status === 403 ? ` The login has expired, or lacks a permission. ${LOG_IN}` : ''
  throw new Error(`Cloudflare refused "${method} ${path}": ${error.message}${code}.${advice}`)
}

async function send(headers, method, path, body) {
  try {
    const response = await fetch(API + path, {
      method,
      headers: { ...headers, 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, answer: parse(await response.text()) }
  } catch (cause) {
    throw new Error(`Cloudflare did not respond to "${method} ${path}" (${cause.cause?.code ?? cause.message}).`)
  }
}

/** @returns an empty object if the text is not JSON, because a proxy may respond with an HTML page */
function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
