import { once } from 'node:events'
import { createServer } from 'node:http'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'

const SLOW_MS = 2_000
/** Requests per second that the rate-limiting receiver accepts. */
const RATE = 3
const OK = { status: 200 }

/** Receivers that get calls. A call reports several events. */
const CALLED = {
  hook: { format: 'build-hook', min_interval_minutes: 5 },
  digest: { format: 'slack', digest: 'daily' },
}

/**
 * Defines how each of the receivers responds. All receivers except the first cause retries.
 * @param {() => number} progress the fraction of the kills that have been done, from 0 to 1
 */
function behaviors(progress) {
  const calls = { flaky: 0, slow: 0, hook: 0, digest: 0 }
  const everySecond = (name) => () => (calls[name]++ % 2 === 0 ? { status: 500 } : OK)
  let recent = []
  return {
    healthy: () => OK,
    flaky: everySecond('flaky'),
    // Only one request in four is slow, because the local queue runs one work order at a time.
    slow: () => (calls.slow++ % 4 === 0 ? { ...OK, afterMs: SLOW_MS } : OK),
    dead: () => {
      if (progress() > 2 / 3) return OK
      return progress() > 1 / 3 ? { status: 500 } : { reset: true }
    },
    limiting: () => {
      recent = recent.filter((at) => at > Date.now() - 1_000)
      if (recent.length >= RATE) return { status: 429, headers: { 'Retry-After': '1' } }
      recent.push(Date.now())
      return OK
    },
    hook: everySecond('hook'),
    digest: everySecond('digest'),
  }
}

/** @returns the receivers, listening on loopback. The caller sets the `secret` of each receiver. */
export function startReceivers(progress) {
  const all = Object.entries(behaviors(progress))
  return Promise.all(all.map(([name, behave]) => startReceiver(name, behave)))
}

async function startReceiver(name, behave) {
  const settings = CALLED[name] ?? {}
  const isCalled = name in CALLED
  const receiver = { name, settings, isCalled, secret: '', url: '', requests: [], close: () => closeServer(server) }
  const server = createServer((request, response) => {
    receive(receiver, behave, request, response).catch((cause) => response.destroy(cause))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  receiver.url = `http://127.0.0.1:${server.address().port}/${name}`
  return receiver
}

async function closeServer(server) {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

async function receive(receiver, behave, request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const isSigned = verify(receiver.secret, body, request.headers)
  const { status, headers = {}, afterMs = 0, reset } = isSigned ? behave() : { status: 401 }
  const entry = { id: request.headers['webhook-id'], body, isSigned, isAccepted: false }
  receiver.requests.push(entry)
  if (reset) return void request.socket.resetAndDestroy()
  if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
  // If the program has been killed in the meantime, it does not get the response.
  if (request.socket.destroyed) return
  entry.isAccepted = status === 200
  response.writeHead(status, headers).end()
}

function verify(secret, body, headers) {
  try {
    new Webhook(secret).verify(body.toString('utf8'), headers)
    return true
  } catch (cause) {
    if (cause instanceof WebhookVerificationError) return false
    throw cause
  }
}
