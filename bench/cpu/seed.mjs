import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGuesthook, TOKEN } from '../runtime.mjs'
import { fillBooks } from './strangers-book.mjs'

/* Fills a database with entries, endpoints, deliveries, sources and inbound messages, for the doors to work on. */

export const ENDPOINTS = 12
const COMMENTS = 60
const INBOUND = 60
export const SECRET = 'a secret that only the benchmark knows'
export const OWNER = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' }
/** One source for each kind of work that a stranger's request can cause. */
const PROVIDERS = {
  github: { act: 'publish' },
  twilio: { strict: true },
  slack: { strict: true },
  mailgun: { strict: true },
  stripe: {},
  'standard-webhooks': { strict: true, secret: `whsec_${btoa(SECRET)}` },
  websub: { strict: true },
  hubspot: { strict: true },
  'bearer-token': {},
  'query-token': { strict: true },
  unsigned: { act: 'sign', template: { name: '{{name}}', body: '{{text}}' } },
}

/** @returns the paths and ids of what was created, and the cookie of a session */
export async function seed(folder, receiver) {
  const { mf, db, url } = await startGuesthook({ folder })
  const create = async (path, body) => {
    const response = await fetch(url + path, { method: 'POST', headers: OWNER, body: JSON.stringify(body) })
    if (response.status > 202) throw new Error(`${path} returned ${response.status}: ${await response.text()}`)
    return response.json()
  }
  const endpoints = []
  for (let i = 0; i < ENDPOINTS; i++) endpoints.push(await create('/api/endpoints', { url: `${receiver}/${i}` }))
  const created = []
  for (const [provider, more] of Object.entries(PROVIDERS)) created.push(await createSource(create, provider, more))
  const sources = Object.fromEntries(created.map(({ provider, url }) => [provider, new URL(url).pathname]))
  const comments = []
  for (let i = 0; i < COMMENTS; i++)
    comments.push(await create('/api/comments', { name: 'Ada', body: `Entry ${i}. `.repeat(10) }))
  for (let i = 0; i < 5; i++)
    await create('/api/comments', { name: 'Bob', body: 'https://a.example https://b.example www.c.example' })
  const inbound = []
  for (let i = 0; i < INBOUND; i++) inbound.push(await sendStar(url + sources.github, i))
  await fillBooks(create)
  await create('/api/event-types', { name: 'own.type', schema: { type: 'object' }, example: {} })
  await settle(url)
  const message = (await read(url, '/api/messages?limit=1')).data[0]
  const cookie = await logIn(url)
  await removeQuotas(db)
  await mf.dispose()
  const ids = { endpoint: endpoints[0].id, comment: comments[0].id, inbound: inbound[0].id, message: message.id }
  return { sources, source: created[0].id, ...ids, cookie }
}

function createSource(create, provider, { secret = SECRET, ...more }) {
  return create('/api/sources', { name: provider, provider, ...more, ...(provider !== 'unsigned' && { secret }) })
}

async function sendStar(url, i) {
  const { body, headers } = signedStar(`star ${i}`)
  const response = await fetch(url, { method: 'POST', headers, body })
  return response.json()
}

/** @param size the approximate size of the body in bytes */
export function signedStar(text, size = 2_000) {
  const filler = `Lorem "ipsum" dolor sit amet ${text}.\n`
  const times = Math.floor(size / JSON.stringify(filler).length)
  const body = JSON.stringify({ action: 'created', sender: { login: 'ada' }, filler: filler.repeat(times) })
  return { body, headers: signedAsGitHub(body, 'application/json') }
}

export function signedAsGitHub(body, type) {
  return {
    'content-type': type,
    'x-github-event': 'star',
    'x-github-delivery': crypto.randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
  }
}

/** Refused requests cost less than those that are accepted. */
async function removeQuotas(db) {
  await db.batch([
    db.prepare('update sources set daily_quota_mb = 0'),
    db.prepare("update books set settings = json_set(settings, '$.daily_quota_mb', 0, '$.moderation', 'none')"),
  ])
}

async function read(url, path) {
  return (await fetch(url + path, { headers: OWNER })).json()
}

/** Waits until all inbound messages are processed and all messages are delivered. */
async function settle(url) {
  for (let i = 0; i < 300; i++) {
    const { data } = await read(url, '/api/inbound?status=new&limit=1')
    const { data: waiting } = await read(url, '/api/messages?limit=100')
    const isDelivered = waiting.every(({ deliveries = {} }) => (deliveries.pending ?? 0) === 0)
    if (data.length === 0 && isDelivered) return
    await sleep(100)
  }
  throw new Error('The seed was not processed within 30 seconds.')
}

async function logIn(url) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: url }
  const init = { method: 'POST', headers, body: new URLSearchParams({ token: TOKEN }), redirect: 'manual' }
  const response = await fetch(`${url}/admin/login`, init)
  if (response.status !== 303) throw new Error(`The login returned ${response.status}.`)
  return response.headers.getSetCookie()[0].split(';')[0]
}

/** Starts a receiver that accepts everything. */
export async function startReceiver() {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.end('ok'))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${server.address().port}`, close }
}
