import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { later } from '../../../../support/fixtures'
import {
  aSource,
  githubPost,
  type InboundView,
  listInbound,
  OVERDUE,
  post,
  theInbound,
} from '../../../../support/sources'
import { World } from '../../../../support/world'

/** What can happen to one delivery of a sender, in any order. */
type Step =
  /** The sender sends it, signed at a different time for each `n`. */
  | { kind: 'real'; n: number }
  /** Somebody who knows the URL and guesses the delivery id sends something else. */
  | { kind: 'forged'; n: number }
  /** Somebody sends what the sender has sent, with a signature that does not match. */
  | { kind: 'unsigned' }
  | { kind: 'process' | 'process_one' | 'lose_queue' | 'sweep' | 'pause' | 'resume' }
  /** Consumers process everything that waits at the same time, with these pauses between their queries. */
  | { kind: 'together'; pauses: number[] }
  /** The owner enters a wrong secret, or the right one again. */
  | { kind: 'secret'; right: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('real' as const), n: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('forged' as const), n: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unsigned' as const }) },
  { weight: 4, arbitrary: fc.constantFrom({ kind: 'process' as const }, { kind: 'process_one' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('together' as const), pauses: fc.array(fc.nat(5), { maxLength: 8 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'lose_queue' as const }, { kind: 'sweep' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'pause' as const }, { kind: 'resume' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('secret' as const), right: fc.boolean() }) }
)

const OPTIONS = { header: 'x-signature', timestamp_header: 'x-time', delivery_id: 'header:x-id' }

interface Setting {
  act: 'sign' | 'publish'
  strict: boolean
}

async function play(setting: Setting, steps: Step[]) {
  const world = new World()
  const template = { name: 'A webhook', body: '{{text}}' }
  const source = await aSource(world, 'custom-hmac', { secret: 'hush', options: OPTIONS, template, ...setting })
  const word = crypto.randomUUID()
  const started = Math.floor(Date.now() / 1_000)
  const realIds = new Set<string>()
  const send = async (secret: string, text: string, time: number) => {
    const body = JSON.stringify({ text })
    const mac = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
    const headers = { 'X-Id': 'delivery-1', 'X-Time': String(time), 'X-Signature': mac }
    return post(world, source.path, body, headers)
  }
  const take = async (given: Step) => {
    if (given.kind === 'real') {
      const { status, body } = await send('hush', `${word} real`, started + given.n)
      // While its secret is wrong, a strict source refuses the sender, but keeps the request for later.
      if (status === 401) expect(setting.strict).toBe(true)
      else realIds.add(body.id)
    }
    if (given.kind === 'forged') await send('guess', `${word} forged ${given.n}`, started)
    if (given.kind === 'unsigned') await send('guess', `${word} real`, started)
    if (given.kind === 'process') await world.drain()
    const [order] = given.kind === 'process_one' ? world.queued.splice(0, 1) : []
    if (order) await world.consume(order)
    if (given.kind === 'together') await together(world, given.pauses)
    if (given.kind === 'lose_queue') world.loseQueue()
    if (given.kind === 'sweep') await world.sweep(later(OVERDUE))
    if (given.kind === 'pause') await world.api('PATCH', `/api/sources/${source.id}`, { status: 'paused' })
    if (given.kind === 'resume') await world.api('PATCH', `/api/sources/${source.id}`, { status: 'active' })
    const change = given.kind === 'secret' ? { secret: given.right ? 'hush' : 'wrong' } : null
    if (change) await world.api('PATCH', `/api/sources/${source.id}`, change)
  }
  for (const given of steps) await take(given)
  // In the end, everything is correct again, and everything is processed.
  await take({ kind: 'secret', right: true })
  await take({ kind: 'resume' })
  // Later than any lease that an earlier sweep has given.
  await world.sweep(later(24 * OVERDUE))
  await world.drain()
  await world.api('POST', `/api/sources/${source.id}/replay`)
  await world.drain()
  const messages = await listInbound(world, `source=${source.id}&limit=100`)
  return { world, word, realIds, messages, acted: await countActs(word) }
}

async function together(world: World, pauses: number[]): Promise<void> {
  world.recorder.pauses = [...pauses]
  await Promise.all(world.queued.splice(0).map((order) => world.consume(order)))
  world.recorder.pauses = undefined
}

async function countActs(word: string) {
  const count = async (table: string, column: string, text: string) =>
    (await env.DB.prepare(`select count(*) as n from ${table} where ${column} like ?1`).bind(`%${text}%`).first())?.n
  return {
    // The entry of a source that signs also causes an event.
    events: await count('messages', 'payload', `${word} real`),
    entries: await count('comments', 'body', `${word} real`),
    forged: await count('messages', 'payload', `${word} forged`),
  }
}

it('many forgeries with one delivery id make no request more expensive, and hide no original', async () => {
  const world = new World()
  const template = { name: 'A webhook', body: '{{text}}' }
  const source = await aSource(world, 'github', { secret: 'hush', act: 'sign', template })
  const rowsReadBy = async (run: () => Promise<unknown>) => {
    world.invocations.length = 0
    await run()
    await world.drain()
    return world.invocations.reduce((sum, { counts }) => sum + counts.rowsRead, 0)
  }
  const send = (secret: string, text: string) =>
    githubPost(world, source.path, secret, JSON.stringify({ text }), { delivery: 'd1' })
  const forge = (n: number) => rowsReadBy(() => send('guess', `forged ${n}`))
  const costs = [await forge(-2), await forge(-1)]
  for (let n = 0; n < 60; n++) costs.push(await forge(n))
  expect(Math.max(...costs)).toBeLessThanOrEqual(Math.min(...costs) + 5)
  const original = await send('hush', 'real')
  await world.drain()
  for (let n = 60; n < 120; n++) await forge(n)
  const again: unknown[] = []
  const cost = await rowsReadBy(async () => again.push(await send('hush', 'real'), await send('hush', 'real, again')))
  expect(again).toMatchObject([{ status: 200, body: original.body }, { status: 200 }])
  expect(cost).toBeLessThanOrEqual(Math.min(...costs))
})

function isTrue(one: InboundView): boolean {
  return one.status === 'processed' && one.verified === true
}

describe('a delivery and forgeries with its delivery id', () => {
  it('is never lost, and is acted on once, in whatever order they arrive and are processed', async () => {
    const setting = fc.record({ act: fc.constantFrom('sign' as const, 'publish' as const), strict: fc.boolean() })
    const steps = fc.array(step, { minLength: 2, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(setting, steps, async (given, taken) => {
        const { world, realIds, messages, acted } = await play(given, taken)
        const wasSent = taken.some(({ kind }) => kind === 'real')
        expect(acted).toEqual({
          events: wasSent ? 1 : 0,
          entries: wasSent && given.act === 'sign' ? 1 : 0,
          forged: 0,
        })
        for (const id of realIds) expect(await theInbound(world, id)).toMatchObject({ verified: true })
        const ids = new Set(realIds)
        expect(messages.filter(({ id }) => ids.has(id)).every(isTrue)).toBe(true)
        expect(messages.filter(({ status }) => status === 'new')).toEqual([])
      }),
      { numRuns: 12, examples: EXAMPLES }
    )
  }, 180_000)
})

const real = (n: number): Step => ({ kind: 'real', n })
const forged = (n: number): Step => ({ kind: 'forged', n })
const [PROCESS, PAUSE]: Step[] = [{ kind: 'process' }, { kind: 'pause' }]

/** Orders that once went wrong, or easily could. */
const EXAMPLES: [Setting, Step[]][] = [
  [{ act: 'sign', strict: false }, [forged(0), real(0)]],
  [{ act: 'sign', strict: false }, [real(0), forged(0)]],
  [{ act: 'publish', strict: false }, [forged(0), forged(1), real(0), real(1)]],
  // Both are genuine, and the second is stored before the first is verified.
  [{ act: 'sign', strict: false }, [real(0), real(1)]],
  [{ act: 'publish', strict: false }, [real(0), real(1), { kind: 'process_one' }, real(2)]],
  [{ act: 'publish', strict: false }, [real(0), real(1), real(2), { kind: 'together', pauses: [2, 2, 2, 2] }]],
  [{ act: 'sign', strict: false }, [real(0), forged(0), real(1), { kind: 'together', pauses: [3, 0, 1, 5] }]],
  [{ act: 'sign', strict: false }, [PAUSE as Step, forged(0), PROCESS as Step, real(0), PROCESS as Step, real(1)]],
  [{ act: 'sign', strict: true }, [forged(0), real(0), PROCESS as Step, forged(0), real(1)]],
]
