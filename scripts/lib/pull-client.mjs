import { readDevVars } from './dev-vars.mjs'

/** @returns {Promise<number>} epoch milliseconds by the guestbook's clock, because the local clock may be wrong */
export async function serverNow(url) {
  const { headers } = await fetch(new URL('/healthz', url))
  return Date.parse(headers.get('Date') ?? '') || Date.now()
}

/** The description that identifies the endpoint created by `npm run listen`. */
const DESCRIPTION = 'npm run listen'
/**
 * The endpoint is disabled, so nothing is sent to it. Even if someone enables it, this host never resolves (RFC 6761).
 */
const UNREACHABLE_URL = 'https://npm-run-listen.invalid/'
const WAIT_SECONDS = 20

/**
 * Finds the endpoint to pull from: the given endpoint with its pull token or, for the owner, the endpoint that is
 * created for listening.
 * @param {{url: string, endpoint?: string, token?: string}} options
 * @returns {Promise<{id: string, token: string, secret: string | null}>} `secret` is null unless the owner is pulling
 * @throws Error if there is no token; Refused if the guestbook rejects it
 */
export async function openEndpoint({ url, endpoint, token }) {
  if (endpoint && token) return { id: endpoint, token, secret: null }
  const owner = process.env.GUESTHOOK_TOKEN ?? localToken(url)
  if (!owner) {
    throw new Error(
      'Set GUESTHOOK_TOKEN to the admin token, or pull from one endpoint: --endpoint ep_... --token pull_... (create the pull token on the endpoint’s page).'
    )
  }
  const { id } = endpoint ? { id: endpoint } : await findOrCreate(url, owner)
  const { secret } = await call(url, `/api/endpoints/${id}/secret`, owner)
  return { id, token: owner, secret }
}

/** @returns the admin token of this checkout if the guestbook runs on this machine, or null */
export function localToken(url) {
  const { hostname } = new URL(url)
  if (!['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return null
  try {
    return readDevVars().ADMIN_TOKEN
  } catch (cause) {
    if (cause.code === 'ENOENT') return null
    throw cause
  }
}

async function findOrCreate(url, token) {
  for (let cursor = ''; cursor !== null; ) {
    const query = `limit=100${cursor && `&cursor=${cursor}`}`
    const { data, next } = await call(url, `/api/endpoints?${query}`, token)
    const existing = data.find(({ description }) => description === DESCRIPTION)
    if (existing) return existing
    cursor = next
  }
  const body = { url: UNREACHABLE_URL, description: DESCRIPTION, enabled: false }
  return call(url, '/api/endpoints', token, body)
}

/**
 * Pulls the next messages, oldest first. Waits for up to `wait` seconds if there are no messages.
 * @param {string | null} after a message ID
 */
export async function pull(url, { id, token }, after, { limit = 20, wait = WAIT_SECONDS } = {}) {
  const query = new URLSearchParams({ limit, wait, ...(after && { after }) })
  return call(url, `/api/endpoints/${id}/messages?${query}`, token)
}

async function call(url, path, token, body) {
  const response = await fetch(new URL(path, url), {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout((WAIT_SECONDS + 10) * 1_000),
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.ok) return JSON.parse(text)
  throw new Refused(response, `${path.split('?')[0]} answered ${response.status}: ${detailOf(text)}`)
}

/** An error response from the guestbook. If the status is below 500, only a 429 is worth another try, after a wait. */
export class Refused extends Error {
  constructor({ status, headers }, message) {
    super(message)
    this.status = status
    this.retryAfterMs = Number(headers.get('Retry-After')) * 1_000
  }
}

/** @param {string} text the body of an error response @returns {string} what is wrong, with each of its `errors` */
export function detailOf(text) {
  try {
    const { detail = text.slice(0, 200), errors = [] } = JSON.parse(text)
    return [detail, ...errors.map(({ message }) => message)].join(' ')
  } catch {
    // The response is not problem details. It may be a proxy's error page.
    return text.slice(0, 200)
  }
}

/** @returns {string} why `fetch` got no response */
export const reasonOf = (cause) => cause.cause?.code ?? cause.cause?.message ?? cause.message
