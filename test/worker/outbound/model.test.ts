import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, expect, it, vi } from 'vitest'
import { aComment, anEndpoint, mailbox, World } from '../../support/world'

/*
 * Anything may happen, in any order: entries, changes of endpoints, answers of receivers, lost, repeated and reordered queue messages, a process that
 * dies at any call to the database, and a clock that jumps. When it has settled, nothing may be lost, and nothing unexplained.
 */

/** More by `MODEL_RUNS=500 npx vitest run --project worker model`. */
const RUNS = env.MODEL_RUNS
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const ANSWERS = [
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
      types: fc.constantFrom('*', 'comment.*', 'endpoint.*', 'invoice.paid'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which,
      answer: fc.constantFrom(...ANSWERS),
    }),
  },
  CONSUME,
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), which }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      jump: fc.constantFrom(...JUMPS),
      beside: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disable' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('enable' as const), which, missing: fc.boolean() }),
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

/** Two that run side by side, their calls to the database delayed at random. */
function together(one: fc.Arbitrary<Single>) {
  return fc.record({
    do: fc.constant('together' as const),
    first: one,
    second: one,
    pauses: fc.array(fc.nat(12), { minLength: 3, maxLength: 12 }),
  })
}
type Together = ReturnType<typeof together> extends fc.Arbitrary<infer T> ? T : never

/** A run has only some of the kinds, so that each of those it has comes often: what takes the same few things again and again is found sooner. */
const someActions = fc.subarray([...KINDS], { minLength: 2 }).chain((kinds) => {
  const one = fc.oneof(COMMENT, CONSUME, ...kinds)
  return fc.array(
    fc.oneof({ weight: 4, arbitrary: one }, { weight: 3, arbitrary: together(one) }),
    { minLength: 5, maxLength: 60, size: 'max' }
  )
})
/** One at a time, none brought twice by the queue, and no process dies: only a call to the database fails, now and then. */
const calm = fc.oneof(
  {
    weight: 6,
    arbitrary: single.filter((one) => one.do !== 'kill' && !('repeat' in one && one.repeat)),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('falter' as const),
      calls: fc.integer({ min: 1, max: 5 }),
      isCommitted: fc.boolean(),
    }),
  }
)
type Calm = typeof calm extends fc.Arbitrary<infer T> ? T : never
type Action = Single | Calm | Together

interface Known {
  id: string
  secret: string
  types: string
  box: ReturnType<typeof mailbox>
  /** The last moment at which it was seen not to be enabled: what was accepted before may be missing. */
  lastOff: number
  /** Whether it was off when the last action had ended. */
  isOff: boolean
}

class Model {
  readonly world = new World()
  readonly endpoints: Known[] = []
  now = Date.now()

  async run(actions: Action[]): Promise<void> {
    await forget()
    for (const one of actions) {
      this.tick(1)
      // A killed process answers nobody: what it did is to be seen in the database alone.
      const all = one.do === 'together' ? [one.first, one.second] : [one]
      this.world.recorder.pauses = one.do === 'together' ? one.pauses : []
      const { recorder } = this.world
      const mayFault = recorder.fault !== undefined
      const done = await Promise.allSettled(all.map((each) => this.perform(each)))
      const failed = done.find(({ status }) => status === 'rejected')
      if (failed && !recorder.death && !mayFault) throw (failed as PromiseRejectedResult).reason
      if (one.do !== 'kill') recorder.death = undefined
      if (one.do !== 'falter') recorder.fault = undefined
      await this.look()
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
        return this.register(one.types)
      case 'answer':
        return this.pick(this.endpoints, one.which)?.box.script(one.answer)
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
        return allDone([world.sweep(this.now), one.beside && world.sweep(this.now)])
      case 'kill':
        world.recorder.death = { callsLeft: one.calls, isCommitted: one.isCommitted }
        return
      case 'falter':
        world.recorder.fault = { callsLeft: one.calls, isCommitted: one.isCommitted }
        return
      case 'retry':
        return this.retry(one.which, one.hasten)
      default:
        return this.change(one)
    }
  }

  private async register(types: string): Promise<void> {
    if (this.endpoints.length >= 4) return
    const box = mailbox()
    const { id, secret } = await anEndpoint(this.world, box.url('scripted'), {
      event_types: [types],
    })
    this.endpoints.push({ id, secret, types, box, lastOff: this.now, isOff: false })
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
        return this.world.api('POST', `${path}/enable`, { replay_missing: one.missing })
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

  /** Which endpoints are not enabled at this moment. What was off before the action may have been off in the middle of it. */
  private async look(): Promise<void> {
    const { results } = await env.DB.prepare(
      `select id from endpoints where status <> 'enabled'`
    ).all<{ id: string }>()
    for (const known of this.endpoints) {
      const isOff = results.some(({ id }) => id === known.id)
      if (isOff || known.isOff) known.lastOff = this.now
      known.isOff = isOff
    }
  }

  /** The worst is over: the queue carries, the clock ticks, and `heal` makes the receivers well. */
  async settle(heal: boolean): Promise<void> {
    if (heal) for (const { box } of this.endpoints) await box.script('ok')
    for (let minutes = 0; minutes < 60; minutes++) {
      this.tick(heal && minutes < 50 ? 2 * MINUTE : 25 * HOUR)
      await this.world.sweep(this.now)
      await this.world.drainDelayed()
      await this.look()
    }
  }

  /** What must hold when it has settled. */
  async judge(heal: boolean): Promise<void> {
    const pairs = await readPairs()
    for (const pair of pairs) {
      const known = this.endpoints.find(({ id }) => id === pair.endpoint_id)
      const where = `${pair.type} ${pair.message_id} x ${pair.endpoint_id}`
      if (known) expect(explain(pair, known, heal), where).toBe('explained')
    }
    await this.judgeReceived(pairs)
    await judgeBreakers()
    await this.judgeJobs(heal)
  }

  /** A replay that is done has left nothing as it was that it was asked for; and one that can go on is not left running. */
  private async judgeJobs(heal: boolean): Promise<void> {
    const left = (await readLeftByJobs()).filter(({ endpoint_id: id, status, type, about }) => {
      const known = this.endpoints.find((one) => one.id === id)
      return known && (status !== null || (asksFor(known.types, type) && about !== id))
    })
    expect(left).toEqual([])
    const { results: running } = await env.DB.prepare(
      `select j.id, e.breaker from jobs j join endpoints e on e.id = j.endpoint_id where j.state = 'running' and e.status <> 'disabled'`
    ).all()
    if (heal) expect(running).toEqual([])
  }

  /** Signature, body, and that what is called delivered has arrived. */
  private async judgeReceived(pairs: Pair[]): Promise<void> {
    // Below the clock is set to what each request says: so first, that it says the truth.
    for (const { at, stamp } of this.world.sent) expect(stamp).toBe(String(Math.floor(at / SECOND)))
    for (const { id, secret, box } of this.endpoints) {
      const received = await box.received()
      for (const { headers, body } of received) {
        vi.setSystemTime(Number(headers['webhook-timestamp']) * SECOND)
        new Webhook(secret).verify(body, headers)
        const pair = pairs.find(
          (one) => one.endpoint_id === id && one.message_id === headers['webhook-id']
        )
        expect(body).toBe(pair?.payload)
      }
      const ids = new Set(received.map(({ headers }) => headers['webhook-id']))
      for (const pair of pairs)
        if (pair.endpoint_id === id && pair.status === 'delivered')
          expect(ids).toContain(pair.message_id)
    }
    vi.setSystemTime(this.now)
  }
}

/** Like `Promise.all`, but leaves none under way when one has died: it would rise again with the next action. */
async function allDone(all: unknown[]): Promise<void> {
  const done = await Promise.allSettled(all)
  for (const one of done) if (one.status === 'rejected') throw one.reason
}

/** What was sent is recorded, and what is recorded was sent: no more and no less. */
async function judgeOnce(model: Model): Promise<void> {
  const pairs = await readPairs()
  for (const { id, box } of model.endpoints) {
    const sent = await box.received()
    for (const pair of pairs.filter((one) => one.endpoint_id === id)) {
      const times = sent.filter(({ headers }) => headers['webhook-id'] === pair.message_id).length
      expect(times, `${pair.message_id} x ${id}`).toBe(pair.attempts)
    }
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
  /** Null: there is no delivery. */
  status: string | null
  reason: string | null
  next_attempt_at: number | null
  attempt_count: number
  attempts: number
  last_number: number | null
}

/** Every message with every endpoint, and what became of them. */
async function readPairs(): Promise<Pair[]> {
  const { results } = await env.DB.prepare(
    `select m.id as message_id, m.type, m.payload, m.created_at, m.about, e.id as endpoint_id, e.status as endpoint_status, e.breaker,
       d.status, d.reason, d.next_attempt_at, d.attempt_count,
       (select count(*) from attempts a where a.endpoint_id = e.id and a.message_id = m.id) as attempts,
       (select max(number) from attempts a where a.endpoint_id = e.id and a.message_id = m.id) as last_number
     from messages m cross join endpoints e left join deliveries d on d.endpoint_id = e.id and d.message_id = m.id`
  ).all<Pair>()
  return results
}

/** What a job that is done should have re-opened or made, and has not: settled before it came, or not there. */
async function readLeftByJobs() {
  const { results } = await env.DB.prepare(
    `select j.id as job_id, j.only, j.endpoint_id, m.id as message_id, m.type, m.about, d.status
     from jobs j join messages m on m.created_at >= j.since and m.created_at < j.created_at and m.audience is null
     left join deliveries d on d.endpoint_id = j.endpoint_id and d.message_id = m.id
     where j.state = 'done' and ((j.only <> 'failed' and d.status is null) or (j.only = 'failed' and d.status = 'failed' and d.settled_at < j.created_at)
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
function explain(pair: Pair, known: Known, heal: boolean): string {
  if (pair.status === null) return explainMissing(pair, known)
  if (!asksFor(known.types, pair.type)) return 'never asked for'
  if (pair.about === known.id) return 'told of itself'
  if (pair.attempts !== pair.attempt_count || (pair.last_number ?? 0) !== pair.attempt_count)
    return `${pair.attempt_count} attempts made, ${pair.attempts} recorded`
  switch (pair.status) {
    case 'delivered':
      return pair.attempt_count > 0 ? 'explained' : 'delivered without an attempt'
    case 'failed':
      return pair.reason ? 'explained' : 'failed without a reason'
    case 'canceled':
      return pair.endpoint_status === 'deleted' ? 'explained' : 'canceled, but not deleted'
  }
  if (pair.next_attempt_at === null && pair.endpoint_status === 'disabled') return 'explained'
  if (heal) return `still pending behind ${pair.endpoint_status} ${pair.breaker}`
  if (pair.next_attempt_at === null && pair.breaker !== 'closed') return 'explained'
  return 'pending for no reason'
}

/** What was accepted while the endpoint was on all the time must have a delivery; what was not is counted as missed. */
function explainMissing(pair: Pair, known: Known): string {
  if (!asksFor(known.types, pair.type) || pair.about === known.id) return 'explained'
  return pair.created_at <= known.lastOff ? 'explained' : 'missing'
}

function asksFor(filter: string, type: string): boolean {
  return filter === '*' || filter === type || type.startsWith(filter.replace('*', ''))
}

/** A breaker that is closed hides nothing, and one that is not has something to do. */
async function judgeBreakers(): Promise<void> {
  const { results } = await env.DB.prepare(
    `select e.id from endpoints e where e.status = 'enabled' and (e.breaker = 'closed') <> (e.resume_at is null)
     union select e.id from endpoints e where e.status = 'enabled' and e.breaker = 'closed' and exists (
       select 1 from deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at is null)`
  ).all()
  expect(results).toEqual([])
}

async function forget(): Promise<void> {
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
  ['the receivers get well', true],
  ['they stay as they are', false],
])(
  'whatever happens, every message is accounted for when %s',
  async (_, heal) => {
    await fc.assert(
      fc.asyncProperty(someActions, async (actions) => {
        const model = new Model()
        await model.run([{ do: 'register', types: '*' }, ...actions])
        await model.settle(heal)
        await model.judge(heal)
      }),
      { numRuns: RUNS, endOnFailure: true }
    )
  },
  10 * MINUTE
)

it(
  'while only a call to the database fails now and then, each request is made once and recorded',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(calm, { minLength: 5, maxLength: 60, size: 'max' }),
        async (actions) => {
          const model = new Model()
          await model.run([{ do: 'register', types: '*' }, ...actions])
          await model.settle(true)
          await model.judge(true)
          await judgeOnce(model)
        }
      ),
      { numRuns: RUNS, endOnFailure: true }
    )
  },
  10 * MINUTE
)
