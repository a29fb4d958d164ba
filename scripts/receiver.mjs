// npm run receiver: a receiver on loopback, to see what arrives. Verifies as any receiver would, with the
// `standardwebhooks` library, and can be told to fail by the path it is called at.
//   WEBHOOK_SECRET=whsec_... npm run receiver        (or: npm run receiver -- whsec_...)
import { createServer } from 'node:http'
import { ensureInstalled } from './lib/node.mjs'

ensureInstalled()
const { Webhook, WebhookVerificationError } = await import('standardwebhooks')

const port = Number(process.env.RECEIVER_PORT || 8788)
const secret = process.argv[2] ?? process.env.WEBHOOK_SECRET
const webhook = secret ? openWebhook(secret) : null
/** Messages that were failed once, for /flaky. */
const failedOnce = new Set()

function openWebhook(text) {
  try {
    if (/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(text)) return new Webhook(text)
  } catch {
    // Said below, for whatever the library found.
  }
  console.error('That is no signing secret: it begins with "whsec_", and the dashboard shows it.')
  return process.exit(1)
}

/** What a path answers; null never does. */
function statusFor(path, id) {
  const told = /^\/fail\/([2-5]\d\d)$/.exec(path)
  if (told) return Number(told[1])
  if (path === '/gone') return 410
  if (path === '/hang') return null
  if (path !== '/flaky' || failedOnce.has(id)) return 200
  failedOnce.add(id)
  return 500
}

function isGood(body, headers) {
  try {
    webhook.verify(body, headers)
    return true
  } catch (cause) {
    if (cause instanceof WebhookVerificationError) return false
    throw cause
  }
}

/** What an `endpoint.verify` wants to hear: that this URL wants to be called. */
function challengeIn(body) {
  const match = /"type":"endpoint\.verify".*"challenge":"(\w+)"/.exec(body)
  return match?.[1]
}

async function receive(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString('utf8')
  const { pathname } = new URL(request.url, 'http://127.0.0.1')
  const refused = webhook !== null && !isGood(body, request.headers)
  const status = refused ? 401 : statusFor(pathname, request.headers['webhook-id'])
  const verdict =
    webhook === null
      ? 'not verified: no secret given'
      : refused
        ? 'SIGNATURE BAD'
        : 'signature good'
  console.log(
    `\n${new Date().toISOString()}  ${request.method} ${request.url} -> ${status ?? 'no answer'}  [${verdict}]`
  )
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    console.log(`  ${name}: ${request.headers[name]}`)
  }
  console.log(`  ${body}`)
  if (status === null) return
  response.writeHead(status, { 'Content-Type': 'text/plain' })
  response.end(
    status < 300
      ? (challengeIn(body) ?? 'Thank you.\n')
      : `${refused ? 'The signature does not fit.' : `Told to answer ${status}.`}\n`
  )
}

const server = createServer((request, response) => {
  receive(request, response).catch((cause) => {
    console.log(`\n  a request broke off: ${cause.message}`)
    response.destroy()
  })
})

server.on('error', (cause) => {
  console.error(
    `Port ${port} cannot be used (${cause.code}). Choose another: RECEIVER_PORT=8789 npm run receiver`
  )
  process.exit(1)
})

server.listen(port, '127.0.0.1', () => {
  const base = `http://127.0.0.1:${port}`
  console.log(`Receiving at ${base}/ok
  ${base}/fail/500   answers that status
  ${base}/flaky      fails each message once
  ${base}/hang       never answers
  ${base}/gone       answers 410
${secret ? 'What is not signed with that secret is answered 401.' : 'Give it the signing secret to verify with: npm run receiver -- whsec_...'}`)
})
