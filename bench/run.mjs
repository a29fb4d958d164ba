// npm run bench: what it costs (counted), and how fast it is (as a ratio to a bare Worker in the same run).
import autocannon from 'autocannon'
import { runNode, toolEnv, toolPath } from '../scripts/lib/node.mjs'
import { measureIsolation } from './isolation.mjs'
import { startBare, startGuesthook, TOKEN } from './runtime.mjs'

const CONNECTIONS = 20
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)

const entry = JSON.stringify({ name: 'Ada', body: 'What a lovely corner of the web!' })
const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: entry }
const owner = { ...post, headers: { ...post.headers, authorization: `Bearer ${TOKEN}` } }

/** Each is another: a repeat would cost less. */
const webhook = {
  ...post,
  body: JSON.stringify({ name: 'Ada', body: 'A webhook, number [<id>]' }),
  idReplacement: true,
}

/** What is compared, with the budget of the ratio. What leaves work behind in the background comes last. */
const RACES = [
  { name: 'list 20 comments', ours: ['/api/comments', {}], bare: ['/rows', {}], budget: 0.9 },
  { name: 'the page, 20 entries', ours: ['/', {}], bare: ['/rows', {}], budget: null },
  {
    name: 'accept a comment',
    ours: ['/api/comments', owner],
    bare: ['/insert', post],
    budget: 0.8,
  },
  {
    name: 'accept a webhook',
    ours: ['{source}', webhook],
    bare: ['/insert', post],
    budget: 0.8,
    consumes: false,
  },
  {
    name: '... and process it',
    ours: ['{source}', webhook],
    bare: ['/insert', post],
    budget: null,
  },
]

// `npm run bench -- speed` or `-- isolation` does that alone.
const [only] = process.argv.slice(2)
if (!only) countBudgets()
build()
if (!only || only === 'speed') await race()
if (!only || only === 'isolation') await measureIsolation()

function build() {
  runNode([toolPath('wrangler/bin/wrangler.js'), 'deploy', '--dry-run', '--outdir', 'dist'], {
    stdio: 'ignore',
  })
}

/** The budgets are tests; their figures are printed by them. */
function countBudgets() {
  console.log('Counted (rows as D1 bills them, calls as the Free plan limits them):\n')
  const args = [
    toolPath('vitest/vitest.mjs'),
    'run',
    '--project',
    'worker',
    'budgets',
    'worker/inbound.test',
    'inbound-lists',
    '--reporter=dot',
  ]
  runNode(args, { env: toolEnv() })
}

async function race() {
  console.log(`Speed: ${CONNECTIONS} connections, ${SECONDS} s, median of ${ROUNDS} rounds in turn. Read the ratios: the
machine's own speed cancels out in them, and nothing else can be compared between machines.\n`)
  const bare = await startBare()
  const both = { true: await prepare(), false: await prepare({ consumes: false }) }
  for (let i = 0; i < 30; i++) await fetch(`${bare.url}/insert`, post)
  for (const { name, budget, consumes = true, ...paths } of RACES) {
    const ours = both[consumes]
    const [path, options] = paths.ours
    const rates = { bare: [], ours: [] }
    for (let round = 0; round < ROUNDS; round++) {
      rates.bare.push(await measure(bare.url, paths.bare))
      rates.ours.push(await measure(ours.url, [path.replace('{source}', ours.source), options]))
    }
    report(name, median(rates.ours), median(rates.bare), budget)
  }
  await Promise.all([bare, ...Object.values(both)].map(({ mf }) => mf.dispose()))
}

/** A guestbook with entries, and a source for webhooks. */
async function prepare(options) {
  const ours = await startGuesthook(options)
  for (let i = 0; i < 30; i++) await fetch(`${ours.url}/api/comments`, owner)
  const body = JSON.stringify({ name: 'Bench', provider: 'github', secret: 'hush' })
  const response = await fetch(`${ours.url}/api/sources`, { ...owner, body })
  const { url } = await response.json()
  return { ...ours, source: new URL(url).pathname }
}

/** @returns answers per second. @throws Error when one is not a 2xx: a refusal is fast, and no result */
async function measure(url, [path, options]) {
  const result = await autocannon({
    url: url + path,
    connections: CONNECTIONS,
    duration: SECONDS,
    ...options,
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${path}: ${result.non2xx} refused, ${result.errors} failed`)
  return result.requests.average
}

function report(name, ours, bare, budget) {
  const ratio = ours / bare
  const verdict =
    budget === null ? '' : `  budget >= ${budget}: ${ratio >= budget ? 'kept' : 'NOT KEPT'}`
  console.log(
    `  ${name.padEnd(22)} ${ours.toFixed(0).padStart(6)}/s  bare ${bare.toFixed(0).padStart(6)}/s  ratio ${ratio.toFixed(2)}${verdict}`
  )
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}
