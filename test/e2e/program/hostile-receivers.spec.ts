import { expect, test } from '@playwright/test'
import { type HostilityName, type Listener, startHostileReceivers } from '../../support/hostile-receivers'
import { eventually, Program } from '../../support/program'
import { type Receiver, startReceiver } from '../../support/receiver'
import { runtimePids, watchGrowth } from '../../support/resident-memory'

/** The deadline is 15 s. This is no measure of speed: it says that there is an end. */
const BOUND_MS = 40_000
/** A bomb that was inflated, or endless answers that were kept, would be seen far above it. */
const BOUND_MEGABYTES = 64

type Row = [name: HostilityName, outcome: string, errorClass: string | null, status: number | null, excerpt?: RegExp]

/** One after the other, so that the memory that one takes can be told. With those below, no more than TEST_LIMIT lets through in a minute: 20. */
const QUICK: Row[] = [
  ['an endless body', 'delivered', null, 200, /^x{1024}$/],
  ['a gzip bomb of 512 MB', 'delivered', null, 200, /^\uFFFD{1024}$/],
  ['10 MB of headers', 'unreachable', 'connection_lost', null],
  ['a redirect to itself', 'refused', 'redirect', 307, /^Location: http:/],
  ['a redirect to a private address', 'refused', 'redirect', 307, /^Location: http:/],
  ['a body shorter than its Content-Length', 'unreachable', 'connection_lost', 200, /^only this$/],
  ['a body longer than its Content-Length', 'delivered', null, 200, /^okay$/],
  ['a chunk of an absurd size', 'unreachable', 'connection_lost', 200],
  ['an upgrade that was not requested', 'refused', 'http_unexpected', 101],
  ['no HTTP at all', 'unreachable', 'connection_lost', null],
  ['a reset on connect', 'unreachable', 'connection_lost', null],
  ['a reset after the request', 'unreachable', 'connection_lost', null],
  ['a reset within the headers', 'unreachable', 'connection_lost', null],
  ['a reset within the body', 'unreachable', 'connection_lost', 200, /^half$/],
  ['an untrusted certificate', 'unreachable', 'dns_or_tls', null],
]
/** Side by side, since they last until the deadline. */
const LASTING: Row[] = [
  ['headers that drip', 'timed_out', 'deadline', null],
  ['a body that drips', 'timed_out', 'deadline', 200, /^a+$/],
  ['endless interim responses', 'timed_out', 'deadline', null],
  ['a TLS handshake that never completes', 'timed_out', 'deadline', null],
]

interface Attempt {
  outcome: string
  error_class: string | null
  status_code: number | null
  response_excerpt: string | null
}

interface Played {
  attempt: Attempt
  tookMs: number
  megabytes: number
}

const played = new Map<HostilityName, Played>()
let program: Program
let hostile: { all: Map<HostilityName, Listener>; elsewhere: Listener }
let good: Receiver
let runtime: string[]

test.beforeAll(async () => {
  hostile = await startHostileReceivers()
  good = await startReceiver()
  program = await Program.start()
  await program.api('POST', '/api/endpoints', { url: `${good.url}/good/ok` })
  await sign('before')
  runtime = runtimePids(program.group)
  for (const row of QUICK) await play(row)
  await Promise.all(LASTING.map(play))
})

test.afterAll(async () => {
  printTable()
  await program.end()
  await Promise.all([...hostile.all.values(), hostile.elsewhere, good].map((one) => one.close()))
})

/** As the test button does it; the endpoint gets nothing else. */
async function play([name]: Row): Promise<void> {
  const url = hostile.all.get(name)?.url
  const endpoint = { url, event_types: ['nothing.else'] }
  const { body } = await program.api<{ id: string }>('POST', '/api/endpoints', endpoint)
  const growth = watchGrowth(program.group)
  const startedAt = performance.now()
  const answer = await program.api<Attempt>('POST', `/api/endpoints/${body.id}/test`, {})
  const tookMs = Math.round(performance.now() - startedAt)
  played.set(name, { attempt: answer.body, tookMs, megabytes: growth() })
}

async function sign(words: string): Promise<void> {
  await program.api('POST', '/api/comments', { name: 'Ada', body: words })
  await eventually(async () => expect(good.received('good').at(-1)?.body).toContain(words))
}

for (const [name, outcome, errorClass, status, excerpt] of [...QUICK, ...LASTING]) {
  test(`${name}: the attempt is ${outcome} (${errorClass}, ${status}), in bounded time and memory`, () => {
    const { attempt, tookMs, megabytes } = played.get(name) as Played
    expect(attempt).toMatchObject({ outcome, error_class: errorClass, status_code: status })
    if (excerpt) expect(attempt.response_excerpt).toMatch(excerpt)
    else expect(attempt.response_excerpt).toBeNull()
    expect(tookMs).toBeLessThan(BOUND_MS)
    expect(megabytes).toBeLessThan(BOUND_MEGABYTES)
  })
}

test('each is asked once, and no connection is kept; where a redirect points, nobody calls', async () => {
  for (const [name, { made }] of hostile.all) expect([name, made()]).toEqual([name, 1])
  await eventually(async () => {
    for (const [name, { open }] of hostile.all) expect([name, open()]).toEqual([name, 0])
  })
  expect(hostile.elsewhere.made()).toBe(0)
})

test('afterwards it is the same process, and delivers as before', async () => {
  await sign('after')
  expect(runtimePids(program.group)).toEqual(runtime)
})

/** To be read, and to be put into the documentation. */
function printTable(): void {
  console.log('\n| receiver | outcome | error class | status | ms | MB |\n|---|---|---|--:|--:|--:|')
  for (const [name, { attempt, tookMs, megabytes }] of played) {
    const { outcome, error_class: errorClass, status_code: status } = attempt
    const cells = [name, outcome, errorClass ?? '', status ?? '', tookMs, megabytes]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
