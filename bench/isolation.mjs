import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGuesthook, TOKEN } from './runtime.mjs'

/*
 * Measures how much hanging receivers delay healthy ones, and how many requests they get. Ten receivers that respond
 * immediately are measured alone, and then next to ten that hang until the deadline. A delay is the time from the
 * acceptance of a comment to its arrival at a healthy receiver.
 */

const HEALTHY = 10
const SICK = 10
const COMMENTS = Number(process.env.BENCH_COMMENTS ?? 400)
const EVERY_MS = 100
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const BUDGET = 1.5
/** How many comments come in within a few seconds, and how many requests a hanging receiver may get in a minute. */
const BURST = 40
const BURST_MS = 60_000
const BURST_BUDGET = 11

/** @returns whether both numbers are within their budgets */
export async function measureIsolation() {
  console.log(`\nIsolation: ${COMMENTS} comments, one every ${EVERY_MS} ms, to ${HEALTHY} receivers that respond, without and
with ${SICK} receivers that hang. First deliveries are included. Each result is the median of ${ROUNDS} alternating rounds.
Compare the p99 values.\n`)
  const rounds = { alone: [], beside: [] }
  for (let round = 0; round < ROUNDS; round++) {
    rounds.alone.push(await run(0))
    rounds.beside.push(await run(SICK))
  }
  const [alone, beside] = [medianOf(rounds.alone), medianOf(rounds.beside)]
  const ratio = beside.p99 / alone.p99
  report('alone', alone)
  report(`next to ${SICK} that hang`, beside)
  const verdict = ratio <= BUDGET ? 'met' : 'NOT MET'
  console.log(`  p99 ratio ${ratio.toFixed(2)}  budget <= ${BUDGET}: ${verdict}`)
  const most = await countRequests()
  const isFew = most <= BURST_BUDGET
  console.log(`  A receiver that hangs gets ${most} requests within ${BURST_MS / 1_000} s of the first of ${BURST} comments,
  one every ${EVERY_MS} ms  budget <= ${BURST_BUDGET}: ${isFew ? 'met' : 'NOT MET'}`)
  return ratio <= BUDGET && isFew
}

function medianOf(rounds) {
  return rounds.toSorted((a, b) => a.p99 - b.p99)[Math.floor(rounds.length / 2)]
}

function report(name, { p50, p99, arrived, expected }) {
  console.log(
    `  ${name.padEnd(22)} p50 ${p50.toFixed(0).padStart(5)} ms  p99 ${p99.toFixed(0).padStart(5)} ms  arrived ${arrived}/${expected}`
  )
}

async function run(sick) {
  return withReceivers(sick, async (post, receiver) => evaluate(await sendComments(post, COMMENTS), receiver))
}

/** @returns how many requests the hanging receiver with the most requests gets, in a program that has just started */
async function countRequests() {
  return withReceivers(SICK, async (post, { hanging }) => {
    const end = sleep(BURST_MS)
    await sendComments(post, BURST)
    await end
    return Math.max(...hanging.values())
  })
}

/** Starts a guestbook whose hanging receivers are registered first, so that deliveries to them are dispatched first. */
async function withReceivers(sick, measure) {
  const receiver = await startReceiver()
  const { mf, url } = await startGuesthook()
  try {
    const owner = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' }
    const post = async (path, body) => {
      const init = { method: 'POST', headers: owner, body: JSON.stringify(body) }
      const response = await fetch(url + path, init)
      if (response.status !== 201) throw new Error(`${path} returned ${response.status}`)
    }
    for (let i = 0; i < sick; i++) await post('/api/endpoints', { url: `${receiver.url}/hang/${i}` })
    for (let i = 0; i < HEALTHY; i++) await post('/api/endpoints', { url: `${receiver.url}/ok/${i}` })
    return await measure(post, receiver)
  } finally {
    await mf.dispose()
    receiver.close()
  }
}

/** @returns a map from the body of each comment to the time of its acceptance */
async function sendComments(post, count) {
  const accepted = new Map()
  for (let i = 0; i < count; i++) {
    const next = sleep(EVERY_MS)
    await post('/api/comments', { name: 'Ada', body: `number ${i}` })
    accepted.set(`number ${i}`, performance.now())
    await next
  }
  return accepted
}

async function evaluate(accepted, receiver) {
  const expected = accepted.size * HEALTHY
  for (let waits = 0; receiver.arrivals.length < expected && waits < 300; waits++) await sleep(100)
  const delays = receiver.arrivals
    .map(({ body, at }) => Math.max(at - accepted.get(JSON.parse(body).data.comment.body), 0))
    .toSorted((a, b) => a - b)
  const quantile = (q) => delays[Math.min(Math.floor(delays.length * q), delays.length - 1)]
  return { p50: quantile(0.5), p99: quantile(0.99), arrived: delays.length, expected }
}

/** `/ok/...` responds immediately and records the request; `/hang/...` never responds, and counts the requests. */
async function startReceiver() {
  const arrivals = []
  const hanging = new Map()
  const server = createServer(async (request, response) => {
    const at = performance.now()
    if (request.url.startsWith('/hang')) {
      hanging.set(request.url, (hanging.get(request.url) ?? 0) + 1)
      return
    }
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    arrivals.push({ body: Buffer.concat(chunks).toString(), at })
    response.end()
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { arrivals, hanging, close, url: `http://127.0.0.1:${server.address().port}` }
}
