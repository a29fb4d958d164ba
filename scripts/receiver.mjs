// npm run receiver: a receiver on loopback, to see what arrives. Verifies as any receiver would, with the
// `standardwebhooks` library, and can be told to fail by the path it is called at.
//   WEBHOOK_SECRET=whsec_... npm run receiver        (or: npm run receiver -- whsec_...)
import { createServer } from 'node:http'
import { ensureInstalled } from './node.mjs'

ensureInstalled()
const { Webhook, WebhookVerificationError } = await import('standardwebhooks')

const port = Number(process.env.RECEIVER_PORT ?? 8788)
const secret = process.argv[2] ?? process.env.WEBHOOK_SECRET
let calls = 0

/** What each path answers; null never does. */
const ANSWERS = {
  '/ok': () => 200,
  '/gone': () => 410,
  '/hang': () => null,
  '/flaky': () => (calls % 2 === 1 ? 500 : 200),
}

function statusFor(path) {
  const told = /^\/fail\/([1-5]\d\d)$/.exec(path)
  return told ? Number(told[1]) : (ANSWERS[path] ?? ANSWERS['/ok'])()
}

function verdict(body, headers) {
  if (!secret) return 'not verified: no secret given'
  try {
    new Webhook(secret).verify(body, headers)
    return 'signature good'
  } catch (cause) {
    if (cause instanceof WebhookVerificationError) return `SIGNATURE BAD: ${cause.message}`
    throw cause
  }
}

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString('utf8')
  calls += 1
  const status = statusFor(request.url)
  console.log(
    `\n${new Date().toISOString()}  ${request.method} ${request.url} -> ${status ?? 'no answer'}  [${verdict(body, request.headers)}]`
  )
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    console.log(`  ${name}: ${request.headers[name]}`)
  }
  console.log(`  ${body}`)
  if (status === null) return
  response.writeHead(status, { 'Content-Type': 'text/plain' })
  response.end(status < 300 ? 'Thank you.\n' : `Told to answer ${status}.\n`)
})

server.listen(port, '127.0.0.1', () => {
  const base = `http://127.0.0.1:${port}`
  console.log(`Receiving at ${base}/ok
  ${base}/fail/500   answers that status
  ${base}/flaky      fails every other time
  ${base}/hang       never answers
  ${base}/gone       answers 410
${secret ? '' : 'Give it the signing secret to verify with: npm run receiver -- whsec_...'}`)
})
