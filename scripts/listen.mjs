// npm run listen: brings messages to a receiver that the guestbook cannot call, such as one on a laptop.
//   npm run listen -- --url https://guestbook.example.com --to http://localhost:3000/hook
import { parseArgs } from 'node:util'
import { fetchPublicKeys, verifyWebhook } from '../examples/verify-webhook.mjs'
import { openSource, pull, Refused, serverNow } from './lib/pull-client.mjs'

const USAGE = `npm run listen -- --url <guestbook> --to <receiver>

  --url       where the guestbook is (http://localhost:8787 if left out)
  --to        where to post what happens, for example http://localhost:3000/hook
  --endpoint  pull what this endpoint asks for, with
  --token     its pull token, made on its page. Without both: all events, by the admin token
              (GUESTHOOK_TOKEN; for a guestbook on this machine it is found by itself)
  --after     begin after this message, instead of now

  Keys: r posts the last one again, freshly signed; 1 to 9 the one so many before it; q ends.`

const PAUSE_MS = 2_000
/** Of a receiver's answer. */
const SHOWN = 200
const REMEMBERED = 10

const options = readOptions()
const keysUrl = new URL('/.well-known/webhook-keys', options.url).href
/** What was posted, latest first, with the message before each, so that it can be pulled again. */
const posted = []

try {
  const source = await openSource(options)
  console.log(`Listening to ${options.url}, posting to ${options.to}
${source.secret ? `Verify with ${source.secret}\n` : ''}Keys: r posts the last one again, 1 to 9 the one so many before, q ends.`)
  readKeys(source)
  await listen(source)
} catch (cause) {
  console.error(cause.message)
  process.exit(1)
}

function readOptions() {
  const names = ['url', 'to', 'endpoint', 'token', 'after']
  const config = Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
  try {
    const { values } = parseArgs({ options: config })
    const { url = 'http://localhost:8787', to, ...rest } = values
    return { ...rest, url: new URL(url).origin, to: new URL(to ?? '').href }
  } catch (cause) {
    console.error(
      `${cause.code === 'ERR_INVALID_URL' ? 'Say --to and --url in full.' : cause.message}\n\n${USAGE}`
    )
    return process.exit(2)
  }
}

/** Whatever breaks off, it goes on where it was: the cursor is the last message that was seen. */
async function listen(source) {
  let after = options.after ?? firstIdAt(await serverNow(options.url))
  for (;;) {
    try {
      const page = await pull(options.url, source, after)
      for (const message of page.data) {
        await forward(message, after)
        after = message.id
      }
      after = page.next ?? after
    } catch (cause) {
      if (cause instanceof Refused && cause.status < 500) throw cause
      console.log(`The guestbook cannot be reached (${reasonOf(cause)}). Trying on …`)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

async function forward(message, before) {
  posted.unshift({ id: message.id, before })
  posted.length = Math.min(posted.length, REMEMBERED)
  const verdict = await verdictOf(message)
  console.log(`\n${new Date().toISOString()}  ${message.type}  ${message.id}  [${verdict}]`)
  console.log(`  ${message.body}`)
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

/** The bytes as they were signed, with the headers that belong to them. */
async function post({ headers, body }) {
  const began = performance.now()
  try {
    const response = await fetch(options.to, { method: 'POST', headers, body, redirect: 'manual' })
    const text = (await response.text()).slice(0, SHOWN).trim()
    const ms = Math.round(performance.now() - began)
    return `${response.status} in ${ms} ms${text && `: ${text}`}`
  } catch (cause) {
    return `no answer from ${options.to} (${reasonOf(cause)}). Is the receiver running? "r" posts it again.`
  }
}

function readKeys(source) {
  if (process.stdin.isTTY) process.stdin.setRawMode(true)
  process.stdin.on('data', (data) => {
    for (const key of data.toString()) press(key, source)
  })
}

function press(key, source) {
  if (key === 'q' || key === '\u0003') process.exit(0)
  const again = key === 'r' ? posted[0] : /^[1-9]$/.test(key) ? posted[Number(key)] : null
  if (again === undefined) console.log('There is none so far back.')
  if (again) replay(source, again).catch((cause) => console.log(`  ${cause.message}`))
}

/** Pulled again, since a signature is good for five minutes only. */
async function replay(source, { id, before }) {
  const { data } = await pull(options.url, source, before, { limit: 1, wait: 0 })
  const [message] = data
  if (message?.id !== id) throw new Error(`${id} cannot be pulled any more.`)
  console.log(`\n${new Date().toISOString()}  again  ${message.type}  ${id}`)
  console.log(`  -> ${await post(message)}`)
}

/** Below every id of a message from that time on: the time in Crockford's base32, then zeros. */
function firstIdAt(time) {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  let text = ''
  for (let i = 0; i < 10; i++) {
    text = digits[time % 32] + text
    time = Math.floor(time / 32)
  }
  return `msg_${text}${'0'.repeat(16)}`
}

function reasonOf(cause) {
  return cause.cause?.code ?? cause.code ?? cause.message
}
