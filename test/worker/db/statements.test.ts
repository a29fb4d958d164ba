import { env } from 'cloudflare:workers'
import { and, asc, eq, gt } from 'drizzle-orm'
import { afterAll, describe, expect, it } from 'vitest'
import '../../../src'
import {
  all,
  batch,
  columns,
  compile,
  first,
  type Placeholders,
  query,
  run,
  STATEMENTS,
  statement,
  value,
} from '../../../src/kit/db/statements'
import { messages } from '../../../src/schema'

const ofProgram = new Set(STATEMENTS)

/** The test of query plans explains what is left. */
afterAll(() => {
  for (const text of STATEMENTS) if (!ofProgram.has(text)) STATEMENTS.delete(text)
})

const INSERT = compile((p: Placeholders<{ id: string; type: string; now: number }>) =>
  query
    .insert(messages)
    .values({ id: p.id, type: p.type, created_at: p.now, payload: '{}' })
    .returning(columns(messages, 'id', 'wake_at'))
)
const LIST = compile((p: Placeholders<{ after: string; type: string; limit: number }>) =>
  query
    .select(columns(messages, 'id', 'type', 'dispatched_at'))
    .from(messages)
    .where(and(gt(messages.id, p.after), eq(messages.type, p.type)))
    .orderBy(asc(messages.id))
    .limit(p.limit)
)
const WAKE = compile((p: Placeholders<{ id: string; now: number }>) =>
  query
    .update(messages)
    .set({ wake_at: value(p.now) })
    .where(eq(messages.id, p.id))
)
const COUNT = statement<{ type: string; now: number }, { found: number; text: string }>(`
  select count(*) as found, 'not :a parameter' as text
  from messages
  where type = :type and created_at <= :now and :now >= wake_at`)

describe('a compiled statement', () => {
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
})

describe('a statement that is written as SQL', () => {
  it('binds a parameter once, even if it is named twice, and leaves quoted text unchanged', async () => {
    await run(INSERT(env, { id: 'msg_a', type: 'a', now: 5 }))
    const [counted, woken] = await batch(env, [COUNT(env, { type: 'a', now: 5 }), WAKE(env, { id: 'msg_z', now: 1 })])
    expect(counted.results).toEqual([{ found: 1, text: 'not :a parameter' }])
    expect(woken.meta.changes).toBe(0)
  })
})
