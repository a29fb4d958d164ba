import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGuesthook, TOKEN } from './runtime.mjs'

/*
 * Measures how much hanging receivers delay healthy ones. Ten receivers that respond immediately are measured alone,
 * and then next to ten that hang until the deadline. A delay is the time from the acceptance of a comment to its
 * arrival at a healthy receiver.
 */

const HEALTHY = 10
const SICK = 10
const COMMENTS = Number(process.env.BENCH_COMMENTS ?? 400)
const EVERY_MS = 100
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const BUDGET = 1.5

/** @returns whether the ratio is within the budget */
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
  return ratio <= BUDGET
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
  const receiver = await startReceiver()
  const { mf, url } = await startGuesthook()
  try {
    const owner = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' }
    const post = async (path, body) => {
      const init = { method: 'POST', headers: owner, body: JSON.stringify(body) }
      const response = await fetch(url + path, init)
      if (response.status !== 201) throw new Error(`${path} returned ${response.status}`)
    }
    // The hanging receivers are registered first, so that deliveries to them are dispatched first.
    for (let i = 0; i < sick; i++) await post('/api/endpoints', { url: `${receiver.url}/hang/${i}` })
    for (let i = 0; i < HEALTHY; i++) await post('/api/endpoints', { url: `${receiver.url}/ok/${i}` })
    const accepted = await sendComments(post)
    return await evaluate(accepted, receiver)
  } finally {
    await mf.dispose()
    receiver.close()
  }
}

/** @returns a map from the body of each comment to the time of its acceptance */
async function sendComments(post) {
  const accepted = new Map()
  for (let i = 0; i < COMMENTS; i++) {
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

/** `/ok/...` responds immediately and records the request; `/hang/...` never responds. */
async function startReceiver() {
  const arrivals = []
  const server = createServer(async (request, response) => {
    const at = performance.now()
    if (request.url.startsWith('/hang')) return
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
  return { arrivals, close, url: `http://127.0.0.1:${server.address().port}` }
}
