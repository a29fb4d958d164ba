import autocannon from 'autocannon'
import { startBare, startGuesthook, TOKEN } from './runtime.mjs'

/*
 * Measures how fast the program accepts and reads, as a ratio to a bare Worker that does one INSERT or reads 20 rows.
 * The two Workers are measured in alternation on the same machine, so the speed of the machine cancels out.
 */

const CONNECTIONS = (process.env.BENCH_CONNECTIONS ?? '1,4,20,50').split(',').map(Number)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const ONLY = new RegExp(process.env.BENCH_RACES ?? '')
/** Simulates a database that must be reached over a network. */
const D1_DELAY_MS = 20

const entry = JSON.stringify({ name: 'Ada', body: 'What a lovely corner of the web!' })
const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: entry }
const owner = { ...post, headers: { ...post.headers, authorization: `Bearer ${TOKEN}` } }
/** Each webhook has a different body, because a repeat costs less. */
const webhook = {
  ...post,
  body: JSON.stringify({ name: 'Ada', body: 'A webhook, number [<id>]' }),
  idReplacement: true,
}

/** The lowest ratio for accepting. With many connections, requests share batches: see src/kit/db/shared-batch.ts. */
const toAccept = (connections) => (connections < 50 ? 0.5 : 1)

/**
 * The comparisons, each with the lowest ratio that its budget allows for a number of connections. Races that leave
 * background work come last.
 */
const RACES = [
  { name: 'list 20 comments', ours: ['/api/comments', {}], bare: ['/rows', {}], budget: () => 2 },
  { name: 'page of 20 entries', ours: ['/', {}], bare: ['/rows', {}], budget: () => 2 },
  { name: 'unchanged page, 304', ours: ['/', {}], bare: ['/rows', {}], budget: () => 3, revalidates: true },
  {
    name: 'accept a comment',
    ours: ['/api/comments', owner],
    bare: ['/insert', post],
    budget: toAccept,
  },
  { name: 'accept a webhook', ours: ['{source}', webhook], bare: ['/insert', post], budget: toAccept },
  {
    name: 'accept and process',
    ours: ['{source}', webhook],
    bare: ['/insert', post],
    budget: null,
    consumes: true,
  },
]

/** Measures responses per second, for each number of connections. */
export async function measureSpeed() {
  console.log(`\nSpeed: ${SECONDS} s each, median of ${ROUNDS} alternating rounds. Compare the ratios.\n`)
  await raceAll(RACES, { unit: '/s', isGood: (ratio, budget) => ratio >= budget, sign: '>=' })
}

/** Measures the p50 of the response times. A ratio above 1 means slower than the bare Worker. */
export async function measureDelayed() {
  console.log(`\nD1 delayed by ${D1_DELAY_MS} ms: p50 of the response times. Compare the ratios.\n`)
  const races = RACES.filter(({ budget, revalidates }) => budget !== null && !revalidates).map((race) => ({
    ...race,
    budget: () => 1.1,
  }))
  const options = { unit: 'ms', isGood: (ratio, budget) => ratio <= budget, sign: '<=' }
  await raceAll(races, { ...options, delayMs: D1_DELAY_MS })
}

async function raceAll(races, { delayMs = 0, ...shown }) {
  const bare = await startBare({ delayMs })
  const sides = { false: await prepare({ consumes: false, delayMs }), true: null }
  for (let i = 0; i < 30; i++) await fetch(`${bare.url}/insert`, post)
  for (const race of races.filter(({ name }) => ONLY.test(name))) {
    const { consumes = false } = race
    sides[consumes] ??= await prepare({ consumes, delayMs })
    for (const connections of CONNECTIONS) {
      const rates = await measureBoth(race, sides[consumes], bare, connections, shown.unit)
      report(race, connections, rates, shown)
    }
  }
  for (const side of [bare, ...Object.values(sides)]) await side?.mf.dispose()
}

async function measureBoth(race, ours, bare, connections, unit) {
  const [path, options] = race.ours
  const headers = race.revalidates ? { 'if-none-match': await tagOf(ours.url + path) } : options.headers
  const target = [path.replace('{source}', ours.source), { ...options, ...(headers && { headers }) }]
  const rates = { ours: [], bare: [] }
  for (let round = 0; round < ROUNDS; round++) {
    rates.bare.push(await measure(bare.url, race.bare, connections, unit))
    rates.ours.push(await measure(ours.url, target, connections, unit))
  }
  return { ours: median(rates.ours), bare: median(rates.bare) }
}

async function tagOf(url) {
  return (await fetch(url)).headers.get('etag')
}

/** Starts a guestbook with 30 entries, and a source for webhooks. */
async function prepare(options) {
  const ours = await startGuesthook(options)
  for (let i = 0; i < 30; i++) await fetch(`${ours.url}/api/comments`, owner)
  const body = JSON.stringify({ name: 'Bench', provider: 'github', secret: 'hush', daily_quota_mb: 0 })
  const response = await fetch(`${ours.url}/api/sources`, { ...owner, body })
  const { url } = await response.json()
  return { ...ours, source: new URL(url).pathname }
}

/**
 * @returns responses per second, or the median latency in ms
 * @throws Error if a response is neither a 2xx nor a 304, because errors are fast and would distort the result
 */
async function measure(url, [path, options], connections, unit) {
  const result = await autocannon({ url: url + path, connections, duration: SECONDS, ...options })
  const wrong = result.non2xx - result['3xx']
  if (wrong > 0 || result.errors > 0)
    throw new Error(`${path}: ${wrong} responses were not 2xx, ${result.errors} requests failed`)
  return unit === 'ms' ? result.latency.p50 : result.requests.average
}

function report({ name, budget: budgetOf }, connections, { ours, bare }, { unit, isGood, sign }) {
  const ratio = ours / bare
  const budget = budgetOf?.(connections) ?? null
  const verdict = budget === null ? '' : `  budget ${sign} ${budget}: ${isGood(ratio, budget) ? 'met' : 'NOT MET'}`
  const figures = [ours, bare].map((value) => `${value.toFixed(0).padStart(6)}${unit}`)
  console.log(
    `  ${name.padEnd(20)} ${String(connections).padStart(3)} connections ${figures[0]}  bare ${figures[1]}  ratio ${ratio.toFixed(2)}${verdict}`
  )
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
