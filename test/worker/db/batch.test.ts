import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { batchTogether } from '../../../src/db/batch'
import { aSource, type InboundView, post } from '../../support/sources'
import { World } from '../../support/world'

const MAX_STATEMENTS = 40

async function stored(table: 'inbound_messages' | 'comments' | 'messages'): Promise<string[]> {
  const { results } = await env.DB.prepare(`select id from ${table}`).all<{ id: string }>()
  return results.map(({ id }) => id)
}

function d1Calls(world: World): number {
  return world.invocations.reduce((sum, { counts }) => sum + counts.d1RoundTrips, 0)
}

describe('what many requests bring at once', () => {
  it('is written in a few batches, each request whole and once', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, 'the source is known from here on')
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
    expect([...(await stored('inbound_messages')), ...(await stored('comments'))]).toEqual(
      expect.arrayContaining(all)
    )
    expect(d1Calls(world)).toBeLessThanOrEqual(12)
    expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(MAX_STATEMENTS)
  })

  it('counts a repeat that came in the same batch as the first', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    world.recorder.pauses = [20]
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(world, path, 'same')))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202])
    world.recorder.pauses = undefined
    const { body } = await world.api<{ data: InboundView[] }>('GET', '/api/inbound')
    expect(body.data).toMatchObject([{ repeats: 19 }])
  })

  it('is not refused for the sake of one that is', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, 'known')
    // A trigger of the test's own, for lack of a request that the database would refuse.
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

  it('is acknowledged only when it is stored, also when the connection is lost', async () => {
    const world = new World()
    const { path } = await aSource(world, 'unsigned')
    await post(world, path, 'known')
    for (const isCommitted of [false, true]) {
      world.recorder.pauses = [10]
      world.recorder.fault = { callsLeft: 2, isCommitted }
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, i) => post(world, path, `${isCommitted} ${i}`))
      )
      world.recorder.fault = undefined
      const refused = answers.filter(({ status }) => status === 500)
      expect(refused.length).toBeGreaterThan(0)
      expect(refused.length).toBeLessThan(30)
      const ids = answers.filter(({ status }) => status === 202).map(({ body }) => body.id)
      expect(await stored('inbound_messages')).toEqual(expect.arrayContaining(ids))
    }
  })
})

/** A database that answers each statement with its name, when the test says so. */
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
  const invocation = { env: { DB } as unknown as Env, executionCtx }
  return {
    calls,
    kept,
    commit: (names: string[]) =>
      batchTogether(invocation, 'write')(names as unknown as D1PreparedStatement[]),
    read: (names: string[]) =>
      batchTogether(invocation, 'read')(names as unknown as D1PreparedStatement[]),
  }
}

const settled = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)))

describe('writing together', () => {
  afterEach(() => vi.useRealTimers())

  it('gives everybody the results of their own statements, whatever is refused in between', async () => {
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
          end(
            written.some((name) => refused.has(name)) ? new Error('SQLITE_CONSTRAINT') : undefined
          )
          for (let turn = 0; turn < 10; turn++) await settled()
        }
        await Promise.all(done)
        expect(kept).toHaveLength(sizes.length)
      })
    )
  })

  it('whoever comes alone waits for nobody', async () => {
    const { calls, commit } = aDatabase()
    const done = commit(['a'])
    expect(calls).toHaveLength(1)
    calls[0]?.end()
    expect(await done).toEqual(['a'])
  })

  it('goes on when the one that writes has died', async () => {
    vi.useFakeTimers()
    const { calls, commit } = aDatabase()
    void commit(['dead'])
    const second = commit(['b'])
    const third = commit(['c'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(calls.map(({ names }) => names)).toEqual([['dead'], ['b', 'c']])
    calls[1]?.end()
    expect(await second).toEqual(['b'])
    expect(await third).toEqual(['c'])
  })

  it('tells those that were being written by it, in the end, that nobody knows', async () => {
    vi.useFakeTimers()
    const { calls, commit } = aDatabase()
    const first = commit(['a'])
    void commit(['dead']).catch(() => undefined)
    const other = commit(['b'])
    const said = expect(other).rejects.toThrow('has ended')
    calls[0]?.end()
    await first
    await vi.advanceTimersByTimeAsync(0)
    expect(calls[1]?.names).toEqual(['dead', 'b'])
    await vi.advanceTimersByTimeAsync(10_000)
    await said
    expect(calls).toHaveLength(2)
  })

  it('reads are asked again, each by itself, when the connection is lost or their carrier has died', async () => {
    vi.useFakeTimers()
    const { calls, read } = aDatabase()
    const first = read(['a'])
    const others = ['b', 'c', 'd'].map((name) => read([name]))
    calls[0]?.end()
    await first
    await vi.advanceTimersByTimeAsync(0)
    calls[1]?.end(new Error('D1_ERROR: Network connection lost.'))
    await vi.advanceTimersByTimeAsync(0)
    expect(calls.slice(2).map(({ names }) => names)).toEqual([['b'], ['c'], ['d']])
    for (const call of calls.slice(2)) call.end()
    expect(await Promise.all(others)).toEqual([['b'], ['c'], ['d']])
    void read(['dead'])
    void read(['dead, and carries'])
    const carried = read(['carried'])
    calls[5]?.end()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(calls.at(-1)?.names).toEqual(['carried'])
    calls.at(-1)?.end()
    expect(await carried).toEqual(['carried'])
  })

  it('is done by one at a time', async () => {
    const { calls, commit } = aDatabase()
    const done = [commit(['a'])]
    for (let i = 0; i < 50; i++) {
      done.push(commit([`${i}`]), commit([`${i}'`]))
      const open = calls.length
      calls.at(-1)?.end()
      await settled()
      done.push(commit([`${i}"`]))
      for (let turn = 0; turn < 5; turn++) await settled()
      expect(calls.length).toBe(open + 1)
    }
    calls.at(-1)?.end()
    for (let turn = 0; turn < 10; turn++) {
      await settled()
      calls.at(-1)?.end()
    }
    expect(await Promise.all(done)).toHaveLength(151)
  })

  it('a lost connection is told to all of them, and nothing is written twice', async () => {
    const { calls, commit } = aDatabase()
    const first = commit(['a'])
    const others = ['b', 'c'].map((name) => commit([name]))
    calls[0]?.end()
    await first
    await settled()
    calls[1]?.end(new Error('D1_ERROR: Network connection lost.'))
    const outcomes = await Promise.allSettled(others)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(calls).toHaveLength(2)
  })
})

describe('what many ask at once', () => {
  it('is read in a few round trips, and is as new as the request', async () => {
    const world = new World()
    await world.request('/')
    await world.api('POST', '/api/comments', { name: 'Ada', body: 'First' })
    world.invocations.length = 0
    world.recorder.pauses = [20]
    const asked = Array.from({ length: 30 }, () => world.request('/api/comments'))
    const pages = Array.from({ length: 10 }, () => world.request('/'))
    const { body } = await world.api<{ id: string }>('POST', '/api/comments', {
      name: 'Grace',
      body: 'Second',
    })
    const later = await world.request('/api/comments')
    expect(await later.text()).toContain(body.id)
    for (const answer of await Promise.all([...asked, ...pages])) {
      expect(answer.status).toBe(200)
      expect(await answer.text()).toContain('First')
    }
    expect(d1Calls(world)).toBeLessThanOrEqual(8)
  })
})
