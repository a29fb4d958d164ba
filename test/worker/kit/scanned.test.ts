import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import '../../../src'
import { columnsOf, type RowOf } from '../../../src/kit/db/rows'
import { type KeyRange, scanned } from '../../../src/kit/db/scanned'
import { all, run, STATEMENTS, statement } from '../../../src/kit/db/statements'
import { auditLog } from '../../../src/schema'
import { World } from '../../support/world'

const ofProgram = new Set(STATEMENTS)

/** The test of query plans explains what is left. */
afterAll(() => {
  for (const text of STATEMENTS) if (!ofProgram.has(text)) STATEMENTS.delete(text)
})

const MOST = 50
const COUNT = 200
const ACT = columnsOf(auditLog, 'id', 'act')
type Act = RowOf<typeof ACT>

const ACTS = { from: 'audit_log', most: MOST, read: ACT.of(), where: ':act is null or w.act = :act', show: ACT.of('w') }
const newest = scanned<{ act: string | null }, Act>(ACTS)
const oldest = scanned<{ act: string | null }, Act>({ ...ACTS, isOldestFirst: true })

const idOf = (number: number) => `aud_01JD9Z6Y3T${String(number).padStart(16, '0')}`

/** One act in a hundred is rare: the 3rd, and the 103rd. */
beforeEach(async () => {
  await new World().env.DB.prepare(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?1)
     insert into audit_log (id, act, actor, created_at, browser)
     select 'aud_01JD9Z6Y3T' || printf('%016d', i), iif(i % 100 = 3, 'rare', 'common'), 'token', i, 'curl' from n`
  )
    .bind(COUNT)
    .run()
})

/** Follows the cursors to the end. @returns the numbers of what each page lists, and the most that one page costs */
async function listAll(list: typeof newest, act: string | null, range: KeyRange, limit: number) {
  const pages: number[][] = []
  const world = new World()
  let worst = { d1RoundTrips: 0, rowsRead: 0 }
  for (let from = range.from ?? null, isFirst = true; isFirst || from !== null; isFirst = false) {
    const before = { ...world.recorder.counts }
    const page = await list(world.env, { act }, { ...range, from: from ?? undefined }, limit)
    const { d1RoundTrips, rowsRead } = world.recorder.counts
    worst = {
      d1RoundTrips: Math.max(worst.d1RoundTrips, d1RoundTrips - before.d1RoundTrips),
      rowsRead: Math.max(worst.rowsRead, rowsRead - before.rowsRead),
    }
    pages.push(page.data.map(({ id }) => Number(id.slice(-16))))
    from = page.next
  }
  return { pages, worst }
}

describe('a scanned list', () => {
  it('goes on past pages without a match, and reads a limited number of rows in one round trip', async () => {
    const { pages, worst } = await listAll(newest, 'rare', {}, 20)
    // After 200 rows, only an empty page can tell that there are no more.
    expect(pages).toEqual([[], [103], [], [3], []])
    expect(worst).toEqual({ d1RoundTrips: 1, rowsRead: 2 * MOST })
  })

  it('reads no more than a page shows if every row matches, and lists each row once', async () => {
    const { pages, worst } = await listAll(newest, 'common', {}, 20)
    const listed = pages.flat()
    expect(pages.slice(0, 4).map(({ length }) => length)).toEqual([20, 20, 20, 20])
    expect(listed).toHaveLength(COUNT - 2)
    expect(listed).toEqual([...new Set(listed)].toSorted((a, b) => b - a))
    expect(worst.rowsRead).toBeLessThanOrEqual(2 * MOST)
    const world = new World()
    await newest(world.env, { act: 'common' }, {}, 20)
    expect(world.recorder.counts.rowsRead).toBe(21)
  })

  it('can list the oldest first', async () => {
    expect((await listAll(oldest, 'rare', {}, 1)).pages).toEqual([[3], [], [103], [], []])
  })

  it('stays within its range, and says how far a page goes even at the end', async () => {
    const { env } = new World()
    const newer = await newest(env, { act: null }, { from: idOf(12), to: idOf(10) }, 20)
    expect(newer).toMatchObject({ data: [{ id: idOf(11) }, { id: idOf(10) }], next: null, last: idOf(10) })
    const older = await oldest(env, { act: 'rare' }, { from: idOf(10), to: idOf(12) }, 20)
    expect(older).toEqual({ data: [], next: null, last: idOf(12) })
    expect(await newest(env, { act: null }, { from: idOf(1) }, 20)).toEqual({ data: [], next: null, last: null })
  })

  it('has rows with the columns that it shows, and nothing else', async () => {
    const { data } = await newest(new World().env, { act: null }, {}, 1)
    expect(data).toEqual([{ id: idOf(COUNT), act: 'common' }])
  })
})

describe('the columns of a row', () => {
  it('are quoted, and typed by the table', async () => {
    const { env } = new World()
    const find = ACT.of('a')
      .and<{ length: number }>('length(a.act) as length')
      .from<{ id: string }>(`
      audit_log a
      where a.id = :id`)
    const [row] = await all(find(env, { id: idOf(3) }))
    expect(row).toEqual({ id: idOf(3), act: 'rare', length: 4 })
    expect(columnsOf(auditLog).of('a').expressions).toHaveLength(9)
  })

  it('are inserted from parameters or from a list, and are assigned from a list', async () => {
    const { env } = new World()
    const WRITTEN = columnsOf(auditLog, 'id', 'act', 'actor', 'created_at', 'browser')
    type Given = Pick<RowOf<typeof WRITTEN>, 'id' | 'act'>
    const values = { actor: `'link'`, created_at: '7', browser: `'curl'` }
    await run(WRITTEN.insert<Given>(values)(env, { id: 'aud_a', act: 'one' }))
    const insertEach = WRITTEN.insertEach<Given, { acts: string }>(
      'acts',
      values,
      'where true on conflict (id) do nothing'
    )
    const acts: Given[] = ['aud_a', 'aud_b'].map((id) => ({ id, act: 'two' }))
    await run(insertEach(env, { acts: JSON.stringify(acts) }))
    const list = WRITTEN.of().from<Record<never, never>>(`audit_log where id in ('aud_a', 'aud_b') order by id`)
    const same = { actor: 'link', created_at: 7, browser: 'curl' }
    const [one, two] = [
      { id: 'aud_a', act: 'one', ...same },
      { id: 'aud_b', act: 'two', ...same },
    ]
    expect(await all(list(env, {}))).toEqual([one, two])
    const update = statement<{ acts: string }>(`
      update audit_log set ${columnsOf(auditLog, 'act', 'browser').assigned()}
      from json_each(:acts) j where audit_log.id = j.value ->> 'id'`)
    await run(update(env, { acts: JSON.stringify([{ ...two, act: 'three' }]) }))
    expect(await all(list(env, {}))).toEqual([one, { ...two, act: 'three' }])
  })

  it('cannot be misspelled', () => {
    // @ts-expect-error: nothing says what the act is
    ACT.insert<{ id: string }>({})
    // @ts-expect-error: the items have no act
    ACT.insertEach<{ id: string }, { acts: string }>('acts', {}, '')
    // @ts-expect-error: there is no such parameter
    ACT.insertEach<Act, { acts: string }>('act', {}, '')
    // @ts-expect-error: there is no such column
    columnsOf(auditLog, 'id', 'actt')
    // @ts-expect-error: the list shows no actor
    scanned<{ act: string | null }, Act & { actor: string }>(ACTS)
    // @ts-expect-error: the row has no actor
    const actor = (row: Act) => row.actor
    // @ts-expect-error: the filter has no such parameter
    const list = () => newest(new World().env, { acts: null }, {}, 1)
    expect([typeof actor, typeof list]).toEqual(['function', 'function'])
  })
})
