import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { openBudget } from '../../../../src/kit/sweep/subrequest-budget'
import {
  type AttemptFigures,
  type Figures,
  MAX_ENDPOINTS_CHARTED,
  noAttempts,
  noFigures,
  OTHERS,
} from '../../../../src/owner/rules/stats/figures'
import { LAG_MS, STEP_MS } from '../../../../src/owner/rules/stats/periods'
import { sweepStats } from '../../../../src/owner/stats/sweep'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { aSource, post } from '../../../support/sources'
import { World } from '../../../support/world'

interface Counts {
  entries: Record<string, number>
  attempts: Record<string, number | null>
  inbound: Record<string, number>
}
interface StatsView {
  counted_to: string | null
  totals: Counts
  periods: (Counts & { start: string })[]
  endpoints: { id: string; url: string | null; attempts: Record<string, number | null> }[]
}

/** A time at which the sweep counts everything until now. */
function whenCounted(now = Date.now()): number {
  return Math.ceil((now + 1) / STEP_MS) * STEP_MS + LAG_MS
}

async function readStats(world: World, range = '24h'): Promise<StatsView> {
  const { status, body } = await world.api<StatsView>('GET', `/api/stats?range=${range}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

/** Two entries to a healthy receiver and to one that fails, of which one is retried late, and two webhooks. */
async function activity(world: World) {
  const good = await anEndpoint(world, mailbox().url())
  const bad = await anEndpoint(world, mailbox().url('status/500'))
  await aComment(world)
  await aComment(world)
  await world.drain()
  const source = await aSource(world, 'unsigned')
  await post(world, source.path, '{"n":1}')
  await post(world, source.path, '{"n":2}')
  await world.drain()
  return { good, bad }
}

/** What the tables say. */
async function recount() {
  const { results: attempts } = await env.DB.prepare(
    'select endpoint_id, outcome, count(*) as n from attempts group by 1, 2'
  ).all<{ endpoint_id: string; outcome: string; n: number }>()
  const entries = await env.DB.prepare('select count(*) as n from comments').first<number>('n')
  const inbound = await env.DB.prepare('select count(*) as n from inbound_messages').first<number>('n')
  return { attempts, entries, inbound }
}

async function expectEqualToRecount(world: World): Promise<void> {
  const actual = await recount()
  for (const range of ['24h', '7d', '30d']) {
    const { totals, endpoints, periods } = await readStats(world, range)
    const counted = endpoints.flatMap(({ id, attempts }) =>
      ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'].flatMap((outcome) =>
        attempts[outcome] ? [{ endpoint_id: id, outcome, n: attempts[outcome] }] : []
      )
    )
    expect(counted).toHaveLength(actual.attempts.length)
    expect(counted).toEqual(expect.arrayContaining(actual.attempts))
    expect(sumOf(totals.entries)).toBe(actual.entries)
    expect(sumOf(totals.inbound)).toBe(actual.inbound)
    expect(periods.reduce((sum, period) => sum + sumOf(period.entries), 0)).toBe(actual.entries)
  }
}

async function expectMonth(world: World): Promise<void> {
  const { entries } = await recount()
  expect(sumOf((await readStats(world, '30d')).totals.entries)).toBe(entries)
}

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0)

describe('the statistics', () => {
  it('say what happened, equal to a recount, in every range', async () => {
    const world = new World()
    const { good, bad } = await activity(world)
    await world.sweep(whenCounted())
    await expectEqualToRecount(world)
    const { totals, endpoints, counted_to } = await readStats(world)
    expect(totals.attempts).toMatchObject({ delivered: 2, refused: 2, timed_out: 0, success_rate: 0.5 })
    expect(totals.inbound).toEqual({ processed: 2, failed: 0, new: 0 })
    expect(endpoints.map(({ id, url, attempts }) => [id, url, attempts.success_rate])).toEqual([
      [bad.id, bad.url, 0],
      [good.id, good.url, 1],
    ])
    expect(Date.parse(counted_to ?? '')).toBeGreaterThan(Date.now() - STEP_MS)
  })

  it('show the newest hours first after an import of old entries, then the older ones, and blame nobody', async () => {
    const world = new World()
    await activity(world)
    const old = Date.now() - 20 * 86_400_000
    await env.DB.prepare(
      `insert into comments (id, book, number, status, created_at, name, body)
       with recursive n (i) as (select 1 union all select i + 1 from n where i < 500)
       select 'cmt_' || ?1 || printf('%016d', i), 'main', i, 'published', ?2, 'a', 'b' from n`
    )
      .bind(timePart(old), old)
      .run()
    const { see, get } = await ownerBrowser(world)
    let at = whenCounted()
    await world.sweep(at)
    const first = await readStats(world)
    expect(sumOf(first.totals.entries)).toBeGreaterThan(0)
    const page = await see('/admin?range=30d')
    expect(page).toContain('newest hours first')
    expect(page).not.toContain('cron')
    for (let i = 0; i < 100; i++) {
      at += STEP_MS
      await sweepStats(world.env, at, openBudget(world.env))
    }
    await expectMonth(world)
    expect(await see('/admin?range=30d')).not.toContain('newest hours first')
    // A bar leads to the entries of its time.
    const html = await (await get('/admin?range=30d')).text()
    const [, list = ''] = /href="([^"]*\/admin\/comments\?since=[^"]+)"/.exec(html) ?? []
    // The minute of the end belongs to the list, and the next bar begins after it.
    expect(list).toMatch(/since=[^&]*:00&amp;until=[^&]*:59&amp;status=all/)
    const entries = await (await get(list.replaceAll('&amp;', '&').replace('#list', ''))).text()
    expect(entries.match(/<article/g)).toHaveLength(60)
    expect(entries).toMatch(new RegExp(`From <time datetime="${new Date(old).toISOString().slice(0, 10)}`))
  })

  it('count a late attempt when it happens, and nothing twice, however often the sweep runs', async () => {
    const world = new World()
    const { good } = await activity(world)
    const at = whenCounted()
    await world.sweep(at)
    // The messages are old now, so whatever is sent again is late.
    await env.DB.prepare(`update messages set id = replace(id, substr(id, 5, 6), '01JD9Z')`).run()
    await env.DB.prepare(
      `update deliveries set message_id = replace(message_id, substr(message_id, 5, 6), '01JD9Z')`
    ).run()
    await env.DB.prepare(
      `update attempts set message_id = replace(message_id, substr(message_id, 5, 6), '01JD9Z')`
    ).run()
    const { results } = await env.DB.prepare(`select message_id from deliveries where endpoint_id = ? limit 1`)
      .bind(good.id)
      .all<{ message_id: string }>()
    await world.api('POST', `/api/messages/${results[0]?.message_id}/deliveries/${good.id}/retry`)
    await world.drain()
    const late = await env.DB.prepare('select late_at from attempts where late_at is not null').all<{
      late_at: number
    }>()
    expect(late.results).toHaveLength(1)
    await env.DB.prepare('update attempts set late_at = ? where late_at is not null').bind(at).run()
    for (let step = 1; step <= 3; step++) {
      await sweepStats(new World().env, at + step * STEP_MS, openBudget(world.env))
      await sweepStats(new World().env, at + step * STEP_MS, openBudget(world.env))
    }
    const { endpoints } = await readStats(world)
    expect(endpoints.find(({ id }) => id === good.id)?.attempts).toMatchObject({ delivered: 3 })
  })

  it('count an attempt now and once, even if the id of its message has a time in the future', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    for (const ahead of [0, 30_000, 3_600_000, 86_400_000]) {
      const message = `msg_${timePart(Date.now() + ahead)}${'A'.repeat(16)}`
      await world.api('POST', '/api/messages', { type: 'order.paid', data: {}, id: message })
    }
    await world.drain()
    const delivered = async () => (await readStats(world)).endpoints.find((one) => one.id === id)?.attempts.delivered
    // The message whose ID is a little ahead belongs to the time of its ID, which may be in the next step.
    await world.sweep(whenCounted(Date.now() + 30_000))
    expect(await delivered()).toBe(4)
    for (const hours of [1, 2, 24]) await world.sweep(whenCounted() + hours * 3_600_000)
    const total = await env.DB.prepare(
      `select sum(value ->> '$.outcomes.delivered') as sum from rollups, json_each(figures, '$.endpoints')
       where span = 'total'`
    ).first('sum')
    expect(total).toBe(4)
  })

  it('show endpoints that exist before those that were deleted, however badly these did', async () => {
    const world = new World()
    const kept = await anEndpoint(world, mailbox().url())
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000
    const gone = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`ep_${i}`, refused(2)]))
    const good = { ...noAttempts(), outcomes: { ...noAttempts().outcomes, delivered: 1 } }
    await saveHour(hour, { ...gone, [kept.id]: good })
    const html = await (await (await ownerBrowser(world)).get('/admin')).text()
    const table = html.slice(html.indexOf('Endpoints, worst first'))
    expect(table).toContain(`/admin/endpoints/${kept.id}`)
    expect(table.indexOf(kept.id)).toBeLessThan(table.indexOf('a deleted endpoint'))
  })

  it.each([false, true])(
    'are right wherever the sweep is killed (after its call was committed: %s)',
    async (isCommitted) => {
      await activity(new World())
      for (let callsLeft = 1, isKilled = true; isKilled; callsLeft++) {
        await env.DB.prepare('delete from rollups').run()
        const dying = new World()
        dying.recorder.death = { callsLeft, isCommitted }
        isKilled = await sweepStats(dying.env, whenCounted(), openBudget(dying.env)).then(
          () => false,
          () => true
        )
        const next = new World()
        await Promise.all([
          sweepStats(next.env, whenCounted(), openBudget(next.env)),
          sweepStats(new World().env, whenCounted(), openBudget(next.env)),
        ])
        await expectEqualToRecount(next)
      }
    }
  )

  it('go back to what is stored, up to 30 days ago, although a sweep has time for one step only', async () => {
    const world = new World()
    await aComment(world)
    await env.DB.prepare(`update comments set id = 'cmt_' || ? || substr(id, 15)`)
      .bind(timePart(Date.now() - 5 * 3_600_000))
      .run()
    for (let turn = 0; turn < 12; turn++) await world.sweep(whenCounted() + turn * STEP_MS)
    const { totals, periods } = await readStats(world)
    expect(sumOf(totals.entries)).toBe(1)
    expect(periods.findIndex((period) => sumOf(period.entries) === 1)).toBe(periods.length - 6)
  })

  it('show the busiest endpoints of a range, even if 50 others were counted before them', async () => {
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000
    const old = Object.fromEntries(Array.from({ length: MAX_ENDPOINTS_CHARTED }, (_, i) => [`ep_${i}`, refused(1)]))
    await saveHour(hour - 3_600_000, old)
    await saveHour(hour, { ep_new: refused(2) })
    const { endpoints } = await readStats(new World())
    expect(endpoints).toHaveLength(MAX_ENDPOINTS_CHARTED + 1)
    expect(endpoints.find(({ id }) => id === 'ep_new')?.attempts).toMatchObject({ refused: 2 })
    expect(endpoints.find(({ id }) => id === OTHERS)?.attempts).toMatchObject({ refused: 1 })
  })

  it('cost at most 0.1 rows for each delivery at load, and two rows if nothing happens', async () => {
    const world = new World()
    for (let i = 0; i < 4; i++) await anEndpoint(world, mailbox().url())
    for (let i = 0; i < 10; i++) await aComment(world)
    await world.drain()
    const before = { ...world.recorder.counts }
    await sweepStats(world.env, whenCounted(), openBudget(world.env))
    const rows = world.recorder.counts.rowsWritten - before.rowsWritten
    expect(rows / 40).toBeLessThanOrEqual(0.1)
    await sweepStats(world.env, whenCounted() + STEP_MS, openBudget(world.env))
    expect(world.recorder.counts.rowsWritten - before.rowsWritten - rows).toBeLessThanOrEqual(2)
  })

  it('are refused to strangers, and an unknown range is refused with the ones that exist', async () => {
    const world = new World()
    for (const path of ['/api/stats', '/api/metrics'])
      expect((await world.api('GET', path, undefined, {})).status).toBe(401)
    const { status, body } = await world.api('GET', '/api/stats?range=1y')
    expect(status).toBe(422)
    expect(JSON.stringify(body)).toContain('7d')
    expect((await readStats(world)).counted_to).toBeNull()
  })
})

function refused(count: number): AttemptFigures {
  const none = noAttempts()
  return { ...none, outcomes: { ...none.outcomes, refused: count } }
}

async function saveHour(start: number, endpoints: Figures['endpoints']): Promise<void> {
  await env.DB.prepare(`insert into rollups (span, start, counted_to, figures) values ('hour', ?, 1, ?)`)
    .bind(start, JSON.stringify({ ...noFigures(), endpoints }))
    .run()
}

/** The first characters of an id, which are its time. */
function timePart(time: number): string {
  let text = ''
  for (let i = 0, rest = time; i < 10; i++, rest = Math.floor(rest / 32)) {
    text = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[rest % 32] + text
  }
  return text
}

describe('the metrics', () => {
  it('are OpenMetrics, with counters and a histogram for each endpoint', async () => {
    const world = new World()
    const { good } = await activity(world)
    await world.sweep(whenCounted())
    const headers = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` }
    const response = await world.request('/api/metrics', { headers })
    expect(response.headers.get('Content-Type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    const text = new TextDecoder().decode(await response.arrayBuffer())
    expect(text).toContain(`guesthook_attempts_total{endpoint="${good.id}",outcome="delivered"} 2\n`)
    expect(text).toContain(`guesthook_attempt_duration_seconds_count{endpoint="${good.id}"} 2\n`)
    expect(text).toContain('guesthook_inbound_total{status="processed"} 2\n')
    expect(text).toMatch(/guesthook_database_size_bytes [1-9]\d+\n/)
    const line = /^(# (TYPE|HELP) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+-]+|# EOF)$/
    expect(
      text
        .trimEnd()
        .split('\n')
        .filter((one) => !line.test(one))
    ).toEqual([])
    expect(text.endsWith('# EOF\n')).toBe(true)
  })
})
