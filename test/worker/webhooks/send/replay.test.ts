import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { messageIds, theDelivery, theEndpoint } from '../../../support/views'
import { TOKEN, World } from '../../../support/world'

const MINUTE = 60_000
const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString()

interface Job {
  id: string
  state: string
  counted: number
  done: number
  finished_at: string | null
}

async function replay(world: World, id: string, request: Record<string, unknown>) {
  return world.api<Job & { count: number; first_ids: string[]; code: string }>('POST', `/api/endpoints/${id}/replay`, {
    since: YESTERDAY,
    ...request,
  })
}

async function theJob(world: World, id: string): Promise<Job> {
  return (await world.api<Job>('GET', `/api/jobs/${id}`)).body
}

/** An endpoint with one message of each kind, in this order: delivered, failed, missing. */
async function oneOfEach(world: World) {
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url(), { event_types: ['comment.*'] })
  await aComment(world, { body: 'delivered' })
  await world.drain()
  await aComment(world, { body: 'failed' })
  world.env.ALLOW_LOCAL_ENDPOINTS = 'false'
  await world.drain()
  world.env.ALLOW_LOCAL_ENDPOINTS = 'true'
  await world.api('POST', `/api/endpoints/${id}/disable`)
  await aComment(world, { body: 'missing' })
  await world.api('POST', '/api/messages', { type: 'not.asked_for', data: {} })
  await world.drain()
  await world.api('POST', `/api/endpoints/${id}/enable`)
  await world.api('POST', `/api/endpoints/${id}/test`, { type: 'comment.published' })
  await world.drain()
  const ids = await messageIds(world)
  return { id, box, ids: { delivered: ids[0], failed: ids[1], missing: ids[2] } }
}

describe('a replay', () => {
  it.each([
    ['failed', ['failed']],
    ['missing', ['missing']],
    ['all', ['delivered', 'failed', 'missing']],
  ])('of "%s" sends %j again with the same ids, and nothing else', async (only, expected) => {
    const world = new World()
    const { id, box, ids } = await oneOfEach(world)
    const before = (await box.received()).length
    const wanted = expected.map((name) => ids[name as keyof typeof ids])
    expect(await replay(world, id, { only, dry_run: true })).toMatchObject({
      status: 200,
      body: { count: expected.length, counted_all: true, first_ids: wanted },
    })
    expect(await box.received()).toHaveLength(before)
    const { status, body } = await replay(world, id, { only })
    expect(status).toBe(202)
    expect(body).toMatchObject({ state: 'running', counted: expected.length })
    await world.drainDelayed()
    const received = (await box.received()).slice(before)
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(wanted)
    expect(await theJob(world, body.id)).toMatchObject({
      state: 'done',
      done: expected.length,
      finished_at: expect.any(String),
    })
    const deliveries = await Promise.all(wanted.map((message) => theDelivery(world, id, message)))
    const seen = deliveries.map(({ status, attempts }) => [status, attempts[0]?.trigger])
    expect(seen).toEqual(wanted.map(() => ['delivered', 'manual']))
    expect((await theEndpoint(world, id)).health.breaker).toBe('closed')
  })

  it('gives each attempt the next number', async () => {
    const world = new World()
    const { id, ids } = await oneOfEach(world)
    await replay(world, id, { only: 'all' })
    await world.drainDelayed()
    const numbers = async (message?: string) =>
      (await theDelivery(world, id, message)).attempts.map(({ number }) => number)
    expect(await numbers(ids.delivered)).toEqual([2, 1])
    expect(await numbers(ids.failed)).toEqual([2, 1])
    expect(await numbers(ids.missing)).toEqual([1])
  })

  it('stays within its time range and event types', async () => {
    const world = new World()
    const { id } = await oneOfEach(world)
    const count = async (request: Record<string, unknown>) =>
      (await replay(world, id, { only: 'all', dry_run: true, ...request })).body.count
    expect(await count({ until: YESTERDAY })).toBe(0)
    expect(await count({ since: new Date(later(MINUTE)).toISOString(), until: '2999-01-01T00:00:00Z' })).toBe(0)
    expect(await count({ event_types: ['comment.*'] })).toBe(3)
    expect(await count({ event_types: ['comment.held', 'a.b'] })).toBe(0)
  })

  it('names the invalid field in a request, and requires an enabled endpoint', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    for (const [request, path] of [
      [{ only: 'none' }, 'only'],
      [{ only: 'failed', since: 'yesterday' }, 'since'],
      [{ only: 'failed', until: '2000-01-01T00:00:00Z' }, 'until'],
      [{ only: 'failed', event_types: [] }, 'event_types'],
    ] as const) {
      const { status, body } = await world.api<{ errors: { path: string }[] }>('POST', `/api/endpoints/${id}/replay`, {
        since: YESTERDAY,
        ...request,
      })
      expect(status).toBe(422)
      expect(body.errors.map((error) => error.path)).toContain(path)
    }
    expect((await replay(world, 'ep_none', { only: 'all' })).status).toBe(404)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    expect(await replay(world, id, { only: 'all' })).toMatchObject({
      status: 409,
      body: { code: 'endpoint_disabled' },
    })
  })

  it('runs once for each Idempotency-Key', async () => {
    const world = new World()
    const { id } = await oneOfEach(world)
    const body = { since: YESTERDAY, only: 'failed' }
    const owner = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}`, 'Idempotency-Key': 'once' }
    const path = `/api/endpoints/${id}/replay`
    const first = await world.api<Job>('POST', path, body, owner)
    expect((await world.api<Job>('POST', path, body, owner)).body.id).toBe(first.body.id)
    expect((await world.api<{ data: unknown[] }>('GET', '/api/jobs')).body.data).toHaveLength(1)
  })
})

describe('a replay with an Idempotency-Key', () => {
  const ask = { since: '2020-01-01T00:00:00Z', only: 'all' }

  async function twoEndpoints() {
    const world = new World()
    const one = await anEndpoint(world, mailbox().url('ok'))
    const two = await anEndpoint(world, mailbox().url('ok'))
    await aComment(world)
    await world.drain()
    const replay = (id: string, key: string) =>
      world.api('POST', `/api/endpoints/${id}/replay`, ask, {
        Authorization: `Bearer ${TOKEN}`,
        'Idempotency-Key': key,
      })
    return { world, one, two, replay }
  }

  it('is rejected for a different endpoint, instead of returning the first response', async () => {
    const { one, two, replay } = await twoEndpoints()
    expect((await replay(one.id, 'k')).status).toBe(202)
    expect((await replay(two.id, 'k')).body).toMatchObject({ code: 'key_reused' })
  })

  it('returns the original response again, whatever has changed since', async () => {
    const { world, one, replay } = await twoEndpoints()
    const first = await replay(one.id, 'k')
    await world.api('POST', `/api/endpoints/${one.id}/disable`)
    expect(await replay(one.id, 'k')).toMatchObject({ status: 202, body: first.body })
    expect((await replay(one.id, 'other')).status).toBe(409)
  })
})

describe('a replay job', () => {
  /** An endpoint that has missed many messages. */
  async function manyMissing(world: World, rate: number, count = 2_500) {
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(), { rate_limit: rate })
    await env.DB.prepare(
      `insert into messages (id, type, created_at, dispatched_at, payload)
       with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
       select 'msg_' || printf('%026d', i), 'ping', 1, 1, '{"n":' || i || '}' from n`
    )
      .bind(count)
      .run()
    return { id, box, request: { since: '1970-01-01T00:00:00Z', only: 'missing' } }
  }

  it('sends messages page by page, in order, at the rate limit of the endpoint', async () => {
    const world = new World()
    const { id, box, request } = await manyMissing(world, 1_000)
    const { body } = await replay(world, id, request)
    expect(body.counted).toBe(2_500)
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(1_000)
    for (const minute of [1, 2, 3]) {
      await world.sweep(later(minute * MINUTE))
      await world.drainDelayed()
    }
    expect(await theJob(world, body.id)).toMatchObject({ state: 'done', done: 2_500 })
    const order = (await box.received()).map((one) => JSON.parse(one.body).n)
    expect(order).toEqual(Array.from({ length: 2_500 }, (_, i) => i + 1))
    expect(world.worst()).toBeLessThanOrEqual(50)
  })

  it('continues after a crash, wherever that happens', async () => {
    const world = new World()
    const { id, box, request } = await manyMissing(world, 200, 500)
    const realBatch = world.env.DB.batch
    const { body } = await replay(world, id, { ...request, dry_run: false })
    world.loseQueue()
    for (const at of [1, 2, 3, 4]) {
      // The process dies at a different call each time.
      let calls = 0
      world.env.DB.batch = ((statements: D1PreparedStatement[]) => {
        calls += 1
        return calls > at ? Promise.reject(new Error('killed')) : realBatch(statements)
      }) as never
      await world.sweep(later(at * 10 * MINUTE)).catch(() => undefined)
      world.env.DB.batch = realBatch
      world.loseQueue()
    }
    for (let minute = 60; minute < 75; minute++) {
      await world.sweep(later(minute * MINUTE))
      await world.drainDelayed()
    }
    expect(await theJob(world, body.id)).toMatchObject({ state: 'done', done: 500 })
    expect(new Set((await box.received()).map((one) => one.body)).size).toBe(500)
  })

  it('processes a page once when two sweeps run at the same time', async () => {
    const world = new World()
    const { id, request } = await manyMissing(world, 100)
    const { body } = await replay(world, id, request)
    const { done: before } = await theJob(world, body.id)
    await Promise.all([world.sweep(later(MINUTE)), world.sweep(later(MINUTE))])
    const { done } = await theJob(world, body.id)
    expect(done).toBeGreaterThan(before)
    expect(await env.DB.prepare('select count(*) as n from deliveries').first('n')).toBe(done)
  })

  it('ends when it is canceled, or when its endpoint is deleted', async () => {
    const world = new World()
    const { id, box, request } = await manyMissing(world, 100)
    const { body } = await replay(world, id, request)
    await world.drainDelayed()
    const canceled = (await world.api<Job>('POST', `/api/jobs/${body.id}/cancel`)).body
    expect(canceled.state).toBe('canceled')
    expect(canceled.done).toBeLessThan(2_500)
    expect((await box.received()).length).toBe(100)
    const other = await replay(world, id, { ...request, only: 'all' })
    await world.drainDelayed()
    await world.api('DELETE', `/api/endpoints/${id}`)
    for (const minute of [1, 2, 3]) await world.sweep(later(minute * MINUTE))
    await world.drainDelayed()
    expect(await theJob(world, other.body.id)).toMatchObject({ state: 'canceled' })
    expect((await box.received()).length).toBeLessThanOrEqual(300)
    expect((await world.api('POST', '/api/jobs/job_none/cancel')).status).toBe(404)
    const browser = await ownerBrowser(world)
    expect((await browser.submit(`/admin/endpoints/${id}/jobs/job_none/cancel`, {})).status).toBe(404)
  })

  /** Keeps new jobs from running. */
  const holdJobs = () =>
    env.DB.prepare(
      'create trigger hold_jobs after insert on jobs begin update jobs set run_at = 9e15 where id = new.id and run_at is not null; end'
    ).run()
  afterEach(async () => {
    vi.useRealTimers()
    await env.DB.prepare('drop trigger if exists hold_jobs').run()
  })

  /** Parks deliveries as a finished replay does, behind an open breaker. */
  async function parked(world: World, id: string, request: Record<string, unknown>) {
    const { body } = await replay(world, id, request)
    world.queued.splice(0)
    await env.DB.batch([
      env.DB.prepare(`delete from deliveries`),
      env.DB.prepare(`update endpoints set breaker = 'open', consecutive_failures = 5, resume_at = 9e15`),
      env.DB.prepare(`update jobs set state = 'done', run_at = null, finished_at = 1, cursor = (
        select id from messages order by id limit 1 offset 2399)`),
      env.DB.prepare(
        `insert into deliveries (endpoint_id, message_id, status, trigger, job_id)
         select ?1, id, 'pending', 'manual', iif(id <= (select cursor from jobs), ?2, null) from messages`
      ).bind(id, body.id),
    ])
    return body
  }

  const countByStatus = async () => {
    const { results } = await env.DB.prepare(
      'select status, count(*) as n from deliveries group by status order by status'
    ).all<{ status: string; n: number }>()
    return Object.fromEntries(results.map(({ status, n }) => [status, n]))
  }

  it('of more than a page is canceled page by page, up to where it had come', async () => {
    const world = new World()
    const { id, request } = await manyMissing(world, 100)
    const { id: job } = await parked(world, id, request)
    // The process dies after the first page.
    const { batch } = world.env.DB
    let pages = 0
    world.env.DB.batch = async (statements) => {
      pages += Number((statements as unknown as { sql: string }[]).some(({ sql }) => sql.includes('replay_canceled')))
      if (pages > 1) throw new Error('killed')
      return batch(statements) as never
    }
    await world.api('POST', `/api/jobs/${job}/cancel`).catch(() => undefined)
    world.env.DB.batch = batch
    expect(await countByStatus()).toEqual({ canceled: 1_000, pending: 1_500 })
    for (const minute of [1, 2]) await world.sweep(later(minute * MINUTE))
    expect(await countByStatus()).toEqual({ canceled: 2_400, pending: 100 })
    expect(await env.DB.prepare('select state, run_at from jobs').first()).toEqual({ state: 'canceled', run_at: null })
    expect(world.worst()).toBeLessThanOrEqual(50)
  })

  it('that is canceled leaves delivered what had arrived before', async () => {
    const world = new World()
    const { id, request } = await manyMissing(world, 100)
    const { id: job } = await parked(world, id, request)
    const settled_at = Date.now()
    const prior = {
      status: 'delivered',
      reason: null,
      trigger: 'auto',
      step: 1,
      next_attempt_at: null,
      settled_at,
    }
    await env.DB.prepare(
      'update deliveries set prior_state = ? where message_id in (select message_id from deliveries limit 3)'
    )
      .bind(JSON.stringify(prior))
      .run()
    await world.api('POST', `/api/jobs/${job}/cancel`)
    // The request restores what its budget allows, and the sweep the rest.
    await world.sweep(later(MINUTE))
    await world.sweep(later(2 * MINUTE))
    expect(await countByStatus()).toEqual({ canceled: 2_397, delivered: 3, pending: 100 })
    const row = await env.DB.prepare(`select reason, settled_at from deliveries where status = 'delivered'`).first()
    expect(row).toEqual({ reason: null, settled_at })
  })

  it.each(['failed', 'missing', 'all'])('of "%s" that is canceled can be started again', async (only) => {
    const world = new World()
    const { id, box, ids } = await oneOfEach(world)
    const settled = async () =>
      Promise.all(
        [ids.delivered, ids.failed].map(async (message) => {
          const { status, reason, attempt_count } = await theDelivery(world, id, message)
          return { status, reason, attempt_count }
        })
      )
    const before = await settled()
    const { body: job } = await replay(world, id, { only })
    world.loseQueue()
    // A breaker that has opened meanwhile parks what is not sent yet.
    await env.DB.prepare("update deliveries set next_attempt_at = null where status = 'pending'").run()
    await world.api('POST', `/api/jobs/${job.id}/cancel`)
    expect(await settled()).toEqual(before)
    const sent = (await box.received()).length
    expect((await replay(world, id, { only })).body.counted).toBe(job.counted)
    await world.drainDelayed()
    const wanted = only === 'all' ? Object.values(ids) : [ids[only as keyof typeof ids]]
    const received = (await box.received()).slice(sent).map(({ headers }) => headers['webhook-id'])
    expect(received).toEqual(wanted)
  })

  it('of what failed gives each delivery its reason back if it is canceled', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/410'))
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/endpoints/${id}/enable`)
    const { body: job } = await replay(world, id, { only: 'failed' })
    world.loseQueue()
    await env.DB.prepare("update deliveries set next_attempt_at = null where status = 'pending'").run()
    await world.api('POST', `/api/jobs/${job.id}/cancel`)
    expect(await theDelivery(world, id)).toMatchObject({ status: 'failed', reason: 'gone', attempt_count: 1 })
  })

  it('only parks while the breaker is open, and sends when the endpoint works again', async () => {
    const world = new World()
    const { id, box, request } = await manyMissing(world, 100, 300)
    await env.DB.prepare(
      `update endpoints set breaker = 'open', consecutive_failures = 5, resume_at = ?1, failing_since = 1, last_failure_at = 1`
    )
      .bind(later(60 * MINUTE))
      .run()
    const { body } = await replay(world, id, request)
    for (let minute = 1; minute < 3; minute++) await world.sweep(later(minute * MINUTE))
    await world.drainDelayed()
    expect(await theJob(world, body.id)).toMatchObject({ state: 'done', done: 300 })
    expect(await box.received()).toEqual([])
    await env.DB.prepare(`update endpoints set breaker = 'draining', resume_at = 1`).run()
    await world.sweep(later(31 * MINUTE))
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(100)
  })

  it('goes on if its endpoint is disabled in the middle of a page, and what it asked for waits', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    const { batch } = world.env.DB
    let isFirst = true
    world.env.DB.batch = async (statements) => {
      const isPage = (statements as unknown as { sql: string }[]).some(({ sql }) =>
        sql.trimStart().startsWith('update jobs')
      )
      if (isPage && isFirst) {
        isFirst = false
        await world.api('POST', `/api/endpoints/${id}/disable`)
      }
      return batch(statements) as never
    }
    const ask = { since: '2020-01-01T00:00:00Z', only: 'all' }
    const { body: job } = await world.api('POST', `/api/endpoints/${id}/replay`, ask)
    expect(isFirst).toBe(false)
    await world.drainDelayed()
    expect((await world.api('GET', `/api/jobs/${job.id}`)).body).toMatchObject({ state: 'done', done: 1 })
    expect(await box.received()).toHaveLength(1)
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(2)
  })

  it('that still runs does not keep its endpoint from being enabled again with what it missed', async () => {
    const world = new World()
    const { id, box } = await manyMissing(world, 1_000, 300)
    const enable = () => world.api('POST', `/api/endpoints/${id}/enable`, { replay_missing: true })
    await world.api('POST', `/api/endpoints/${id}/disable`)
    await aComment(world)
    await world.drain()
    await holdJobs()
    expect((await enable()).status).toBe(200)
    vi.setSystemTime(later(MINUTE))
    await world.api('POST', `/api/endpoints/${id}/disable`)
    await aComment(world)
    await world.drain()
    expect((await enable()).status).toBe(200)
    vi.useRealTimers()
    await env.DB.prepare('update jobs set run_at = 1 where run_at is not null').run()
    for (const minute of [2, 3, 4, 5]) {
      await world.sweep(later(minute * MINUTE))
      await world.drainDelayed()
    }
    expect(await box.received()).toHaveLength(2)
  })

  describe('of messages that are being replayed', () => {
    beforeEach(async () => void (await holdJobs()))

    it('is refused with 409, even if five are requested at the same moment', async () => {
      const world = new World()
      const { id, request } = await manyMissing(world, 1, 100)
      const answers = await Promise.all(Array.from({ length: 5 }, () => replay(world, id, request)))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409, 409])
      expect(answers.find(({ status }) => status === 409)?.body.code).toBe('replay_running')
    })

    it('is refused on the page, too', async () => {
      const world = new World()
      const { id } = await manyMissing(world, 1, 100)
      const { submit } = await ownerBrowser(world)
      const fields = { only: 'missing', span: '36500', event_types: '' }
      const send = () => submit(`/admin/endpoints/${id}/replay`, fields)
      const answers = await Promise.all([send(), send(), send(), send(), send()])
      expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409, 409, 409, 409])
    })

    it('runs beside one of other messages, and after one that was canceled', async () => {
      const world = new World()
      const { id, request } = await manyMissing(world, 1, 100)
      const { body: job } = await replay(world, id, { ...request, until: '1990-01-01T00:00:00Z' })
      expect((await replay(world, id, { ...request, since: '2020-01-01T00:00:00Z' })).status).toBe(202)
      expect((await replay(world, id, { ...request, event_types: ['ping'] })).status).toBe(202)
      expect((await replay(world, id, { ...request, only: 'failed' })).status).toBe(202)
      const again = { ...request, until: '1980-01-01T00:00:00Z' }
      expect((await replay(world, id, again)).status).toBe(409)
      await world.api('POST', `/api/jobs/${job.id}/cancel`)
      expect((await replay(world, id, again)).status).toBe(202)
    })

    it('is not started five times with an endpoint that is enabled five times', async () => {
      const world = new World()
      const { id } = await manyMissing(world, 1, 100)
      await world.api('POST', `/api/endpoints/${id}/disable`)
      for (let i = 0; i < 3; i++) await aComment(world)
      const enable = () => world.api('POST', `/api/endpoints/${id}/enable`, { replay_missing: true })
      await Promise.all([enable(), enable(), enable(), enable(), enable()])
      expect(await env.DB.prepare('select count(*) as n from jobs').first('n')).toBe(1)
    })
  })

  describe('that would be the 21st', () => {
    beforeEach(async () => void (await holdJobs()))

    /** Runs 40 requests at once. @returns how many were answered with each status, and how many jobs are running */
    async function fortyAtOnce(world: World, send: (i: number) => Promise<{ status: number }>) {
      const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => send(i)))
      const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length
      const running = await world.env.DB.prepare('select count(*) as n from jobs where run_at is not null').first('n')
      return { started: count(202) + count(303), refused: count(409), running }
    }
    /** Replays of the same messages are refused for another reason. */
    const types = (i: number) => ['ping', `other.type${i}`]
    const twenty = { started: 20, refused: 20, running: 20 }

    it('is refused with 409, even if 40 are requested at the same moment', async () => {
      const world = new World()
      const { id, request } = await manyMissing(world, 1, 100)
      expect(await fortyAtOnce(world, (i) => replay(world, id, { ...request, event_types: types(i) }))).toEqual(twenty)
      const refused = await replay(world, id, request)
      expect(refused).toMatchObject({ status: 409, body: { code: 'too_many_jobs' } })
      const { body } = await world.api<{ data: Job[] }>('GET', '/api/jobs')
      await world.api('POST', `/api/jobs/${body.data[0]?.id}/cancel`)
      expect((await replay(world, id, request)).status).toBe(202)
    })

    it('is refused with an Idempotency-Key, too, and the key can be used again', async () => {
      const world = new World()
      const { id, request } = await manyMissing(world, 1, 100)
      const send = (key: string, i = 99) =>
        world.api(
          'POST',
          `/api/endpoints/${id}/replay`,
          { ...request, event_types: types(i) },
          {
            Authorization: `Bearer ${TOKEN}`,
            'Idempotency-Key': key,
          }
        )
      expect(await fortyAtOnce(world, (i) => send(`key-${i}`, i))).toEqual(twenty)
      expect((await send('last')).status).toBe(409)
      await env.DB.prepare("update jobs set run_at = null, state = 'canceled'").run()
      expect((await send('last')).status).toBe(202)
    })

    it('is refused on the page, with an explanation', async () => {
      const world = new World()
      const { id } = await manyMissing(world, 1, 100)
      const { submit } = await ownerBrowser(world)
      const fields = { only: 'missing', span: '36500', event_types: '' }
      const send = (i: number) =>
        submit(`/admin/endpoints/${id}/replay`, { ...fields, event_types: types(i).join(' ') })
      expect(await fortyAtOnce(world, send)).toEqual(twenty)
      const { text } = await submit(`/admin/endpoints/${id}/replay`, fields)
      expect(text).toContain('20 jobs')
    })

    it('leaves an endpoint disabled that was to be enabled with it', async () => {
      const world = new World()
      const { id, request } = await manyMissing(world, 1, 100)
      const register = () => anEndpoint(world, mailbox().url(), { rate_limit: 1 })
      const others = await Promise.all(Array.from({ length: 40 }, register))
      for (const other of others) await world.api('POST', `/api/endpoints/${other.id}/disable`)
      // At one a minute, a job with three messages keeps running.
      for (let i = 0; i < 3; i++) await aComment(world)
      for (let i = 0; i < 10; i++) await replay(world, id, { ...request, event_types: types(i) })
      const enable = (endpoint: string) =>
        world.api('POST', `/api/endpoints/${endpoint}/enable`, { replay_missing: true })
      const answers = await Promise.all(others.map((other) => enable(other.id)))
      const running = await env.DB.prepare('select count(*) as n from jobs where run_at is not null').first('n')
      const disabled = await env.DB.prepare(`select count(*) as n from endpoints where status = 'disabled'`).first('n')
      const started = answers.filter(({ status }) => status === 200).length
      expect({ started, running, disabled }).toEqual({ started: 10, running: 20, disabled: 30 })
      const { submit } = await ownerBrowser(world)
      const refused = others.find((_, i) => answers[i]?.status === 409)
      const page = await submit(`/admin/endpoints/${refused?.id}/enable`, { replay_missing: 'true' })
      expect(page).toMatchObject({ status: 409, text: expect.stringContaining('20 jobs are running.') })
      expect((await theEndpoint(world, refused?.id ?? '')).status).toBe('disabled')
    })
  })
})

describe('enabling with replay_missing', () => {
  it('leaves a message that is not dispatched yet to its dispatch, also if the replay is canceled', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    await world.api('POST', `/api/endpoints/${id}/disable`)
    const { body } = await world.api<{ job: Job }>('POST', `/api/endpoints/${id}/enable`, { replay_missing: true })
    await world.drainDelayed()
    expect(await box.received()).toEqual([])
    await world.api('POST', `/api/jobs/${body.job.id}/cancel`)
    if (dispatch) await world.consume(dispatch)
    await world.drainDelayed()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 1 })
    expect(await box.received()).toHaveLength(1)
  })

  it('sends missed messages, after a dry run has counted them', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await world.api('POST', `/api/endpoints/${id}/disable`)
    for (let i = 0; i < 3; i++) await aComment(world, { body: `missed ${i}` })
    await world.drain()
    const { disabled_at: since } = await theEndpoint(world, id)
    const counted = await replay(world, id, { only: 'missing', since, dry_run: true })
    expect(counted.body.count).toBe(3)
    const { status, body } = await world.api<{ status: string; job: Job }>('POST', `/api/endpoints/${id}/enable`, {
      replay_missing: true,
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'enabled', job: { counted: 3 } })
    await world.drainDelayed()
    expect((await box.received()).map((one) => JSON.parse(one.body).data.comment.body)).toEqual([
      'missed 0',
      'missed 1',
      'missed 2',
    ])
    expect((await theJob(world, body.job.id)).state).toBe('done')
    const again = await world.api<{ job: null }>('POST', `/api/endpoints/${id}/enable`, {
      replay_missing: true,
    })
    expect(again.body.job).toBeNull()
  })
})
