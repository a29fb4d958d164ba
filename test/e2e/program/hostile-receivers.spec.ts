import { expect, test } from '@playwright/test'
import { eventually, Program } from '../../support/program/program'
import { runtimePids, watchGrowth } from '../../support/program/resident-memory'
import { type Receiver, startReceiver } from '../../support/receiver'
import { type HostilityName, type Listener, startHostileReceivers } from './hostile-receivers'

/** An attempt has a deadline of 15 s. This bound does not measure speed, but shows that every attempt ends. */
const BOUND_MS = 40_000
/** Memory would grow by far more if a gzip bomb were inflated, or an endless body were kept. */
const BOUND_MEGABYTES = 64

type Row = [
  name: HostilityName,
  outcome: string,
  error_class: string | null,
  status_code: number | null,
  response_excerpt?: RegExp,
]

/** Tested one after another, to measure the memory of each. TEST_LIMIT allows 20 tests a minute, the others included. */
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
/** Tested at the same time, because each lasts until the deadline. */
const LASTING: Row[] = [
  ['headers that drip', 'timed_out', 'deadline', null],
  ['a body that drips', 'timed_out', 'deadline', 200, /^a+$/],
  ['a TLS handshake that never completes', 'timed_out', 'deadline', null],
]

/** Keeps the runtime so busy that an answer from elsewhere would be read late. */
const BUSY: Row = ['endless interim responses', 'timed_out', 'deadline', null]

interface Attempt {
  outcome: string
  error_class: string | null
  status_code: number | null
  response_excerpt: string | null
}

interface Tested {
  attempt: Attempt
  tookMs: number
  megabytes: number
}

const tested = new Map<HostilityName, Tested>()
let program: Program
let hostile: { all: Map<HostilityName, Listener>; elsewhere: Listener }
let good: Receiver
let runtime: string[]

test.beforeAll(async () => {
  // Two deadlines pass, and the machine may be busy.
  test.setTimeout(240_000)
  hostile = await startHostileReceivers()
  good = await startReceiver()
  program = await Program.start()
  await program.api('POST', '/api/endpoints', { url: `${good.url}/good/ok` })
  await sign('before')
  runtime = runtimePids(program.group)
  for (const row of QUICK) await sendTest(row)
  await Promise.all(LASTING.map(sendTest))
  await sendTest(BUSY)
})

test.afterAll(async () => {
  printTable()
  await program.end()
  await Promise.all([...hostile.all.values(), hostile.elsewhere, good].map((one) => one.close()))
})

/** Sends a test delivery, as the button on the page does. The endpoint gets no other messages. */
async function sendTest([name]: Row): Promise<void> {
  const url = hostile.all.get(name)?.url
  const endpoint = { url, event_types: ['nothing.else'] }
  const { body } = await program.api<{ id: string }>('POST', '/api/endpoints', endpoint)
  const growth = watchGrowth(program.group)
  const startedAt = performance.now()
  const { body: attempt } = await program.api<Attempt>('POST', `/api/endpoints/${body.id}/test`, {})
  const tookMs = Math.round(performance.now() - startedAt)
  tested.set(name, { attempt, tookMs, megabytes: growth() })
}

/** Signs the guestbook, and waits until the good receiver gets the message. */
async function sign(text: string): Promise<void> {
  await program.api('POST', '/api/comments', { name: 'Ada', body: text })
  await eventually(async () => expect(good.received('good').at(-1)?.body).toContain(text))
}

for (const [name, outcome, error_class, status_code, response_excerpt] of [...QUICK, ...LASTING, BUSY]) {
  const result = `${outcome} (${error_class}, ${status_code})`
  test(`an attempt at a receiver with ${name} takes bounded time and memory, and is ${result}`, () => {
    const { attempt, tookMs, megabytes } = tested.get(name) as Tested
    expect(attempt).toMatchObject({
      outcome,
      error_class,
      status_code,
      response_excerpt: response_excerpt ? expect.stringMatching(response_excerpt) : null,
    })
    expect(tookMs).toBeLessThan(BOUND_MS)
    expect(megabytes).toBeLessThan(BOUND_MEGABYTES)
  })
}

test('every hostile receiver is called once, no connection stays open, and no redirect is followed', async () => {
  const receivers = [...hostile.all]
  const made = receivers.map(([name, listener]) => [name, listener.made()])
  expect(made).toEqual(receivers.map(([name]) => [name, 1]))
  await eventually(async () => {
    const open = receivers.map(([name, listener]) => [name, listener.open()])
    expect(open).toEqual(receivers.map(([name]) => [name, 0]))
  })
  expect(hostile.elsewhere.made()).toBe(0)
})

test('the program still runs in the same process afterwards, and delivers messages', async () => {
  await sign('after')
  expect(runtimePids(program.group)).toEqual(runtime)
})

/** Prints the results as a table for the documentation. */
function printTable(): void {
  console.log('\n| receiver | outcome | error class | status | ms | MB |\n|---|---|---|--:|--:|--:|')
  for (const [name, { attempt, tookMs, megabytes }] of tested) {
    const { outcome, error_class, status_code } = attempt
    const cells = [name, outcome, error_class ?? '', status_code ?? '', tookMs, megabytes]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
