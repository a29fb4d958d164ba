import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { justBefore } from '../../../support/meanwhile'
import { messageIds, theDelivery, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

/* `POST /api/deliveries/resend` and `/discard`: one selection, and one of two acts. */

const MINUTE = 60_000
const LONG_AGO = '2000-01-01T00:00:00Z'

interface Result {
  resent: number
  discarded: number
  under_way: number
  count: number
  counted_all: boolean
  rows: number
  first_ids: string[]
  job: { id: string; kind: string; state: string } | null
  code: string
  errors: { path: string }[]
}

const ask = (world: World, act: 'resend' | 'discard', selection: Record<string, unknown>) =>
  world.api<Result>('POST', `/api/deliveries/${act}`, selection)

afterEach(() => void vi.useRealTimers())

/** Publishes events that say what they are. */
async function publish(world: World, ...names: string[]): Promise<void> {
  for (const name of names) {
    const data = { name, public: name.startsWith('public') }
    await world.api('POST', '/api/messages', { type: 'order.paid', data })
    await world.drain()
  }
}

/** An endpoint, and the names of what it got. */
async function aReceiver(world: World, more: Record<string, unknown> = {}) {
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url('scripted'), { event_types: ['order.*'], ...more })
  await box.script('ok')
  const names = async () => (await box.received()).map(({ body }) => JSON.parse(body).data.name as string)
  return { id, box, names }
}

const disable = (world: World, id: string) => world.api('POST', `/api/endpoints/${id}/disable`)
const enable = (world: World, id: string, more = {}) => world.api('POST', `/api/endpoints/${id}/enable`, more)

describe('a selection', () => {
  it.each([
    ['was delivered', ['public-1', 'PRIVATE-2', 'PRIVATE-3', 'public-4'], []],
    ['is missing', ['public-2', 'public-3', 'PRIVATE-4'], ['public-missed-1']],
    ['is excluded', ['PRIVATE-1', 'public-2', 'public-3'], []],
  ])('judges each message by its own payload, also if the first one %s', async (_, sent, missed) => {
    const world = new World()
    const { id, names } = await aReceiver(world, { when: 'data.public == true' })
    await disable(world, id)
    await publish(world, ...missed)
    await enable(world, id)
    await publish(world, ...sent)
    const wanted = [...missed, ...sent].filter((name) => name.startsWith('public'))
    const before = (await names()).length
    const request = { only: 'all', since: LONG_AGO }
    const preview = await world.api('POST', `/api/endpoints/${id}/replay`, { ...request, dry_run: true })
    expect(preview.body.count).toBe(wanted.length)
    const states = ['delivered', 'missing']
    expect((await ask(world, 'resend', { endpoints: [id], states, dry_run: true })).body.count).toBe(wanted.length)
    await world.api('POST', `/api/endpoints/${id}/replay`, request)
    await world.drainDelayed()
    expect((await names()).slice(before)).toEqual(wanted)
    await ask(world, 'resend', { endpoints: [id], states })
    await world.drainDelayed()
    expect((await names()).slice(before + wanted.length)).toEqual(wanted)
  })

  it('is filtered by endpoint, state, type, book and time', async () => {
    const world = new World()
    const one = await aReceiver(world, { event_types: ['*'] })
    const two = await aReceiver(world)
    await world.api('POST', '/api/books', { slug: 'summer', title: 'Summer' })
    await publish(world, 'a')
    await aComment(world, { book: 'summer' })
    await aComment(world)
    await world.drain()
    const states = ['delivered']
    const count = async (selection: Record<string, unknown>) =>
      (await ask(world, 'resend', { states, dry_run: true, ...selection })).body.count
    expect(await count({ since: LONG_AGO })).toBe(4)
    expect(await count({ endpoints: [two.id] })).toBe(1)
    expect(await count({ event_types: ['comment.*'] })).toBe(2)
    expect(await count({ book: 'summer' })).toBe(1)
    expect(await count({ since: LONG_AGO, until: '2001-01-01T00:00:00Z' })).toBe(0)
    expect(await count({ endpoints: [one.id], states: ['failed', 'waiting'] })).toBe(0)
  })

  it('must say what it means, and names what is wrong', async () => {
    const world = new World()
    const refused = async (act: 'resend' | 'discard', selection: Record<string, unknown>) => {
      const { status, body } = await ask(world, act, selection)
      expect(status).toBe(422)
      return body.errors.map(({ path }) => path.split('.')[0])
    }
    expect(await refused('resend', {})).toEqual([''])
    expect(await refused('discard', { states: ['waiting'], until: LONG_AGO })).toEqual([''])
    expect(await refused('discard', { endpoints: ['ep_x'], states: ['failed'] })).toEqual(['states'])
    expect(await refused('resend', { since: LONG_AGO, until: '1999-01-01T00:00:00Z' })).toEqual(['until'])
    expect(await refused('resend', { ids: ['nonsense'] })).toEqual(['ids'])
  })

  it('needs the scope to read for what was never meant for the endpoint', async () => {
    const world = new World()
    const key = await world.api<{ key: string }>('POST', '/api/keys', { name: 'writer', scopes: ['write'] })
    const headers = { Authorization: `Bearer ${key.body.key}` }
    const resend = (states: string[]) =>
      world.api('POST', '/api/deliveries/resend', { since: LONG_AGO, states, dry_run: true }, headers)
    expect((await resend(['waiting', 'failed'])).status).toBe(200)
    for (const state of ['delivered', 'missing']) expect((await resend([state])).status).toBe(403)
  })
})

describe('discarding', () => {
  it('gives up what waits, and it can be sent again', async () => {
    const world = new World()
    const { id, names } = await aReceiver(world)
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = 9e15, consecutive_failures = 5`).run()
    await publish(world, 'one', 'two', 'three')
    const preview = await ask(world, 'discard', { endpoints: [id], dry_run: true })
    expect(preview.body).toMatchObject({ count: 3, counted_all: true, under_way: 0, rows: 6 })
    const before = world.invocations.length
    const { status, body } = await ask(world, 'discard', { endpoints: [id] })
    expect([status, body]).toEqual([200, { discarded: 3, under_way: 0, job: null }])
    const written = world.invocations.slice(before).reduce((sum, { counts }) => sum + counts.rowsWritten, 0)
    // The audit log has a line, too.
    expect(written).toBeLessThanOrEqual(preview.body.rows + 2)
    const { body: audit } = await world.api<{ data: object[] }>('GET', '/api/audit?act=deliveries.&limit=1')
    const changes = [`endpoints: ${id}`, 'states: waiting', 'deliveries: 3']
    expect(audit.data[0]).toMatchObject({ subject: id, changes: expect.arrayContaining(changes) })
    expect(await theDelivery(world, id)).toMatchObject({ status: 'canceled', reason: 'discarded' })
    await env.DB.prepare(`update endpoints set breaker = 'draining', resume_at = 1, consecutive_failures = 0`).run()
    await world.sweep(later(MINUTE))
    await world.drainDelayed()
    expect(await names()).toEqual([])
    expect((await theEndpoint(world, id)).health.breaker).toBe('closed')
    expect((await ask(world, 'resend', { endpoints: [id] })).body.resent).toBe(0)
    expect((await ask(world, 'resend', { endpoints: [id], states: ['discarded'] })).body.resent).toBe(3)
    await world.drainDelayed()
    expect(await names()).toEqual(['one', 'two', 'three'])
  })

  it('leaves alone what is under way, and counts it', async () => {
    const world = new World()
    const { id, box } = await aReceiver(world)
    await box.script('status/500')
    await publish(world, 'retries')
    await world.api('POST', '/api/messages', { type: 'order.paid', data: { name: 'new' } })
    const order = world.queued.pop()
    world.queued.length = 0
    let result: Result | undefined
    justBefore(world, /insert into "?attempts/, async () => {
      result = (await ask(world, 'discard', { endpoints: [id] })).body
    })
    await box.script('ok')
    if (order) world.queued.push(order)
    await world.drain()
    expect(result).toMatchObject({ discarded: 1, under_way: 1 })
    expect((await theDelivery(world, id)).status).toBe('delivered')
  })

  it('of more than a page is a job, which can be stopped', async () => {
    const world = new World()
    const { id } = await aReceiver(world)
    await env.DB.batch([
      env.DB.prepare(`update endpoints set breaker = 'open', resume_at = 9e15, consecutive_failures = 5`),
      env.DB.prepare(
        `insert into messages (id, type, created_at, dispatched_at, payload)
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 694)
         select 'msg_' || printf('%026d', i), 'order.paid', 1, 1, '{}' from n`
      ),
      env.DB.prepare(
        `insert into deliveries (endpoint_id, message_id, status) select ?, id, 'pending' from messages`
      ).bind(id),
    ])
    const { status, body } = await ask(world, 'discard', { endpoints: [id] })
    expect([status, body.discarded, body.job?.kind]).toEqual([202, 0, 'discard'])
    for (const minute of [1, 2]) await world.sweep(later(minute * MINUTE))
    const job = await world.api('GET', `/api/jobs/${body.job?.id}`)
    expect(job.body).toMatchObject({ state: 'done', counted: 694, done: 694, progress: null, endpoints: [id] })
    const left = `select count(*) as n from deliveries where status = 'pending'`
    expect(await env.DB.prepare(left).first('n')).toBe(0)
    expect((await world.api('GET', '/api/jobs?kind=discard')).body.data).toHaveLength(1)
    expect((await world.api('GET', '/api/jobs?kind=replay')).body.data).toHaveLength(0)
    const again = await ask(world, 'resend', { endpoints: [id], states: ['discarded'] })
    expect(again.body.job?.kind).toBe('resend')
    const canceled = await world.api('POST', `/api/jobs/${again.body.job?.id}/cancel`)
    expect(canceled.body.state).toBe('canceled')
    await world.sweep(later(3 * MINUTE))
    expect(await env.DB.prepare(left).first('n')).toBe(0)
    expect(await env.DB.prepare(`select count(*) as n from deliveries where reason = 'discarded'`).first('n')).toBe(694)
    expect(world.worst()).toBeLessThanOrEqual(50)
  })
})

describe('sending again', () => {
  it('sends named messages as asked, whatever the endpoint subscribes to, behind an open breaker and at once', async () => {
    const world = new World()
    const { id, names } = await aReceiver(world, { when: 'data.public == true' })
    await publish(world, 'public-1')
    await world.api('PATCH', `/api/endpoints/${id}`, { when: 'data.public == false' })
    await env.DB.prepare(`update endpoints set breaker = 'open', resume_at = 9e15, consecutive_failures = 5`).run()
    const ids = await messageIds(world)
    const { body } = await ask(world, 'resend', { ids, states: ['delivered'] })
    expect(body).toEqual({ resent: 1, under_way: 0, job: null })
    await world.drain()
    expect(await names()).toEqual(['public-1', 'public-1'])
  })

  it('sends a named message to nobody who does not subscribe to it', async () => {
    const world = new World()
    const other = await aReceiver(world, { event_types: ['comment.*'] })
    const condition = await aReceiver(world, { when: 'data.public == true' })
    await publish(world, 'PRIVATE-1')
    const ids = await messageIds(world)
    const states = ['failed', 'missing']
    expect((await ask(world, 'resend', { ids, states, dry_run: true })).body.count).toBe(0)
    expect((await ask(world, 'resend', { ids, states })).body.resent).toBe(0)
    await world.drain()
    expect([await other.names(), await condition.names()]).toEqual([[], []])
  })

  it('does not count a named message for an endpoint that is disabled', async () => {
    const world = new World()
    const { id } = await aReceiver(world)
    await publish(world, 'one')
    await disable(world, id)
    const named = { ids: await messageIds(world), states: ['delivered'] }
    expect((await ask(world, 'resend', { ...named, dry_run: true })).body.count).toBe(0)
    expect((await ask(world, 'resend', named)).body.resent).toBe(0)
  })

  it('stays within the Free plan with thirty endpoints that have conditions', async () => {
    const world = new World()
    const { id } = await aReceiver(world, { when: 'data.public == true' })
    await publish(world, 'public-1')
    const columns = (await env.DB.prepare('select * from endpoints').first()) as Record<string, unknown>
    const others = Object.keys(columns).filter((name) => name !== 'id')
    const copied = others.map((name) => `"${name}"`).join(', ')
    await env.DB.batch([
      env.DB.prepare(
        `insert into endpoints (id, ${copied})
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 29)
         select 'ep_' || printf('%026d', i), ${copied} from n, endpoints where endpoints.id = ?`
      ).bind(id),
      env.DB.prepare(
        `insert or ignore into deliveries (endpoint_id, message_id, status) select e.id, m.id, 'failed' from endpoints e, messages m`
      ),
      env.DB.prepare(`update deliveries set status = 'failed'`),
    ])
    const selection = { event_types: ['order.*'] }
    const preview = await ask(world, 'resend', { ...selection, dry_run: true })
    expect(preview.body.count).toBeGreaterThan(10)
    const { status } = await ask(world, 'resend', selection)
    expect(status).toBe(202)
    for (let minute = 1; minute <= 30; minute++) {
      await world.sweep(later(minute * MINUTE))
      await world.drain()
    }
    const left = `select count(*) as n from deliveries where status = 'failed'`
    expect(await env.DB.prepare(left).first('n')).toBe(0)
    expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(50)
    expect(world.worst()).toBeLessThanOrEqual(50)
  })

  it('is not taken back with an earlier job', async () => {
    const world = new World()
    const { id } = await aReceiver(world)
    await publish(world, 'one', 'two')
    await env.DB.batch([
      env.DB.prepare(`update deliveries set status = 'failed'`),
      env.DB.prepare(`update endpoints set breaker = 'open', resume_at = 9e15, consecutive_failures = 5`),
    ])
    const replay = await world.api<{ id: string }>('POST', `/api/endpoints/${id}/replay`, {
      only: 'failed',
      since: LONG_AGO,
    })
    const [first = ''] = await messageIds(world)
    expect((await ask(world, 'resend', { endpoints: [id], states: ['waiting'] })).body.resent).toBe(2)
    await world.api('POST', `/api/jobs/${replay.body.id}/cancel`)
    expect(await theDelivery(world, id, first)).toMatchObject({ status: 'pending' })
  })

  it('walks over all endpoints, skips none, and keeps what waits behind a breaker waiting', async () => {
    const world = new World()
    const failing = await aReceiver(world)
    const working = await aReceiver(world)
    for (const { box } of [failing, working]) await box.script('status/410')
    await publish(world, 'one')
    for (const { id, box } of [failing, working]) {
      await box.script('ok')
      await enable(world, id)
    }
    await world.drainDelayed()
    await env.DB.prepare(
      `update endpoints set breaker = 'open', resume_at = 9e15, consecutive_failures = 5 where id = ?`
    )
      .bind(failing.id)
      .run()
    const { body } = await ask(world, 'resend', { since: LONG_AGO })
    expect(body.resent).toBe(2)
    await world.drainDelayed()
    expect([(await failing.names()).length, (await working.names()).length]).toEqual([1, 2])
    const [one] = await messageIds(world)
    expect(await theDelivery(world, failing.id, one)).toMatchObject({ status: 'pending', reason: 'breaker_open' })
  })

  it('keeps the pace of the endpoint: a build hook gets one call for all', async () => {
    const world = new World()
    const box = mailbox()
    await aReceiver(world)
    await publish(world, 'a', 'b', 'c')
    const hook = { format: 'build-hook', event_types: ['order.*'], min_interval_minutes: 60 }
    const { id } = await anEndpoint(world, box.url(), hook)
    const { body } = await ask(world, 'resend', { endpoints: [id], states: ['missing'] })
    expect(body.resent).toBe(3)
    await world.drain()
    expect(await box.received()).toHaveLength(1)
  })

  it('runs once for each Idempotency-Key', async () => {
    const world = new World()
    const { id, names } = await aReceiver(world)
    await publish(world, 'one')
    const owner = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}`, 'Idempotency-Key': 'once' }
    const request = { endpoints: [id], states: ['delivered'] }
    const send = () => world.api<Result>('POST', '/api/deliveries/resend', request, owner)
    const [first, second] = [await send(), await send()]
    expect(second).toMatchObject({ status: first.status, body: first.body })
    await world.drainDelayed()
    expect(await names()).toHaveLength(2)
  })
})

describe('"Try now"', () => {
  it('sends what waits for its retry, also after a later success', async () => {
    const world = new World()
    const { id, box, names } = await aReceiver(world)
    await box.script('status/500')
    await publish(world, 'one')
    await box.script('ok')
    await publish(world, 'two')
    expect((await world.api('POST', `/api/endpoints/${id}/try`)).status).toBe(202)
    await world.drain()
    expect(await names()).toEqual(['one', 'two', 'one'])
    expect((await world.api('POST', `/api/endpoints/${id}/try`)).body.code).toBe('nothing_waiting')
  })
})

describe('an outage', () => {
  /** An endpoint whose breaker is open, and another one that hears about it. */
  async function down(world: World) {
    const watcher = mailbox()
    await anEndpoint(world, watcher.url(), { event_types: ['endpoint.*'] })
    const receiver = await aReceiver(world)
    await receiver.box.script('status/500')
    for (let n = 1; n <= 6; n++) await publish(world, `down-${n}`)
    expect((await theEndpoint(world, receiver.id)).health.breaker).toBe('open')
    const events = async () => (await watcher.received()).map(({ body }) => JSON.parse(body).type)
    const at = async (minute: number) => {
      vi.setSystemTime(start + minute * MINUTE)
      await world.sweep(Date.now())
      await world.drainDelayed()
    }
    const start = Date.now()
    return { ...receiver, watcher, events, at }
  }

  it('of an endpoint that fails and works in turn is announced once, when it is over', async () => {
    const world = new World()
    const { id, box, events, at } = await down(world)
    for (let minute = 2; minute <= 20; minute++) {
      await box.script(minute % 2 === 0 ? 'ok' : 'status/500')
      await publish(world, `minute-${minute}`)
      await at(minute)
    }
    expect(await events()).toEqual([])
    expect((await theEndpoint(world, id)).health).toMatchObject({ unstable: true })
    await box.script('ok')
    for (let minute = 90; minute <= 110; minute++) await at(minute)
    expect(await events()).toEqual(['endpoint.recovered'])
    const { health } = await theEndpoint(world, id)
    expect(health).toMatchObject({ breaker: 'closed', resume_at: null, unstable: false })
  })

  it('is over at the first success if nothing else waits, and says what has ended', async () => {
    const world = new World()
    const { id, box, events, watcher, at } = await down(world)
    await ask(world, 'discard', { endpoints: [id] })
    await box.script('ok')
    await publish(world, 'new')
    await at(2)
    await at(3)
    expect(await events()).toEqual(['endpoint.recovered'])
    const { data } = JSON.parse((await watcher.received())[0]?.body ?? '{}')
    expect(data).toMatchObject({ endpoint: { id }, consecutive_failures: 5, last_attempt: { outcome: 'delivered' } })
    expect(Date.parse(data.failing_since)).toBeGreaterThan(0)
  })

  it('with a backlog is unstable after the first success, until five quiet minutes have passed', async () => {
    const world = new World()
    const { id, box, events, at } = await down(world)
    await box.script('ok')
    await at(2)
    const { health } = await theEndpoint(world, id)
    expect(health).toMatchObject({ unstable: true })
    await at(4)
    expect(await events()).toEqual([])
    await at(12)
    await at(13)
    expect(await events()).toEqual(['endpoint.recovered'])
    expect((await theEndpoint(world, id)).health).toMatchObject({ unstable: false, resume_at: null })
  })
})
