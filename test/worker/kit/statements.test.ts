import { env } from 'cloudflare:workers'
import { afterAll, describe, expect, it } from 'vitest'
import '../../../src'
import { bindUpdate, columnsOf } from '../../../src/kit/db/rows'
import { all, batch, batchNamed, first, run, STATEMENTS, statement } from '../../../src/kit/db/statements'
import { messages } from '../../../src/schema'
import { countingD1, noCounts } from '../../support/counting'

const ofProgram = new Set(STATEMENTS)

/** The test of query plans explains what is left. */
afterAll(() => {
  for (const text of STATEMENTS) if (!ofProgram.has(text)) STATEMENTS.delete(text)
})

type NewMessage = { id: string; type: string; now: number }

const INSERT = columnsOf(messages, 'id', 'type', 'created_at', 'payload').insert<
  NewMessage,
  { id: string; wake_at: number }
>({ created_at: ':now', payload: "'{}'" }, 'returning id, wake_at')
const LIST = columnsOf(messages, 'id', 'type', 'dispatched_at').from<{ after: string; type: string; limit: number }>(`
  messages
  where id > :after and type = :type
  order by id
  limit :limit`)
const WAKE = statement<{ id: string; now: number }>(`
  update messages set wake_at = :now where id = :id`)
const COUNT = statement<{ type: string; now: number }, { found: number; text: string }>(`
  select count(*) as found, 'not :a parameter' as text
  from messages
  where type = :type and created_at <= :now and :now >= wake_at`)

describe('a statement', () => {
  it('binds named values, and returns rows whose keys are the column names', async () => {
    expect(await first(INSERT(env, { id: 'msg_a', type: 'a', now: 5 }))).toEqual({
      id: 'msg_a',
      wake_at: 0,
    })
    expect(await run(WAKE(env, { id: 'msg_a', now: 7 }))).toBe(1)
    await run(INSERT(env, { id: 'msg_b', type: 'a', now: 6 }))
    expect(await all(LIST(env, { after: '', type: 'a', limit: 1 }))).toEqual([
      { id: 'msg_a', type: 'a', dispatched_at: null },
    ])
    expect(await all(LIST(env, { after: 'msg_a', type: 'a', limit: 9 }))).toHaveLength(1)
  })
  it('binds a parameter once, even if it is named twice, and leaves quoted text unchanged', async () => {
    await run(INSERT(env, { id: 'msg_a', type: 'a', now: 5 }))
    const [counted, woken] = await batch(env, [COUNT(env, { type: 'a', now: 5 }), WAKE(env, { id: 'msg_z', now: 1 })])
    expect(counted.results).toEqual([{ found: 1, text: 'not :a parameter' }])
    expect(woken.meta.changes).toBe(0)
  })

  it('updates the columns that are given, also to null, and leaves those that are undefined', async () => {
    await run(INSERT(env, { id: 'msg_a', type: 'a', now: 5 }))
    const change = (changes: Partial<typeof messages.$inferSelect>, id: string) =>
      run(bindUpdate(env, messages, changes, 'where id = :id', { id }))
    expect(await change({ dispatched_at: 8, hops: 2 }, 'msg_a')).toBe(1)
    expect(await change({ dispatched_at: null, hops: undefined } as never, 'msg_a')).toBe(1)
    expect(await change({ hops: 3 }, 'msg_z')).toBe(0)
    const read = columnsOf(messages, 'dispatched_at', 'hops').from<{ id: string }>('messages where id = :id')
    expect(await first(read(env, { id: 'msg_a' }))).toEqual({ dispatched_at: null, hops: 2 })
  })

  it('shares a round trip with others that are named, and the rows of each have its name', async () => {
    const recorder = { counts: noCounts(), executed: [] }
    const counted = { ...env, DB: countingD1(env.DB, recorder) }
    await run(INSERT(env, { id: 'msg_a', type: 'a', now: 5 }))
    const list = (type: string) => LIST(counted, { after: '', type, limit: 9 })
    const read = { listed: list('a'), nothing: list('b'), skipped: null, counts: COUNT(counted, { type: 'a', now: 5 }) }
    const { listed, nothing, skipped, counts } = await batchNamed(counted, read)
    expect(listed.map(({ id }) => id)).toEqual(['msg_a'])
    expect([...nothing, ...skipped]).toEqual([])
    expect(counts).toMatchObject([{ found: 1 }])
    expect(recorder.counts).toMatchObject({ d1RoundTrips: 1, queries: 3 })
  })
})
