import { readDevVars } from './dev-vars.mjs'

/** @returns {Promise<number>} epoch milliseconds by the guestbook's clock, since this one may be wrong */
export async function serverNow(url) {
  const { headers } = await fetch(new URL('/healthz', url))
  return Date.parse(headers.get('Date') ?? '') || Date.now()
}

/** The description by which `npm run listen` finds its own endpoint again. */
const OWN = 'npm run listen'
/** Never called, since the endpoint is registered without being enabled; and nowhere, should somebody enable it (RFC 6761). */
const NOWHERE = 'https://npm-run-listen.invalid/'
const WAIT_SECONDS = 20

/**
 * Where messages are pulled from: an endpoint with its pull token, or, for the owner, one that is made for listening.
 * @param {{url: string, endpoint?: string, token?: string}} options
 * @returns {Promise<{id: string, token: string, secret: string | null}>} the secret when the owner asks
 */
export async function openSource({ url, endpoint, token }) {
  if (endpoint && token) return { id: endpoint, token, secret: null }
  const owner = process.env.GUESTHOOK_TOKEN ?? localToken(url)
  if (!owner) {
    throw new Error(
      'Say which endpoint to pull from: --endpoint ep_... --token pull_... (the endpoint’s page makes one), or set GUESTHOOK_TOKEN to the admin token.'
    )
  }
  const { id } = endpoint ? { id: endpoint } : await findOwn(url, owner)
  const { secret } = await call(url, `/api/endpoints/${id}/secret`, owner)
  return { id, token: owner, secret }
}

/** On this machine the admin token lies beside us. */
function localToken(url) {
  const { hostname } = new URL(url)
  if (!['localhost', '127.0.0.1', '[::1]'].includes(hostname)) return null
  try {
    return readDevVars().ADMIN_TOKEN
  } catch (cause) {
    if (cause.code === 'ENOENT') return null
    throw cause
  }
}

async function findOwn(url, token) {
  for (let cursor = ''; cursor !== null; ) {
    const query = `limit=100${cursor && `&cursor=${cursor}`}`
    const { data, next } = await call(url, `/api/endpoints?${query}`, token)
    const own = data.find(({ description }) => description === OWN)
    if (own) return own
    cursor = next
  }
  const body = { url: NOWHERE, description: OWN, enabled: false }
  return call(url, '/api/endpoints', token, body)
}

/**
 * The next messages, oldest first; waits a while for the first.
 * @param {string | null} after a message id
 */
export async function pull(url, { id, token }, after, { limit = 20, wait = WAIT_SECONDS } = {}) {
  const query = new URLSearchParams({ limit, wait, ...(after && { after }) })
  return call(url, `/api/endpoints/${id}/messages?${query}`, token)
}

async function call(url, path, token, body) {
  const response = await fetch(new URL(path, url), {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout((WAIT_SECONDS + 10) * 1_000),
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (response.ok) return JSON.parse(text)
  throw new Refused(
    response.status,
    `${path.split('?')[0]} answered ${response.status}: ${detailOf(text)}`
  )
}

/** The guestbook said no: asking again would not help. */
export class Refused extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

function detailOf(text) {
  try {
    const { detail, errors = [] } = JSON.parse(text)
    return [detail, ...errors.map(({ message }) => message)].join(' ')
  } catch {
    // Not ours: a proxy's page, perhaps.
    return text.slice(0, 200)
  }
}
