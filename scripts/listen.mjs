// npm run listen: forwards events to a receiver that the guestbook cannot call, such as one on your laptop.
//   npm run listen -- --url https://guestbook.example.com --to http://localhost:3000/hook
import { parseArgs } from 'node:util'
import { fetchPublicKeys, verifyWebhook } from '../examples/verify-webhook.mjs'
import { readUrl, refuseLost } from './lib/options.mjs'
import { printable } from './lib/printable.mjs'
import { openEndpoint, pull, Refused, reasonOf, serverNow } from './lib/pull-client.mjs'

const USAGE = `Usage: npm run listen -- --url <guestbook> --to <receiver>

  --url       the guestbook's URL (default: http://localhost:8787)
  --to        where to post events, for example http://localhost:3000/hook
  --endpoint  pull only the events for this endpoint (default: all events)
  --token     pull token of that endpoint; create a token on the endpoint's page
  --after     start after the message with this ID instead of now

  Without --token, the admin token is used: from GUESTHOOK_TOKEN or, for a guestbook on this
  machine, from .dev.vars.

  Keys: r posts the last event again with a new signature, 1 to 9 post an earlier event again, q quits.`

const PAUSE_MS = 2_000
const MAX_RESPONSE_CHARS = 200
const MAX_POSTED = 10

const options = readOptions()
const keysUrl = new URL('/.well-known/webhook-keys', options.url).href
/** Latest event first. Each entry contains the preceding message ID, so that the event can be pulled again. */
const posted = []

try {
  const endpoint = await openEndpoint(options)
  // Before it says that it listens: an event that follows at once must not be missed.
  const after = options.after ?? firstIdAt(await serverNow(options.url))
  console.log(`Listening to ${options.url}
Posting to ${options.to}
${endpoint.secret ? `Signing secret: ${endpoint.secret}\n` : ''}Keys: r posts the last event again, 1 to 9 post an earlier event again, q quits.`)
  readKeys(endpoint)
  await listen(endpoint, after)
} catch (cause) {
  const isUnreachable = cause.message === 'fetch failed'
  console.error(isUnreachable ? `Cannot reach the guestbook at ${options.url} (${reasonOf(cause)}).` : cause.message)
  process.exit(1)
}

function readOptions() {
  const names = ['url', 'to', 'endpoint', 'token', 'after']
  const config = Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
  try {
    refuseLost(names)
    const { values } = parseArgs({ options: config })
    const { url = 'http://localhost:8787', to, ...rest } = values
    if (rest.token && !rest.endpoint) throw new Error('With --token, name the endpoint that it belongs to: --endpoint.')
    return { ...rest, url: readUrl('url', url).origin, to: readUrl('to', to).href }
  } catch (cause) {
    console.error(`${cause.message}\n\n${USAGE}`)
    return process.exit(2)
  }
}

/**
 * Pulls forever. After a failure, pulling continues after the last message received.
 * @param start the id to start after
 */
async function listen(endpoint, start) {
  let after = start
  for (;;) {
    try {
      const page = await pull(options.url, endpoint, after)
      for (const message of page.data) {
        await forward(message, after)
        after = message.id
      }
      after = page.next ?? after
    } catch (cause) {
      const isRefused = cause instanceof Refused
      if (isRefused && cause.status < 500 && cause.status !== 429) throw cause
      const pauseMs = (isRefused && cause.retryAfterMs) || PAUSE_MS
      if (!isRefused) console.log(`Cannot reach the guestbook (${reasonOf(cause)}). Retrying …`)
      else console.log(`${cause.message} Retrying in ${pauseMs / 1_000} s …`)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

async function forward(message, before) {
  posted.unshift({ id: message.id, before })
  posted.length = Math.min(posted.length, MAX_POSTED)
  const verdict = await verdictOf(message)
  console.log(`\n${new Date().toISOString()}  ${message.type}  ${message.id}  [${verdict}]`)
  console.log(`  ${printable(message.body)}`)
  console.log(`  -> ${await post(message)}`)
}

async function verdictOf({ headers, body }) {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  try {
    const publicKeys = await fetchPublicKeys(keysUrl)
    await verifyWebhook({ headers: Object.fromEntries(lower), body, publicKeys })
    return 'signature good'
  } catch (cause) {
    return `SIGNATURE BAD: ${cause.message}`
  }
}

/** Posts the signed bytes with their headers. @returns the outcome, as text for the terminal */
async function post({ headers, body }) {
  const began = performance.now()
  try {
    const response = await fetch(options.to, { method: 'POST', headers, body, redirect: 'manual' })
    const text = (await response.text()).slice(0, MAX_RESPONSE_CHARS).trim()
    const ms = Math.round(performance.now() - began)
    return `${response.status} in ${ms} ms${text && `: ${printable(text)}`}`
  } catch (cause) {
    return `no response from ${options.to} (${reasonOf(cause)}). Start the receiver, then press r to post the event again.`
  }
}

function readKeys(endpoint) {
  if (process.stdin.isTTY) process.stdin.setRawMode(true)
  process.stdin.on('data', (data) => {
    for (const key of data.toString()) press(key, endpoint)
  })
}

function press(key, endpoint) {
  if (key === 'q' || key === '\u0003') process.exit(0)
  const again = key === 'r' ? posted[0] : /^[1-9]$/.test(key) ? posted[Number(key)] : null
  if (again === undefined) console.log('There is no event for this key yet.')
  if (again) replay(endpoint, again).catch((cause) => console.log(`  ${cause.message}`))
}

/** Pulls the message again, because its signature is valid for only five minutes. */
async function replay(endpoint, { id, before }) {
  // The page that it was on: messages that the endpoint does not want may come before it.
  const { data } = await pull(options.url, endpoint, before, { wait: 0 })
  const message = data.find((one) => one.id === id)
  if (!message) throw new Error(`${id} is no longer available.`)
  console.log(`\n${new Date().toISOString()}  replay  ${message.type}  ${id}`)
  console.log(`  -> ${await post(message)}`)
}

/** @returns the smallest message ID for a given time: the time in Crockford's base32, followed by zeros */
function firstIdAt(time) {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  let text = ''
  for (let i = 0; i < 10; i++) {
    text = digits[time % 32] + text
    time = Math.floor(time / 32)
  }
  return `msg_${text}${'0'.repeat(16)}`
}
