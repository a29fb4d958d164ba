import fc from 'fast-check'
import { startGuesthook } from '../runtime.mjs'
import { hostileRequests } from './hostile.mjs'
import { connectProfiler, lowQuartile } from './profiler.mjs'
import { servePages } from './strangers-book.mjs'

/*
 * Searches for the most expensive request that a stranger can send. fast-check generates hostile requests; each is sent
 * once, and the most expensive ones are sent again.
 */

const SECONDS = Number(process.env.BENCH_SEARCH_SECONDS ?? 30)
const ONLY = new RegExp(process.env.BENCH_STRANGERS ?? '', 'i')
const SEED = Number(process.env.BENCH_SEED ?? 1)
const BATCH = 50
const FINALISTS = 5
const REPEATS = 7

/**
 * Searches each class of requests.
 * @param report gets the most expensive request of a class, with its cost on arrival and when it is processed
 */
export async function searchStrangers(folder, { sources }, report) {
  const options = { folder, consumes: false, inspectorPort: 0, bindings: { FREE_PLAN: 'false' } }
  const program = await startGuesthook(options)
  const profiler = await connectProfiler(program.mf)
  const worker = await program.mf.getWorker()
  const pages = await servePages()
  const send = (request) => measureRequest({ ...program, worker, profiler, pages }, request)
  try {
    for (const [name, arbitrary] of Object.entries(hostileRequests(sources)).filter(([name]) => ONLY.test(name)))
      report({ name, ...(await search(arbitrary, send)) })
  } finally {
    pages.close()
    profiler.close()
    await program.mf.dispose()
  }
}

async function search(arbitrary, send) {
  const until = Date.now() + SECONDS * 1_000
  let tried = 0
  let best = []
  for (let seed = SEED; Date.now() < until; seed++) {
    for (const request of fc.sample(arbitrary, { numRuns: BATCH, seed })) {
      tried += 1
      best = keepMost(best, { request, cost: await send(request) })
      if (Date.now() > until) break
    }
  }
  const finals = []
  for (const { request } of best) finals.push({ request, cost: await repeat(request, send) })
  const [{ request, cost }] = keepMost([], ...finals)
  return { tried, description: request.description, size: Buffer.byteLength(request.body ?? ''), ...cost }
}

function keepMost(best, ...more) {
  const worst = ({ cost: { arrival, processing } }) => Math.max(arrival, processing)
  return [...best, ...more].toSorted((a, b) => worst(b) - worst(a)).slice(0, FINALISTS)
}

async function repeat(request, send) {
  const costs = []
  for (let i = 0; i < REPEATS; i++) costs.push(await send(request))
  const [arrival, processing] = ['arrival', 'processing'].map((name) => lowQuartile(costs.map((cost) => cost[name])))
  return { status: costs[0].status, arrival, processing }
}

/** Sends a request. If it is stored as a webhook, also processes it, in an invocation of its own as on Cloudflare. */
async function measureRequest(program, request) {
  if (request.mention) return measureMention(program, request.mention)
  const { url, db, worker, profiler } = program
  const { path, method, headers, body, follow } = request
  let answer = { status: 0, text: '' }
  const arrival = await profiler.measure(async () => {
    answer = await fetchText(url + path, { method, headers, ...(body !== undefined && { body }) })
  })
  if (answer.status >= 500)
    throw new Error(`${method} ${path.slice(0, 200)} returned ${answer.status}: ${answer.text.slice(0, 500)}`)
  if (follow && answer.status === 201) {
    const { path: next, ...init } = follow(JSON.parse(answer.text))
    return { status: answer.status, arrival, processing: await profiler.measure(() => fetchText(url + next, init)) }
  }
  if (answer.status !== 202 || path === '/webmention') return { status: answer.status, arrival, processing: 0 }
  const { id } = JSON.parse(answer.text)
  const order = { id: 'x', timestamp: new Date(), attempts: 1, body: { kind: 'process', inbound_ids: [id] } }
  const processing = await profiler.measure(() => worker.queue('guesthook-inbound', [order]))
  // Otherwise, the next request with the same body would be a repeat.
  await db.batch(
    ['inbound_chunks where message_id', 'inbound_messages where id'].map((rows) =>
      db.prepare(`delete from ${rows} = ?1`).bind(id)
    )
  )
  return { status: answer.status, arrival, processing }
}

/** Announces a page, and reads it. */
async function measureMention({ url, worker, profiler, pages }, write) {
  const source = pages.serve(write(`<a href="${url}/">x</a>`, new URL(url).host))
  const body = new URLSearchParams({ source, target: `${url}/` })
  let status = 0
  const arrival = await profiler.measure(async () => {
    ;({ status } = await fetchText(`${url}/webmention`, { method: 'POST', body }))
  })
  const order = { id: 'x', timestamp: new Date(), attempts: 1, body: { kind: 'mention', source } }
  return { status, arrival, processing: await profiler.measure(() => worker.queue('guesthook-patient', [order])) }
}

/** The runtime refuses some requests, such as those with more than 16 KB of headers, before the Worker sees them. */
async function fetchText(url, init) {
  try {
    const response = await fetch(url, { redirect: 'manual', ...init })
    return { status: response.status, text: await response.text() }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    return { status: 0, text: '' }
  }
}
