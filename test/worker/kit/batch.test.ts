import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { batchTogether } from '../../../src/kit/db/shared-batch'
import type { Bound } from '../../../src/kit/db/statements'
import { aSource, type InboundView, post } from '../../support/sources'
import { World } from '../../support/world'

const MAX_STATEMENTS = 36
/** What signing reads before its batch. The request that sends a batch may be one that signs. */
const OWN_QUERIES = 2
const MANY = 5
const PATIENCE_MS = 1
async function stored(table: 'inbound_messages' | 'comments' | 'messages'): Promise<string[]> {
  const { results } = await env.DB.prepare(`select id from ${table}`).all<{ id: string }>()
  return results.map(({ id }) => id)
}

function d1Calls(world: World): number {
  return world.invocations.reduce((sum, { counts }) => sum + counts.d1RoundTrips, 0)
}

describe('a burst of requests', () => {
  it('is written in a few batches, each request completely and once', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, 'from here on the source is cached')
    await world.request('/')
    world.invocations.length = 0
    world.recorder.pauses = [20]
    const webhooks = Array.from({ length: 60 }, (_, i) => post(world, path, `{"n":${i}}`))
    const comments = Array.from({ length: 20 }, (_, i) =>
      world.api<{ id: string }>('POST', '/api/comments', { name: 'Ada', body: `Hello ${i}` })
    )
    const answers = await Promise.all(webhooks)
    const signed = await Promise.all(comments)
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(202))
    expect(signed.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(60)
    const all = [...answers, ...signed].map(({ body }) => body.id)
    expect([...(await stored('inbound_messages')), ...(await stored('comments'))]).toEqual(expect.arrayContaining(all))
    expect(d1Calls(world)).toBeLessThanOrEqual(12)
    expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(MAX_STATEMENTS + OWN_QUERIES)
  })

  it('counts a repeat that shares a batch with the original request', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    world.recorder.pauses = [20]
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(world, path, 'same')))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202])
    world.recorder.pauses = undefined
    const { body } = await world.api<{ data: InboundView[] }>('GET', '/api/inbound')
    expect(body.data).toMatchObject([{ repeats: 19 }])
  })

  it('is accepted even if one of its requests is refused', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, 'known')
    // None of our requests makes the database reject a statement, so this trigger does.
    await env.DB.prepare(
      `create trigger poison before insert on inbound_messages when new.body_prefix = 'poison'
       begin select raise(abort, 'poisoned'); end`
    ).run()
    world.recorder.pauses = [20]
    const bodies = ['a', 'b', 'c', 'poison', 'd', 'e']
    const answers = await Promise.all(bodies.map((body) => post(world, path, body)))
    await env.DB.prepare('drop trigger poison').run()
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 500, 202, 202])
    const ids = answers.filter(({ status }) => status === 202).map(({ body }) => body.id)
    expect(await stored('inbound_messages')).toEqual(expect.arrayContaining(ids))
  })

  it('is acknowledged only if it is stored, even if the connection is lost', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, 'known')
    for (const isCommitted of [false, true]) {
      world.recorder.pauses = [10]
      world.recorder.fault = { callsLeft: 2, isCommitted }
      const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => post(world, path, `${isCommitted} ${i}`)))
      world.recorder.fault = undefined
      const refused = answers.filter(({ status }) => status === 500)
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThan(30)
      const ids = answers.filter(({ status }) => status === 202).map(({ body }) => body.id)
      expect(await stored('inbound_messages')).toEqual(expect.arrayContaining(ids))
    }
  })
})

/** A database that returns the name of each statement as its result when the test ends the call. */
function aDatabase() {
  const calls: { names: string[]; end: (fault?: Error) => void }[] = []
  const DB = {
    batch: (names: string[]) =>
      new Promise((resolve, reject) => {
        const end = (fault?: Error) => (fault ? reject(fault) : resolve([...names]))
        calls.push({ names, end })
      }),
  }
  const kept: Promise<unknown>[] = []
  const executionCtx = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise) }
  const invocation = { env: { DB } as unknown as Env, executionCtx, get: () => () => Date.now() }
  return {
    calls,
    kept,
    commit: (names: string[]): Promise<unknown> => batchTogether(invocation)(names as unknown as Bound<unknown>[]),
  }
}

/** Starts a batch, so that further requests wait for the next one. The clock stands still. */
function keepBusy({ calls, commit }: ReturnType<typeof aDatabase>): void {
  vi.useFakeTimers()
  void commit(['busy']).catch(() => undefined)
  expect(calls).toHaveLength(1)
}

const settled = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)))

describe('a shared batch', () => {
  afterEach(() => vi.useRealTimers())

  it('gives each request the results of its own statements, even if other statements are rejected', async () => {
    const requests = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(requests, fc.infiniteStream(fc.nat(5)), async (sizes, chances) => {
        const { calls, commit, kept } = aDatabase()
        const names = sizes.map((size, r) => Array.from({ length: size }, (_, i) => `${r}.${i}`))
        const refused = new Set<string | undefined>(
          names.filter(([n]) => n !== undefined && chances.next().value === 0).map(([n]) => n)
        )
        const done = names.map(async (mine) => {
          const results = await commit(mine).catch((cause: Error) => cause.message)
          expect(results).toEqual(refused.has(mine[0]) ? 'SQLITE_CONSTRAINT' : mine)
        })
        for (let i = 0; i < calls.length; i++) {
          const { names: written = [], end = () => undefined } = calls[i] ?? {}
          expect(written.length).toBeLessThanOrEqual(MAX_STATEMENTS)
          end(written.some((name) => refused.has(name)) ? new Error('SQLITE_CONSTRAINT') : undefined)
          for (let turn = 0; turn < 10; turn++) await settled()
        }
        await Promise.all(done)
        expect(kept).toHaveLength(sizes.length)
      })
    )
  })

  it('follows at once when the batch before it has ended, and carries all that have waited', async () => {
    const database = aDatabase()
    keepBusy(database)
    const { calls, commit } = database
    const done = [commit(['b']), commit(['c']), commit(['d'])]
    expect(calls).toHaveLength(1)
    calls[0]?.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls.slice(1).map(({ names }) => names)).toEqual([['b', 'c', 'd']])
    calls[1]?.end()
    expect(await Promise.all(done)).toEqual([['b'], ['c'], ['d']])
  })

  it('does not wait for a batch that takes long, or whose request has died', async () => {
    const database = aDatabase()
    keepBusy(database)
    const { calls, commit } = database
    const [second, third] = [commit(['b']), commit(['c'])]
    await vi.advanceTimersByTimeAsync(PATIENCE_MS)
    expect(calls.slice(1).map(({ names }) => names)).toEqual([['b', 'c']])
    calls.at(-1)?.end()
    expect(await second).toEqual(['b'])
    expect(await third).toEqual(['c'])
  })

  it('waits for one of five batches to end, or for a second, because D1 itself may be slow', async () => {
    const database = aDatabase()
    keepBusy(database)
    const { calls, commit } = database
    for (let i = 0; i < 20; i++) {
      void commit([`${i}`])
      await vi.advanceTimersByTimeAsync(PATIENCE_MS)
    }
    expect(calls).toHaveLength(MANY)
    calls[0]?.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls).toHaveLength(MANY + 1)
    expect(calls.at(-1)?.names).toHaveLength(20 - (MANY - 1))
    void commit(['last'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(calls.at(-1)?.names).toEqual(['last'])
  })

  it('fails for the requests in it if the request that sent it has died', async () => {
    const database = aDatabase()
    keepBusy(database)
    const { calls, commit } = database
    void commit(['dead']).catch(() => undefined)
    const other = commit(['b'])
    const refused = expect(other).rejects.toThrow('has ended')
    calls.at(-1)?.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls.at(-1)?.names).toEqual(['dead', 'b'])
    await vi.advanceTimersByTimeAsync(PATIENCE_MS + 10_000)
    await refused
    expect(calls).toHaveLength(2)
  })

  it('does not delay a request if the batch under way died ten seconds ago', async () => {
    const database = aDatabase()
    keepBusy(database)
    await vi.advanceTimersByTimeAsync(10_001)
    void database.commit(['later'])
    expect(database.calls.at(-1)?.names).toEqual(['later'])
  })

  it('is the only one under way while requests keep arriving, if D1 is fast', async () => {
    vi.useFakeTimers()
    const { calls, commit } = aDatabase()
    const done: Promise<unknown>[] = []
    let ended = 0
    for (let i = 0; i < 50; i++) {
      done.push(commit([`${i}`]), commit([`${i}'`]))
      await vi.advanceTimersByTimeAsync(0)
      expect(calls.length - ended).toBe(1)
      calls[ended++]?.end()
      await vi.advanceTimersByTimeAsync(0)
    }
    calls[ended]?.end()
    expect(await Promise.all(done)).toHaveLength(100)
    expect(calls.length).toBeLessThan(60)
  })

  it('fails for all its requests if the connection is lost, and is not sent again', async () => {
    const database = aDatabase()
    keepBusy(database)
    const { calls, commit } = database
    const others = ['b', 'c'].map((name) => commit([name]))
    const outcomes = Promise.allSettled(others)
    calls.at(-1)?.end()
    await vi.advanceTimersByTimeAsync(0)
    calls.at(-1)?.end(new Error('D1_ERROR: Network connection lost.'))
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(calls).toHaveLength(2)
  })
})
