import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AttemptFacts,
  type DeliveryEvent,
  type DeliveryState,
  newDelivery,
  transition,
} from '../../../src/core/delivering/delivery-state'
import {
  MAX_RETRY_AFTER_MS,
  MAX_STEPS,
  RETRY_DELAYS_MS,
} from '../../../src/core/delivering/retry-schedule'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LEASE = NOW + 5 * MINUTE

const DELIVERED: AttemptFacts = { outcome: 'delivered', error_class: null, retry_after_ms: null }
const FAILED: AttemptFacts = { outcome: 'refused', error_class: 'http_5xx', retry_after_ms: null }
const THROTTLED: AttemptFacts = {
  outcome: 'refused',
  error_class: 'rate_limited',
  retry_after_ms: null,
}
const GONE: AttemptFacts = { outcome: 'refused', error_class: 'gone', retry_after_ms: null }
const BLOCKED: AttemptFacts = { outcome: 'blocked', error_class: 'url_port', retry_after_ms: null }

function attempted(state: DeliveryState, attempt: AttemptFacts, random = 0): DeliveryState {
  return transition(state, { type: 'attempted', attempt, now: NOW, random })
}

function attemptedTimes(times: number, attempt: AttemptFacts): DeliveryState {
  let state = newDelivery(LEASE)
  for (let i = 0; i < times; i++) state = attempted(state, attempt)
  return state
}

describe('a new delivery', () => {
  it('waits for its first attempt under a lease', () => {
    expect(newDelivery(LEASE)).toEqual({
      status: 'pending',
      reason: null,
      trigger: 'auto',
      attempt_count: 0,
      step: 0,
      next_attempt_at: LEASE,
    })
  })
})

describe('after an attempt', () => {
  it.each([
    ['delivered', DELIVERED, 'delivered', null],
    ['gone', GONE, 'failed', 'gone'],
    ['blocked', BLOCKED, 'failed', 'blocked'],
  ])('that was %s it is settled', (_, attempt, status, reason) => {
    expect(attempted(newDelivery(LEASE), attempt)).toEqual({
      status,
      reason,
      trigger: 'auto',
      attempt_count: 1,
      step: 1,
      next_attempt_at: null,
    })
  })

  const failures: AttemptFacts[] = [
    FAILED,
    { outcome: 'refused', error_class: 'http_4xx', retry_after_ms: null },
    { outcome: 'refused', error_class: 'redirect', retry_after_ms: null },
    { outcome: 'refused', error_class: 'http_unexpected', retry_after_ms: null },
    { outcome: 'timed_out', error_class: 'deadline', retry_after_ms: null },
    { outcome: 'unreachable', error_class: 'connection_lost', retry_after_ms: null },
    { outcome: 'unreachable', error_class: 'dns_or_tls', retry_after_ms: null },
    { outcome: 'unreachable', error_class: 'origin_unreachable', retry_after_ms: null },
    { outcome: 'unreachable', error_class: 'sender_fault', retry_after_ms: null },
  ]
  it.each(failures)('that was $outcome ($errorClass) it is retried', (attempt) => {
    expect(attempted(newDelivery(LEASE), attempt)).toEqual({
      status: 'pending',
      reason: 'retrying',
      trigger: 'auto',
      attempt_count: 1,
      step: 1,
      next_attempt_at: NOW + 5_000,
    })
  })

  it('it waits as the schedule says, and the tenth failure is the last', () => {
    const waits: (number | null)[] = []
    let state = newDelivery(LEASE)
    for (let i = 0; i < MAX_STEPS; i++) {
      state = attempted(state, FAILED)
      waits.push(state.next_attempt_at && state.next_attempt_at - NOW)
    }
    expect(waits).toEqual([...RETRY_DELAYS_MS, null])
    expect(state).toEqual({
      status: 'failed',
      reason: 'schedule_spent',
      trigger: 'auto',
      attempt_count: 10,
      step: 10,
      next_attempt_at: null,
    })
  })

  it('it may be delivered by the tenth', () => {
    const state = attempted(attemptedTimes(9, FAILED), DELIVERED)
    expect(state).toMatchObject({ status: 'delivered', reason: null, attempt_count: 10, step: 10 })
  })

  it('it waits up to a fifth longer by chance', () => {
    const state = attempted(newDelivery(LEASE), FAILED, 0.5)
    expect(state.next_attempt_at).toBe(NOW + 5_500)
  })

  it.each([
    ['longer than the schedule', 1, HOUR, HOUR],
    ['shorter than the schedule', 2, 1_000, 5 * MINUTE],
    ['nothing', 2, 0, 5 * MINUTE],
  ])('it keeps to a hint that asks for %s, never to less', (_, failures, hint, wait) => {
    const before = attemptedTimes(failures - 1, FAILED)
    const state = attempted(before, { ...FAILED, retry_after_ms: hint })
    expect(state).toMatchObject({ reason: 'retrying', step: failures, next_attempt_at: NOW + wait })
  })

  it('a hint does not lengthen a schedule that is spent', () => {
    const state = attempted(attemptedTimes(9, FAILED), { ...FAILED, retry_after_ms: HOUR })
    expect(state).toMatchObject({
      status: 'failed',
      reason: 'schedule_spent',
      next_attempt_at: null,
    })
  })
})

describe('a throttled delivery', () => {
  it('uses up a request and no step', () => {
    expect(attempted(newDelivery(LEASE), THROTTLED)).toEqual({
      status: 'pending',
      reason: 'throttled',
      trigger: 'auto',
      attempt_count: 1,
      step: 0,
      next_attempt_at: NOW + MINUTE,
    })
  })

  it.each([1_000, HOUR, MAX_RETRY_AFTER_MS])('waits exactly the %i ms asked for', (hint) => {
    const state = attempted(newDelivery(LEASE), { ...THROTTLED, retry_after_ms: hint }, 0.9)
    expect(state).toMatchObject({ reason: 'throttled', next_attempt_at: NOW + hint })
  })

  it('that may come back at once waits as if nothing had been said, or it would never end', () => {
    const state = attempted(newDelivery(LEASE), { ...THROTTLED, retry_after_ms: 0 })
    expect(state).toMatchObject({ reason: 'throttled', next_attempt_at: NOW + MINUTE })
  })

  it('waits longer the more requests were throttled, and is never given up', () => {
    const waits = [1, 2, 3, 9, 50].map((times) => attemptedTimes(times, THROTTLED))
    expect(waits.map((state) => (state.next_attempt_at ?? 0) - NOW)).toEqual([
      MINUTE,
      5 * MINUTE,
      30 * MINUTE,
      24 * HOUR,
      24 * HOUR,
    ])
    expect(waits.at(-1)).toMatchObject({ status: 'pending', attempt_count: 50, step: 0 })
  })

  it('goes on with the schedule where it was', () => {
    const state = attempted(attempted(attemptedTimes(3, FAILED), THROTTLED), FAILED)
    expect(state).toMatchObject({ reason: 'retrying', attempt_count: 5, step: 4 })
    expect(state.next_attempt_at).toBe(NOW + 2 * HOUR)
  })

  it('that has one step left still has it', () => {
    const state = attempted(attemptedTimes(9, FAILED), THROTTLED)
    expect(state).toMatchObject({ status: 'pending', reason: 'throttled', step: 9 })
  })
})

describe('a test', () => {
  const test: DeliveryState = { ...newDelivery(LEASE), trigger: 'test' }

  it.each([FAILED, THROTTLED, GONE, BLOCKED])(
    'that was $outcome ($errorClass) is never retried',
    (attempt) => {
      const state = attempted(test, attempt)
      const settled = { status: 'failed', reason: 'test_failed', next_attempt_at: null }
      expect(state).toMatchObject(settled)
      expect(state.attempt_count).toBe(1)
    }
  )

  it('that was delivered is delivered', () => {
    expect(attempted(test, DELIVERED)).toMatchObject({ status: 'delivered', reason: null })
  })
})

describe('a lease', () => {
  it('is moved by a claim, and nothing else is', () => {
    const before = attemptedTimes(2, FAILED)
    const claimed = transition(before, { type: 'claimed', until: LEASE })
    expect(claimed).toEqual({ ...before, next_attempt_at: LEASE })
  })

  it('is not given to a parked delivery', () => {
    const parked = transition(newDelivery(LEASE), { type: 'parked' })
    expect(transition(parked, { type: 'claimed', until: LEASE })).toEqual(parked)
  })
})

describe('parking', () => {
  it('keeps what was used up, and takes the time away', () => {
    const before = attemptedTimes(2, FAILED)
    expect(transition(before, { type: 'parked' })).toEqual({ ...before, next_attempt_at: null })
  })

  it.each([0, 2])('ends with an attempt under a lease after %i failures', (failures) => {
    const before = attemptedTimes(failures, FAILED)
    const parked = transition(before, { type: 'parked' })
    const released = transition(parked, { type: 'released', until: LEASE })
    expect(released).toEqual({ ...before, reason: null, next_attempt_at: LEASE })
  })

  it('that never was does not end', () => {
    const before = attemptedTimes(2, FAILED)
    expect(transition(before, { type: 'released', until: LEASE })).toEqual(before)
  })

  it('ends with an attempt that was under way', () => {
    const parked = transition(newDelivery(LEASE), { type: 'parked' })
    expect(attempted(parked, DELIVERED)).toMatchObject({ status: 'delivered', attempt_count: 1 })
  })
})

describe('a probe', () => {
  const probed = (state: DeliveryState) =>
    transition(state, { type: 'attempted', attempt: FAILED, isProbe: true, now: NOW, random: 0 })

  it.each([0, 3, 9])('in vain uses up a request and no step, after %i failures', (failures) => {
    const before = attemptedTimes(failures, FAILED)
    expect(probed(before)).toMatchObject({
      status: 'pending',
      reason: 'retrying',
      attempt_count: failures + 1,
      step: failures,
    })
  })

  it('is followed as a first failure when it was the first request', () => {
    expect(probed(newDelivery(LEASE)).next_attempt_at).toBe(NOW + 5_000)
  })
})

describe('canceling', () => {
  it('settles a delivery that waits', () => {
    const before = attemptedTimes(2, FAILED)
    const canceled = { status: 'canceled', reason: 'endpoint_deleted', next_attempt_at: null }
    expect(transition(before, { type: 'canceled' })).toEqual({ ...before, ...canceled })
  })

  it('settles a parked delivery', () => {
    const parked = transition(newDelivery(LEASE), { type: 'parked' })
    expect(transition(parked, { type: 'canceled' })).toMatchObject({ status: 'canceled' })
  })
})

describe('a retry that a person asks for', () => {
  it.each([
    ['delivered', attempted(newDelivery(LEASE), DELIVERED), 1],
    ['failed', attemptedTimes(10, FAILED), 10],
    ['gone', attempted(newDelivery(LEASE), GONE), 1],
    ['canceled', transition(newDelivery(LEASE), { type: 'canceled' }), 0],
  ])('opens a %s delivery again, with a fresh schedule', (_, settled, attemptCount) => {
    expect(transition(settled, { type: 'retry_requested', until: LEASE })).toEqual({
      status: 'pending',
      reason: null,
      trigger: 'manual',
      attempt_count: attemptCount,
      step: 0,
      next_attempt_at: LEASE,
    })
  })

  it.each([
    ['waits', attemptedTimes(3, FAILED)],
    ['is parked', transition(attemptedTimes(3, FAILED), { type: 'parked' })],
  ])('changes nothing about a delivery that %s', (_, pending) => {
    expect(transition(pending, { type: 'retry_requested', until: LEASE })).toEqual(pending)
  })

  it('is followed by the ten attempts of the schedule, made by themselves', () => {
    const settled = attemptedTimes(10, FAILED)
    let state = transition(settled, { type: 'retry_requested', until: LEASE })
    for (let i = 0; i < 9; i++) {
      state = attempted(state, FAILED)
      expect(state).toMatchObject({ status: 'pending', reason: 'retrying', trigger: 'auto' })
    }
    state = attempted(state, FAILED)
    expect(state).toMatchObject({ reason: 'schedule_spent', attempt_count: 20, step: 10 })
  })
})

/**
 * The model: the table of the states a delivery may be in, each with what holds there. `last` is what the last attempt came to;
 * `tried` is the number of attempts since the schedule began that used up a step.
 */
interface History {
  last: AttemptFacts | null
  tried: number
}
type Row = (state: DeliveryState, history: History) => boolean

const waits: Row = ({ next_attempt_at: nextAttemptAt, step }) =>
  nextAttemptAt !== null && step < MAX_STEPS
const isSettled: Row = ({ next_attempt_at: nextAttemptAt }) => nextAttemptAt === null

const TABLE: Record<string, Row> = {
  'pending, for the first time or again': (state, history) => waits(state, history),
  'pending, retrying': (state, history) => waits(state, history) && state.attempt_count > 0,
  'pending, throttled': (state, history) =>
    waits(state, history) && history.last?.error_class === 'rate_limited',
  'pending, parked': ({ next_attempt_at: nextAttemptAt, step }) =>
    nextAttemptAt === null && step < MAX_STEPS,
  'delivered, with nothing to explain': (state, history) =>
    isSettled(state, history) && history.last?.outcome === 'delivered',
  'failed, gone': (state, history) =>
    isSettled(state, history) && history.last?.error_class === 'gone',
  'failed, blocked': (state, history) =>
    isSettled(state, history) && history.last?.outcome === 'blocked',
  'failed, schedule_spent': (state, history) =>
    isSettled(state, history) && state.step === MAX_STEPS && history.tried === MAX_STEPS,
  'failed, test_failed': (state, history) =>
    isSettled(state, history) && state.attempt_count > 0 && history.last?.outcome !== 'delivered',
  'canceled, endpoint_deleted': isSettled,
}

function rowOf({ status, reason, next_attempt_at: nextAttemptAt }: DeliveryState): string {
  if (status === 'pending' && nextAttemptAt === null) return 'pending, parked'
  if (reason !== null) return `${status}, ${reason}`
  return status === 'pending'
    ? 'pending, for the first time or again'
    : `${status}, with nothing to explain`
}

const attempt: fc.Arbitrary<AttemptFacts> = fc
  .record({
    what: fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(DELIVERED, GONE, BLOCKED) },
      { weight: 4, arbitrary: fc.constant(THROTTLED) },
      {
        weight: 25,
        arbitrary: fc.constantFrom(
          FAILED,
          { ...FAILED, error_class: 'http_4xx' as const },
          { ...FAILED, error_class: 'redirect' as const },
          { ...FAILED, outcome: 'timed_out' as const, error_class: 'deadline' as const },
          { ...FAILED, outcome: 'unreachable' as const, error_class: 'connection_lost' as const },
          { ...FAILED, outcome: 'unreachable' as const, error_class: 'sender_fault' as const }
        ),
      }
    ),
    hint: fc.option(fc.nat(MAX_RETRY_AFTER_MS)),
  })
  .map(({ what, hint }) => {
    const hinted = what.error_class === 'rate_limited' || what.error_class === 'http_5xx'
    return { ...what, retry_after_ms: hinted ? hint : null }
  })
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const now = fc.integer({ min: NOW, max: NOW + 365 * 24 * HOUR })
const event: fc.Arbitrary<DeliveryEvent> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('attempted' as const),
      attempt,
      isProbe: fc.constantFrom(false, false, false, true),
      now,
      random,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('claimed' as const), until: now }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('parked' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('released' as const), until: now }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('retry_requested' as const), until: now }),
  }
)
const rareEvent: fc.Arbitrary<DeliveryEvent> = fc.oneof(
  { weight: 60, arbitrary: event },
  { weight: 1, arbitrary: fc.constant({ type: 'canceled' as const }) }
)
const run = fc.record({
  trigger: fc.constantFrom('auto', 'auto', 'auto', 'test'),
  events: fc.array(rareEvent, { maxLength: 60, size: 'max' }),
})

interface Step {
  before: DeliveryState
  event: DeliveryEvent
  after: DeliveryState
  history: History
}

function steps({ trigger, events }: { trigger: 'auto' | 'test'; events: DeliveryEvent[] }): Step[] {
  let state: DeliveryState = { ...newDelivery(LEASE), trigger }
  let history: History = { last: null, tried: 0 }
  return events.map((event) => {
    const before = state
    state = transition(before, event)
    history = remember(history, before, event)
    return { before, event, after: state, history }
  })
}

function remember(history: History, before: DeliveryState, event: DeliveryEvent): History {
  const pending = before.status === 'pending'
  if (event.type === 'retry_requested' && !pending) return { ...history, tried: 0 }
  if (event.type !== 'attempted' || !pending) return history
  const used = event.attempt.error_class === 'rate_limited' || event.isProbe ? 0 : 1
  return { last: event.attempt, tried: history.tried + used }
}

function always(check: (step: Step) => void): void {
  const property = fc.property(run, (one) => {
    for (const step of steps(one)) check(step)
  })
  fc.assert(property, { numRuns: 500 })
}

describe('whatever happens to a delivery', () => {
  it('it is in a state of the table', () => {
    always(({ after, history }) => {
      const row = TABLE[rowOf(after)]
      expect(row, rowOf(after)).toBeDefined()
      expect(row?.(after, history), JSON.stringify(after)).toBe(true)
    })
  })

  it('every state of the table is reached by such runs', () => {
    const runs = fc.sample(run, { numRuns: 1_000, seed: 1 })
    const reached = new Set(runs.flatMap(steps).map(({ after }) => rowOf(after)))
    expect([...reached].sort()).toEqual(Object.keys(TABLE).sort())
  })

  it('the count of attempts grows by one with each attempt and never otherwise', () => {
    always(({ before, event, after }) => {
      const counted = event.type === 'attempted' && before.status === 'pending' ? 1 : 0
      expect(after.attempt_count).toBe(before.attempt_count + counted)
    })
  })

  it('the steps used up are those of the model, and never more than ten', () => {
    always(({ after, history }) => {
      expect(after.step).toBe(history.tried)
      expect(after.step).toBeLessThanOrEqual(MAX_STEPS)
      if (after.status === 'pending') expect(after.step).toBeLessThan(MAX_STEPS)
    })
  })

  it('what is settled absorbs everything but a retry that a person asks for', () => {
    always(({ before, event, after }) => {
      if (before.status === 'pending' || event.type === 'retry_requested') return
      expect(after).toEqual(before)
    })
  })

  it('such a retry always gives a leased delivery with a fresh schedule', () => {
    always(({ before, event, after }) => {
      if (before.status === 'pending' || event.type !== 'retry_requested') return
      expect(after).toEqual({
        status: 'pending',
        reason: null,
        trigger: 'manual',
        attempt_count: before.attempt_count,
        step: 0,
        next_attempt_at: event.until,
      })
    })
  })

  it('an attempt is followed by one that is due later, or by none', () => {
    always(({ before, event, after }) => {
      if (before.status !== 'pending' || event.type !== 'attempted') return
      if (after.status !== 'pending') return
      const hint = event.attempt.retry_after_ms ?? 0
      expect(after.next_attempt_at).toBeGreaterThan(event.now)
      expect(after.next_attempt_at).toBeGreaterThanOrEqual(event.now + hint)
      expect(after.trigger).toBe('auto')
    })
  })

  it('the state before is left as it was', () => {
    fc.assert(
      fc.property(run, ({ trigger, events }) => {
        let state: DeliveryState = Object.freeze({ ...newDelivery(LEASE), trigger })
        for (const one of events) state = Object.freeze(transition(state, one))
        expect(Object.isFrozen(state)).toBe(true)
      })
    )
  })
})

describe('a receiver that says "in a second" for ever', () => {
  it('is taken at its word ten times, then asked ever more rarely', () => {
    const hint = { ...THROTTLED, retry_after_ms: 1_000 }
    const wait = (times: number) => (attemptedTimes(times, hint).next_attempt_at ?? 0) - NOW
    expect([1, MAX_STEPS].map(wait)).toEqual([1_000, 1_000])
    expect([11, 12, 13, 14].map(wait)).toEqual([MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR])
    expect(wait(40)).toBe(24 * HOUR)
  })

  it('still gets all the patience it asks for', () => {
    const hint = { ...THROTTLED, retry_after_ms: 6 * HOUR }
    expect(attemptedTimes(11, hint).next_attempt_at).toBe(NOW + 6 * HOUR)
  })
})
