import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, it, vi } from 'vitest'
import { aComment, anEndpoint, mailbox, restChores } from '../../support/fixtures'
import { World } from '../../support/world'

/*
 * Random actions in random order: comments, changes to endpoints, receiver responses, queue messages that are lost,
 * repeated or reordered, a process that dies at a call to the database, and a clock that jumps. Afterwards, every
 * message must be accounted for.
 */

/** For more runs: `MODEL_RUNS=500 npx vitest run --project worker model`. */
const RUNS = env.MODEL_RUNS
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const BEHAVIORS = [
  'ok',
  'ok',
  'status/500',
  'status/400',
  'status/410',
  'status/502',
  'retry-after/30',
  'retry-after/7200',
  'unavailable/90',
  'close',
  'redirect',
  'half-answer',
]
const JUMPS = [SECOND, 10 * SECOND, MINUTE, 7 * MINUTE, HOUR, 26 * HOUR]

const which = fc.nat(99)
const COMMENT = { weight: 8, arbitrary: fc.record({ do: fc.constant('comment' as const) }) }
const CONSUME = {
  weight: 12,
  arbitrary: fc.record({
    do: fc.constant('consume' as const),
    which,
    repeat: fc.constantFrom(false, false, false, true),
  }),
}
const KINDS = [
  COMMENT,
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      event_type: fc.constantFrom('*', 'comment.*', 'endpoint.*', 'invoice.paid'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('respond' as const),
      which,
      behavior: fc.constantFrom(...BEHAVIORS),
    }),
  },
  CONSUME,
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), which }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      jump: fc.constantFrom(...JUMPS),
      isTwice: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disable' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('enable' as const),
      which,
      replay_missing: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('retry' as const), which, hasten: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('replay' as const),
      which,
      only: fc.constantFrom('failed', 'missing', 'all'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('kill' as const),
      calls: fc.integer({ min: 1, max: 5 }),
      isCommitted: fc.boolean(),
    }),
  },
] as const
const single = fc.oneof(...KINDS)
type Single = typeof single extends fc.Arbitrary<infer T> ? T : never

/** Two simultaneous actions, whose calls to the database are delayed at random. */
function together(one: fc.Arbitrary<Single>) {
  return fc.record({
    do: fc.constant('together' as const),
    first: one,
    second: one,
    pauses: fc.array(fc.nat(12), { minLength: 3, maxLength: 12 }),
  })
}
type Together = ReturnType<typeof together> extends fc.Arbitrary<infer T> ? T : never

/** Each run has only some kinds of actions, so these are repeated more often, which finds some bugs sooner. */
const someActions = fc.subarray([...KINDS], { minLength: 2 }).chain((kinds) => {
  const one = fc.oneof(COMMENT, CONSUME, ...kinds)
  return fc.array(fc.oneof({ weight: 4, arbitrary: one }, { weight: 3, arbitrary: together(one) }), {
    minLength: 5,
    maxLength: 60,
    size: 'max',
  })
})
/** One action at a time. No queue message is repeated and no process dies, but database calls sometimes fail. */
const calm = fc.oneof(
  {
    weight: 6,
    arbitrary: single.filter((one) => one.do !== 'kill' && !('repeat' in one && one.repeat)),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      calls: fc.integer({ min: 1, max: 5 }),
      isCommitted: fc.boolean(),
    }),
  }
)
type Calm = typeof calm extends fc.Arbitrary<infer T> ? T : never
type Action = Single | Calm | Together

interface KnownEndpoint {
  id: string
  secret: string
  event_type: string
  box: ReturnType<typeof mailbox>
  /** When the endpoint was last disabled or deleted. It may have missed messages accepted before then. */
  lastDisabled: number
  /** Whether the endpoint was disabled or deleted after the last action. */
  isDisabled: boolean
}

class Model {
  readonly world = new World()
  readonly endpoints: KnownEndpoint[] = []
  now = Date.now()

  async run(actions: Action[]): Promise<void> {
    await clearTables()
    // The sweeps cover two months, and the model looks at everything that has happened in this time.
    await restChores()
    for (const one of actions) {
      this.tick(1)
      const all = one.do === 'together' ? [one.first, one.second] : [one]
      this.world.recorder.pauses = one.do === 'together' ? one.pauses : []
      const { recorder } = this.world
      const mayFault = recorder.fault !== undefined
      const done = await Promise.allSettled(all.map((each) => this.perform(each)))
      const failed = done.find((result) => result.status === 'rejected')
      // A killed process does not respond. Its effects are visible only in the database.
      if (failed && !recorder.death && !mayFault) throw failed.reason
      if (one.do !== 'kill') recorder.death = undefined
      if (one.do !== 'fail') recorder.fault = undefined
      await this.noteDisabled()
    }
    this.world.recorder.death = undefined
    this.world.recorder.fault = undefined
    this.world.recorder.pauses = []
  }

  private tick(ms: number): void {
    this.now += ms
    vi.setSystemTime(this.now)
  }

  private pick<T>(items: T[], which: number): T | undefined {
    return items[which % Math.max(items.length, 1)]
  }

  private async perform(one: Single | Calm): Promise<unknown> {
    const { world } = this
    switch (one.do) {
      case 'comment':
        return aComment(world)
      case 'register':
        return this.register(one.event_type)
      case 'respond':
        return this.pick(this.endpoints, one.which)?.box.script(one.behavior)
      case 'consume': {
        const message = this.pick(world.queued, one.which)
        if (!message) return
        if (!one.repeat) world.queued.splice(world.queued.indexOf(message), 1)
        this.tick(message.delaySeconds * SECOND)
        return world.consume(message)
      }
      case 'lose':
        return world.queued.splice(one.which % Math.max(world.queued.length, 1), 1)
      case 'sweep':
        this.tick(one.jump)
        return settleAll([world.sweep(this.now), one.isTwice && world.sweep(this.now)])
      case 'kill':
        world.recorder.death = { callsLeft: one.calls, isCommitted: one.isCommitted }
        return
      case 'fail':
        world.recorder.fault = { callsLeft: one.calls, isCommitted: one.isCommitted }
        return
      case 'retry':
        return this.retry(one.which, one.hasten)
      default:
        return this.change(one)
    }
  }

  private async register(event_type: string): Promise<void> {
    if (this.endpoints.length >= 4) return
    const box = mailbox()
    const { id, secret } = await anEndpoint(this.world, box.url('scripted'), {
      event_types: [event_type],
    })
    this.endpoints.push({
      id,
      secret,
      event_type,
      box,
      lastDisabled: this.now,
      isDisabled: false,
    })
  }

  private async change(
    one: Extract<Single, { do: 'disable' | 'enable' | 'move' | 'delete' | 'replay' }>
  ): Promise<unknown> {
    const known = this.pick(this.endpoints, one.which)
    if (!known) return
    const path = `/api/endpoints/${known.id}`
    switch (one.do) {
      case 'disable':
        return this.world.api('POST', `${path}/disable`)
      case 'enable':
        return this.world.api('POST', `${path}/enable`, { replay_missing: one.replay_missing })
      case 'move':
        return this.world.api('PATCH', path, { url: `${known.box.url('scripted')}#${this.now}` })
      case 'delete':
        return this.world.api('DELETE', path)
      case 'replay':
        return this.world.api('POST', `${path}/replay`, { since: EPOCH, only: one.only })
    }
  }

  private async retry(which: number, hasten: boolean): Promise<unknown> {
    const { results } = await env.DB.prepare(
      'select endpoint_id, message_id from deliveries order by message_id, endpoint_id'
    ).all<{ endpoint_id: string; message_id: string }>()
    const one = this.pick(results, which)
    if (!one) return
    const path = `/api/messages/${one.message_id}/deliveries/${one.endpoint_id}/retry`
    return this.world.api('POST', path, { hasten })
  }

  /** Records which endpoints are disabled or deleted. One disabled before an action counts as disabled during it. */
  private async noteDisabled(): Promise<void> {
    const { results } = await env.DB.prepare(`select id from endpoints where status <> 'enabled'`).all<{ id: string }>()
    for (const known of this.endpoints) {
      const isDisabled = results.some(({ id }) => id === known.id)
      if (isDisabled || known.isDisabled) known.lastDisabled = this.now
      known.isDisabled = isDisabled
    }
  }

  /** Allows everything to finish: the queues work, time passes and, if `isHealed`, the receivers accept everything. */
  async settle(isHealed: boolean): Promise<void> {
    if (isHealed) for (const { box } of this.endpoints) await box.script('ok')
    for (let minutes = 0; minutes < 60; minutes++) {
      this.tick(isHealed && minutes < 50 ? 2 * MINUTE : 25 * HOUR)
      await this.world.sweep(this.now)
      await this.world.drainDelayed()
      await this.noteDisabled()
    }
  }

  /** Checks what must be true after `settle`. */
  async check(isHealed: boolean): Promise<void> {
    const pairs = await readPairs()
    const explanations = pairs.flatMap((pair) => {
      const known = this.endpoints.find(({ id }) => id === pair.endpoint_id)
      return known ? [{ ...pair, explanation: explain(pair, known, isHealed) }] : []
    })
    expect(explanations.filter(({ explanation }) => explanation !== 'explained')).toEqual([])
    await this.checkReceived(pairs)
    await checkBreakers()
    await this.checkJobs(isHealed)
  }

  /** A finished replay must have reached all its messages, and no replay may hang if its endpoint is enabled. */
  private async checkJobs(isHealed: boolean): Promise<void> {
    const left = (await readLeftByJobs()).filter(({ endpoint_id, status, type, about }) => {
      const known = this.endpoints.find(({ id }) => id === endpoint_id)
      return known && (status !== null || (wants(known, type) && about !== endpoint_id))
    })
    expect(left).toEqual([])
    const { results: running } = await env.DB.prepare(
      `select j.id, e.breaker
       from jobs j
       join endpoints e on e.id = j.endpoint_id
       where j.state = 'running' and e.status <> 'disabled'`
    ).all()
    expect(isHealed ? running : []).toEqual([])
  }

  /** Checks timestamps, signatures and bodies, and that every delivery marked as delivered has arrived. */
  private async checkReceived(pairs: Pair[]): Promise<void> {
    // Verifying sets the clock to the timestamp of each request, so the timestamps are checked first.
    const stamps = this.world.sent.map(({ headers }) => headers['webhook-timestamp'])
    expect(stamps).toEqual(this.world.sent.map(({ at }) => String(Math.floor(at / SECOND))))
    for (const { id, secret, box } of this.endpoints) {
      const own = pairs.filter(({ endpoint_id }) => endpoint_id === id)
      const payloads = new Map(own.map(({ message_id, payload }) => [message_id, payload]))
      const received = await box.received()
      for (const { headers, body } of received) {
        vi.setSystemTime(Number(headers['webhook-timestamp']) * SECOND)
        new Webhook(secret).verify(body, headers)
      }
      const ids = received.map(({ headers }) => headers['webhook-id'] ?? '')
      expect(received.map(({ body }) => body)).toEqual(ids.map((one) => payloads.get(one)))
      const delivered = own.filter(({ status }) => status === 'delivered')
      expect(delivered.filter(({ message_id }) => !ids.includes(message_id))).toEqual([])
    }
    vi.setSystemTime(this.now)
  }
}

/** Like `Promise.all`, but waits for all promises even if one is rejected, so that none runs during the next action. */
async function settleAll(all: unknown[]): Promise<void> {
  const done = await Promise.allSettled(all)
  for (const one of done) if (one.status === 'rejected') throw one.reason
}

/** Every request that was sent is recorded once as an attempt, and every recorded attempt was sent. */
async function checkAttempts(model: Model): Promise<void> {
  const pairs = await readPairs()
  for (const { id, box } of model.endpoints) {
    const received = (await box.received()).map(({ headers }) => headers['webhook-id'])
    const own = pairs.filter(({ endpoint_id }) => endpoint_id === id)
    const recorded = own.map(({ message_id, attempts }) => ({ message_id, attempts }))
    const sent = own.map(({ message_id }) => ({
      message_id,
      attempts: received.filter((one) => one === message_id).length,
    }))
    expect(recorded).toEqual(sent)
  }
}

const EPOCH = '1970-01-01T00:00:00Z'

interface Pair {
  message_id: string
  type: string
  payload: string
  created_at: number
  endpoint_id: string
  about: string | null
  endpoint_status: string
  breaker: string
  /** Null if there is no delivery. */
  status: string | null
  reason: string | null
  next_attempt_at: number | null
  attempt_count: number
  attempts: number
  last_number: number | null
}

/** Every pair of a message and an endpoint, with its delivery if there is one. */
async function readPairs(): Promise<Pair[]> {
  const { results } = await env.DB.prepare(
    `select m.id as message_id, m.type, m.payload, m.created_at, m.about,
       e.id as endpoint_id, e.status as endpoint_status, e.breaker,
       d.status, d.reason, d.next_attempt_at, d.attempt_count,
       (select count(*) from attempts a where a.endpoint_id = e.id and a.message_id = m.id) as attempts,
       (select max(number) from attempts a where a.endpoint_id = e.id and a.message_id = m.id) as last_number
     from messages m
     cross join endpoints e
     left join deliveries d on d.endpoint_id = e.id and d.message_id = m.id`
  ).all<Pair>()
  return results
}

/** Deliveries that a finished replay should have reopened or created, but did not. */
async function readLeftByJobs() {
  const { results } = await env.DB.prepare(
    `select j.id as job_id, j.only, j.endpoint_id, m.id as message_id, m.type, m.about, d.status
     from jobs j
     join messages m on m.created_at >= j.since and m.created_at < j.created_at and m.audience is null
     left join deliveries d on d.endpoint_id = j.endpoint_id and d.message_id = m.id
     where j.state = 'done'
       and ((j.only <> 'failed' and d.status is null)
         or (j.only = 'failed' and d.status = 'failed' and d.settled_at < j.created_at)
         or (j.only = 'all' and d.settled_at < j.created_at))`
  ).all<{
    job_id: string
    only: string
    endpoint_id: string
    message_id: string
    type: string
    about: string | null
    status: string | null
  }>()
  return results
}

/** @returns 'explained', or what is wrong */
function explain(pair: Pair, known: KnownEndpoint, isHealed: boolean): string {
  if (pair.status === null) return explainMissing(pair, known)
  if (!wants(known, pair.type)) return 'not subscribed'
  if (pair.about === known.id) return 'an event about its own endpoint'
  if (pair.attempts !== pair.attempt_count || (pair.last_number ?? 0) !== pair.attempt_count)
    return `${pair.attempt_count} attempts made, ${pair.attempts} recorded`
  switch (pair.status) {
    case 'delivered':
      return pair.attempt_count > 0 ? 'explained' : 'delivered without an attempt'
    case 'failed':
      return pair.reason ? 'explained' : 'failed without a reason'
    case 'canceled':
      return pair.endpoint_status === 'deleted' ? 'explained' : 'canceled, but its endpoint is not deleted'
  }
  if (pair.next_attempt_at === null && pair.endpoint_status === 'disabled') return 'explained'
  if (isHealed) return `still pending (endpoint ${pair.endpoint_status}, breaker ${pair.breaker})`
  if (pair.next_attempt_at === null && pair.breaker !== 'closed') return 'explained'
  return 'pending without a reason'
}

/** Only a message that was accepted while its endpoint was enabled must have a delivery. */
function explainMissing(pair: Pair, known: KnownEndpoint): string {
  if (!wants(known, pair.type) || pair.about === known.id) return 'explained'
  return pair.created_at <= known.lastDisabled ? 'explained' : 'missing'
}

function wants({ event_type }: KnownEndpoint, type: string): boolean {
  return event_type === '*' || event_type === type || type.startsWith(event_type.replace('*', ''))
}

/** No delivery is parked behind a closed breaker, and every other breaker has a `resume_at`. */
async function checkBreakers(): Promise<void> {
  const { results } = await env.DB.prepare(
    `select e.id from endpoints e where e.status = 'enabled' and (e.breaker = 'closed') <> (e.resume_at is null)
     union select e.id from endpoints e where e.status = 'enabled' and e.breaker = 'closed' and exists (
       select 1 from deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at is null)`
  ).all()
  expect(results).toEqual([])
}

async function clearTables(): Promise<void> {
  await env.DB.batch(
    ['comments', 'deliveries', 'attempts', 'messages', 'endpoints', 'jobs'].map((table) =>
      env.DB.prepare(`delete from ${table}`)
    )
  )
}

afterEach(() => {
  vi.useRealTimers()
})

it.each([
  ['recover', true],
  ['do not recover', false],
])(
  'every message is accounted for after random faults, if the receivers %s',
  async (_, isHealed) => {
    await fc.assert(
      fc.asyncProperty(someActions, async (actions) => {
        const model = new Model()
        await model.run([{ do: 'register', event_type: '*' }, ...actions])
        await model.settle(isHealed)
        await model.check(isHealed)
      }),
      { numRuns: RUNS, endOnFailure: true }
    )
  },
  10 * MINUTE
)

it(
  'every attempt is sent once and recorded once, if only calls to the database fail',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(calm, { minLength: 5, maxLength: 60, size: 'max' }), async (actions) => {
        const model = new Model()
        await model.run([{ do: 'register', event_type: '*' }, ...actions])
        await model.settle(true)
        await model.check(true)
        await checkAttempts(model)
      }),
      { numRuns: RUNS, endOnFailure: true }
    )
  },
  10 * MINUTE
)
