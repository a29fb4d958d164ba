import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { firstIdAt, type IdPrefix } from '../../../../src/kit/lib/ids'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import { CHORES, type ChoreName } from '../../../../src/sweep'
import { aComment } from '../../../support/fixtures'
import { World } from '../../../support/world'

const NOW = 1_800_000_000_000
const DAY = 86_400_000

interface Kept {
  table: string
  /** The column that a row is found by, and that sorts the rows by age. */
  key: string
  prefix?: IdPrefix
  /** SQL that inserts the rows `j.value ->> 'id'`, which are as old as `j.value ->> 'at'`. */
  seed: string
  days: number
  limit: { free: number; paid: number }
}

const SELECTED = `from json_each(?) j`

const KEPT: Partial<Record<ChoreName, Kept>> = {
  old_keys: {
    table: 'idempotency_keys',
    key: 'created_at',
    seed: `insert into idempotency_keys (id, created_at, fingerprint, answer)
      select j.value ->> 'id', j.value ->> 'at', '', '' ${SELECTED}`,
    days: 1,
    limit: { free: 500, paid: 500 },
  },
  old_sessions: {
    table: 'sessions',
    key: 'expires_at',
    seed: `insert into sessions (id, created_at, expires_at) select j.value ->> 'id', 0, j.value ->> 'at' ${SELECTED}`,
    days: 0,
    limit: { free: 500, paid: 500 },
  },
  old_replays: {
    table: 'jobs',
    key: 'id',
    prefix: 'job',
    seed: `insert into jobs (id, kind, state, endpoint_id, only, since, until, counted, counted_all, cursor, created_at)
      select j.value ->> 'id', 'replay', 'done', 'ep_1', 'all', 0, 0, 0, 0, '', 0 ${SELECTED}`,
    days: 30,
    limit: { free: 50, paid: 50 },
  },
  old_acts: {
    table: 'audit_log',
    key: 'id',
    prefix: 'aud',
    seed: `insert into audit_log (id, act, actor, created_at, browser)
      select j.value ->> 'id', 'key.created', 'token', 0, '' ${SELECTED}`,
    days: 90,
    limit: { free: 10, paid: 500 },
  },
  old_mentions: {
    table: 'webmentions',
    key: 'fetched_at',
    seed: `insert into webmentions (source, target, book, received_at, fetched_at)
      select j.value ->> 'id', '/', 'main', ${NOW}, j.value ->> 'at' ${SELECTED}`,
    days: 30,
    limit: { free: 100, paid: 100 },
  },
}

const CASES = Object.entries(KEPT).flatMap(([name, kept]) =>
  (['free', 'paid'] as const).map((plan) => [name as ChoreName, plan, kept] as const)
)

describe('a retention', () => {
  it.each(CASES)('%s on the %s plan removes the oldest rows, a page in each sweep', async (name, plan, kept) => {
    const world = new World({ FREE_PLAN: String(plan === 'free') })
    const limit = kept.limit[plan]
    const end = NOW - kept.days * DAY
    const rows = [...Array(limit + 2).keys()].map((i) => {
      const at = end - i
      return { id: kept.prefix ? firstIdAt(kept.prefix, at) : `row-${i}`, at }
    })
    await env.DB.prepare(kept.seed).bind(JSON.stringify(rows)).run()
    const sweep = () => CHORES[name](world.env, NOW, openBudget(world.env))
    const read = () => env.DB.prepare(`select ${kept.key} as key from ${kept.table} order by key desc`).all()
    const left = rows.map(({ id, at }) => ({ key: kept.prefix ? id : at }))

    expect(await sweep()).toBe(limit)
    expect((await read()).results).toEqual(left.slice(0, 2))
    expect(await sweep()).toBe(1)
    expect((await read()).results).toEqual(left.slice(0, 1))
    expect(await sweep()).toBe(0)
  })

  it('that waits for the owner keeps everything if the owner says so', async () => {
    const world = new World()
    await world.api('PATCH', '/api/settings', { retention: { jobs_days: 0 } })
    const rows = [{ id: firstIdAt('job', 1) }]
    await env.DB.prepare(KEPT.old_replays?.seed ?? '')
      .bind(JSON.stringify(rows))
      .run()
    expect(await CHORES.old_replays(world.env, NOW, openBudget(world.env))).toBe(0)
  })

  it('never removes a replay that is running, or a mention that waits', async () => {
    const world = new World()
    await env.DB.prepare(KEPT.old_replays?.seed ?? '')
      .bind('[{"id":"job_0"}]')
      .run()
    await env.DB.prepare(KEPT.old_mentions?.seed ?? '')
      .bind('[{"id":"a","at":1}]')
      .run()
    await env.DB.batch([
      env.DB.prepare('update jobs set run_at = 1'),
      env.DB.prepare('update webmentions set due_at = 1'),
    ])
    for (const name of ['old_replays', 'old_mentions'] as const)
      expect(await CHORES[name](world.env, NOW, openBudget(world.env))).toBe(0)
  })
})

describe('a walk', () => {
  it('reads a table once a day, a page in each sweep, and removes old rows without an entry', async () => {
    const world = new World()
    const { id } = await aComment(world)
    const rows = [...Array(150).keys()].map((i) => ({
      id: String(i).padStart(3, '0'),
      // Of each three records, one has an entry, one is old and has none, and one is younger than a year.
      comment_id: i % 3 === 0 ? id : 'cmt_gone',
      at: i % 3 === 2 ? NOW - 365 * DAY : 0,
    }))
    await env.DB.prepare(
      `insert into imported_records (id, comment_id, imported_at)
       select j.value ->> 'id', j.value ->> 'comment_id', j.value ->> 'at' ${SELECTED}`
    )
      .bind(JSON.stringify(rows))
      .run()
    const sweep = (now: number) => CHORES.old_records(world.env, now, openBudget(world.env))
    expect(await sweep(NOW)).toBe(33)
    expect(await sweep(NOW)).toBe(17)
    expect(await env.DB.prepare('select count(*) as n from imported_records').first('n')).toBe(100)
    // The others are a year old now, but the walk begins again a day later.
    expect(await sweep(NOW + DAY - 1)).toBe(0)
    expect(await sweep(NOW + DAY)).toBe(50)
    expect(
      await env.DB.prepare('select count(*) as n from imported_records where comment_id = ?').bind(id).first('n')
    ).toBe(50)
  })
})
