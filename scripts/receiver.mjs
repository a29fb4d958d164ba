// npm run receiver: a test receiver on this machine. It verifies signatures with the `standardwebhooks` library, as any
// receiver would. The path of a request determines the response.
//   WEBHOOK_SECRET=whsec_... npm run receiver        (or: npm run receiver -- whsec_...)
import { createServer } from 'node:http'
import { ensureInstalled } from './lib/node.mjs'
import { printable } from './lib/printable.mjs'

ensureInstalled()
const { Webhook, WebhookVerificationError } = await import('standardwebhooks')

const port = Number(process.env.RECEIVER_PORT || 8788)
if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) {
  console.error('RECEIVER_PORT must be a number from 0 to 65535.')
  process.exit(1)
}
const secret = process.argv[2] ?? process.env.WEBHOOK_SECRET
const webhook = secret ? openWebhook(secret) : null
/** IDs of the messages for which /flaky has already returned an error. */
const failedOnce = new Set()

function openWebhook(text) {
  try {
    if (/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(text)) return new Webhook(text)
  } catch {
    // The message below also applies to secrets that the library rejects.
  }
  console.error(
    'This is not a signing secret. Copy the secret, which starts with "whsec_", from the endpoint’s page in the dashboard.'
  )
  return process.exit(1)
}

/** @returns the status to respond with, or null if there is no response */
function statusFor(path, id) {
  const chosen = /^\/fail\/([2-5]\d\d)$/.exec(path)
  if (chosen) return Number(chosen[1])
  if (path === '/gone') return 410
  if (path === '/hang') return null
  if (path !== '/flaky' || failedOnce.has(id)) return 200
  failedOnce.add(id)
  return 500
}

/** @returns what to print about the signature, and whether it is wrong */
function verify(body, headers) {
  if (webhook === null) return { verdict: 'not verified: no secret given', isBad: false }
  try {
    webhook.verify(body, headers)
    return { verdict: 'signature good', isBad: false }
  } catch (cause) {
    if (cause instanceof WebhookVerificationError) return { verdict: 'SIGNATURE BAD', isBad: true }
    throw cause
  }
}

/** @returns the challenge in an `endpoint.verify` event, which the response must repeat; otherwise undefined */
function challengeIn(body) {
  const match = /"type":"endpoint\.verify".*"challenge":"(\w+)"/.exec(body)
  return match?.[1]
}

async function receive(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString('utf8')
  const { pathname } = new URL(request.url, 'http://127.0.0.1')
  const { verdict, isBad } = verify(body, request.headers)
  const status = isBad ? 401 : statusFor(pathname, request.headers['webhook-id'])
  console.log(
    `\n${new Date().toISOString()}  ${request.method} ${printable(request.url)} -> ${status ?? 'no response'}  [${verdict}]`
  )
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    console.log(`  ${name}: ${printable(request.headers[name] ?? 'missing')}`)
  }
  console.log(`  ${printable(body)}`)
  if (status === null) return
  const failure = isBad ? 'The signature does not match.' : `This path returns ${status}.`
  response.writeHead(status, { 'Content-Type': 'text/plain' })
  response.end(status < 300 ? (challengeIn(body) ?? 'Thank you.\n') : `${failure}\n`)
}

const server = createServer((request, response) => {
  receive(request, response).catch((cause) => {
    console.log(`\n  Request failed: ${cause.message}`)
    response.destroy()
  })
})

server.on('error', (cause) => {
  console.error(
    `Cannot listen on port ${port} (${cause.code}). Choose another port: RECEIVER_PORT=8789 npm run receiver`
  )
  process.exit(1)
})

server.listen(port, '127.0.0.1', () => {
  // With RECEIVER_PORT=0, the system chooses the port.
  const base = `http://127.0.0.1:${server.address().port}`
  console.log(`Receiving at ${base}/ok
  ${base}/fail/500   always returns 500; any status from 200 to 599 works
  ${base}/flaky      returns 500 for the first attempt of each message
  ${base}/hang       never responds
  ${base}/gone       returns 410
${secret ? 'Requests with a wrong signature get 401.' : 'To verify signatures, pass the signing secret: npm run receiver -- whsec_...'}`)
})
