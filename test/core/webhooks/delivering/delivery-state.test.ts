import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DeliveryColumns,
  newDelivery,
  stateAfterAttempt,
} from '../../../../src/webhooks/rules/delivering/delivery-state'
import type { Verdict } from '../../../../src/webhooks/rules/delivering/outcome'
import {
  MAX_RETRY_AFTER_MS,
  MAX_STEPS,
  RETRY_DELAYS_MS,
} from '../../../../src/webhooks/rules/delivering/retry-schedule'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LEASE = NOW + 5 * MINUTE

const DELIVERED: Verdict = { outcome: 'delivered', error_class: null, retry_after_ms: null }
const FAILED: Verdict = { outcome: 'refused', error_class: 'http_5xx', retry_after_ms: null }
const THROTTLED: Verdict = {
  outcome: 'refused',
  error_class: 'rate_limited',
  retry_after_ms: null,
}
const GONE: Verdict = { outcome: 'refused', error_class: 'gone', retry_after_ms: null }
const BLOCKED: Verdict = { outcome: 'blocked', error_class: 'url_port', retry_after_ms: null }

function attempted(state: DeliveryColumns, attempt: Verdict, random = 0): DeliveryColumns {
  return stateAfterAttempt(state, { ...attempt, isProbe: false, now: NOW, random })
}

function attemptedTimes(times: number, attempt: Verdict): DeliveryColumns {
  let state = newDelivery(LEASE)
  for (let i = 0; i < times; i++) state = attempted(state, attempt)
  return state
}

describe('a new delivery', () => {
  it('is leased until its first attempt', () => {
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

describe('an attempt', () => {
  it.each([
    ['succeeds', DELIVERED, 'delivered', null],
    ['receives a 410 response', GONE, 'failed', 'gone'],
    ['is blocked', BLOCKED, 'failed', 'blocked'],
  ])('that %s settles the delivery', (_, attempt, status, reason) => {
    expect(attempted(newDelivery(LEASE), attempt)).toEqual({
      status,
      reason,
      trigger: 'auto',
      attempt_count: 1,
      step: 1,
      next_attempt_at: null,
    })
  })

  const failures: Verdict[] = [
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
  it.each(failures)('with the outcome $outcome ($error_class) is followed by a retry', (attempt) => {
    expect(attempted(newDelivery(LEASE), attempt)).toEqual({
      status: 'pending',
      reason: 'retrying',
      trigger: 'auto',
      attempt_count: 1,
      step: 1,
      next_attempt_at: NOW + 5_000,
    })
  })
})

describe('a delivery that keeps failing', () => {
  it('waits as long as the schedule says, and fails after the tenth attempt', () => {
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

  it('can be delivered by the tenth attempt', () => {
    const state = attempted(attemptedTimes(9, FAILED), DELIVERED)
    expect(state).toMatchObject({ status: 'delivered', reason: null, attempt_count: 10, step: 10 })
  })

  it('waits up to a fifth longer, because of jitter', () => {
    const state = attempted(newDelivery(LEASE), FAILED, 0.5)
    expect(state.next_attempt_at).toBe(NOW + 5_500)
  })

  it.each([
    { wait: HOUR, retry_after_ms: HOUR, which: 'longer', step: 1 },
    { wait: 5 * MINUTE, retry_after_ms: 1_000, which: 'shorter', step: 2 },
    { wait: 5 * MINUTE, retry_after_ms: 0, which: 'shorter', step: 2 },
  ])(
    'waits $wait ms for a Retry-After of $retry_after_ms ms, $which than the schedule after step $step',
    ({ wait, retry_after_ms, step }) => {
      const before = attemptedTimes(step - 1, FAILED)
      const state = attempted(before, { ...FAILED, retry_after_ms })
      expect(state).toMatchObject({ reason: 'retrying', step, next_attempt_at: NOW + wait })
    }
  )

  it('fails after the tenth attempt even if its response has a Retry-After', () => {
    const state = attempted(attemptedTimes(9, FAILED), { ...FAILED, retry_after_ms: HOUR })
    expect(state).toMatchObject({
      status: 'failed',
      reason: 'schedule_spent',
      next_attempt_at: null,
    })
  })
})

describe('a throttled delivery', () => {
  it('does not use up a step of the schedule', () => {
    expect(attempted(newDelivery(LEASE), THROTTLED)).toEqual({
      status: 'pending',
      reason: 'throttled',
      trigger: 'auto',
      attempt_count: 1,
      step: 0,
      next_attempt_at: NOW + MINUTE,
    })
  })

  it.each([1_000, HOUR, MAX_RETRY_AFTER_MS])('waits exactly as long as its Retry-After of %i ms', (retry_after_ms) => {
    const state = attempted(newDelivery(LEASE), { ...THROTTLED, retry_after_ms }, 0.9)
    expect(state).toMatchObject({ reason: 'throttled', next_attempt_at: NOW + retry_after_ms })
  })

  it('ignores a Retry-After of 0, because it could repeat forever', () => {
    const state = attempted(newDelivery(LEASE), { ...THROTTLED, retry_after_ms: 0 })
    expect(state).toMatchObject({ reason: 'throttled', next_attempt_at: NOW + MINUTE })
  })

  it('waits longer after each 429, and never fails', () => {
    const states = [1, 2, 3, 9, 50].map((times) => attemptedTimes(times, THROTTLED))
    expect(states.map((state) => (state.next_attempt_at ?? 0) - NOW)).toEqual([
      MINUTE,
      5 * MINUTE,
      30 * MINUTE,
      24 * HOUR,
      24 * HOUR,
    ])
    expect(states.at(-1)).toMatchObject({ status: 'pending', attempt_count: 50, step: 0 })
  })

  it('continues the schedule where it stopped', () => {
    const state = attempted(attempted(attemptedTimes(3, FAILED), THROTTLED), FAILED)
    expect(state).toMatchObject({ reason: 'retrying', attempt_count: 5, step: 4 })
    expect(state.next_attempt_at).toBe(NOW + 2 * HOUR)
  })

  it('does not use up the last step either', () => {
    const state = attempted(attemptedTimes(9, FAILED), THROTTLED)
    expect(state).toMatchObject({ status: 'pending', reason: 'throttled', step: 9 })
  })
})

describe('a test delivery', () => {
  const test: DeliveryColumns = { ...newDelivery(LEASE), trigger: 'test' }

  it.each([FAILED, THROTTLED, GONE, BLOCKED])('with the outcome $outcome ($error_class) is not retried', (attempt) => {
    const state = attempted(test, attempt)
    const settled = { status: 'failed', reason: 'test_failed', next_attempt_at: null }
    expect(state).toMatchObject(settled)
    expect(state.attempt_count).toBe(1)
  })

  it('is delivered if its attempt succeeds', () => {
    expect(attempted(test, DELIVERED)).toMatchObject({ status: 'delivered', reason: null })
  })
})

describe('a delivery that was parked while its attempt was under way', () => {
  it('is delivered by that attempt', () => {
    const parked = { ...newDelivery(LEASE), next_attempt_at: null }
    expect(attempted(parked, DELIVERED)).toMatchObject({ status: 'delivered', attempt_count: 1 })
  })
})

describe('a probe', () => {
  const probed = (state: DeliveryColumns) => stateAfterAttempt(state, { ...FAILED, isProbe: true, now: NOW, random: 0 })

  it.each([0, 3, 9])('that fails after %i failures does not use up a step', (failures) => {
    const before = attemptedTimes(failures, FAILED)
    expect(probed(before)).toMatchObject({
      status: 'pending',
      reason: 'retrying',
      attempt_count: failures + 1,
      step: failures,
    })
  })

  it('that is the first attempt is followed by the first delay of the schedule', () => {
    expect(probed(newDelivery(LEASE)).next_attempt_at).toBe(NOW + 5_000)
  })
})

/** A step in a delivery's life: an attempt, or a manual retry after the delivery was settled. */
type Step = { attempt: Verdict; isProbe: boolean; now: number; random: number } | 'reopened'

const attempt: fc.Arbitrary<Verdict> = fc
  .record({
    facts: fc.oneof(
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
    retry_after_ms: fc.option(fc.nat(MAX_RETRY_AFTER_MS)),
  })
  .map(({ facts, retry_after_ms }) => {
    const mayHave = facts.error_class === 'rate_limited' || facts.error_class === 'http_5xx'
    return { ...facts, retry_after_ms: mayHave ? retry_after_ms : null }
  })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      attempt,
      isProbe: fc.constantFrom(false, false, false, true),
      now: fc.integer({ min: NOW, max: NOW + 365 * 24 * HOUR }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.constant('reopened' as const) }
)
const history = fc.record({
  trigger: fc.constantFrom<DeliveryColumns['trigger']>('auto', 'auto', 'auto', 'test'),
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
})

interface Taken {
  before: DeliveryColumns
  step: Exclude<Step, 'reopened'>
  after: DeliveryColumns
  /** Attempts that have used up a step since the schedule started. */
  used: number
}

/** Attempts only pending deliveries and reopens only settled ones, as the statements in the stores do. */
function attemptsOf({ trigger, steps }: { trigger: DeliveryColumns['trigger']; steps: Step[] }) {
  const taken: Taken[] = []
  let state: DeliveryColumns = { ...newDelivery(LEASE), trigger }
  let used = 0
  for (const one of steps) {
    if (one === 'reopened' && state.status !== 'pending') {
      state = {
        ...state,
        ...newDelivery(LEASE),
        attempt_count: state.attempt_count,
        trigger: 'manual',
      }
      used = 0
    }
    if (one === 'reopened' || state.status !== 'pending') continue
    const before = Object.freeze(state)
    state = stateAfterAttempt(before, { ...one.attempt, ...one })
    used += one.attempt.error_class === 'rate_limited' || one.isProbe ? 0 : 1
    taken.push({ before, step: one, after: state, used })
  }
  return taken
}

/** Asserts that something is true after each attempt in any history. */
function assertAlways(holds: (taken: Taken) => boolean): void {
  const property = fc.property(history, (one) => {
    expect(attemptsOf(one).filter((taken) => !holds(taken))).toEqual([])
  })
  fc.assert(property, { numRuns: 500 })
}

/** The states that an attempt can lead to, and what is true in each state. */
const STATES: Record<string, (taken: Taken) => boolean> = {
  'pending, retrying': ({ after, step: { attempt } }) =>
    after.next_attempt_at !== null && attempt.outcome !== 'delivered',
  'pending, throttled': ({ after, step: { attempt } }) =>
    after.next_attempt_at !== null && attempt.error_class === 'rate_limited',
  'delivered, null': ({ step: { attempt } }) => attempt.outcome === 'delivered',
  'failed, gone': ({ step: { attempt } }) => attempt.error_class === 'gone',
  'failed, blocked': ({ step: { attempt } }) => attempt.outcome === 'blocked',
  'failed, schedule_spent': ({ after, used }) => after.step === MAX_STEPS && used === MAX_STEPS,
  'failed, test_failed': ({ before }) => before.trigger === 'test',
}

function nameOf({ after: { status, reason } }: Taken): string {
  return `${status}, ${reason}`
}

describe('after any history of attempts', () => {
  it('a delivery is in a state that the table lists', () => {
    assertAlways((taken) => STATES[nameOf(taken)]?.(taken) === true)
  })

  it('every state of the table has been reached', () => {
    const histories = fc.sample(history, { numRuns: 1_000, seed: 1 })
    const reached = new Set(histories.flatMap(attemptsOf).map(nameOf))
    expect([...reached].sort()).toEqual(Object.keys(STATES).sort())
  })

  it('the attempt count has grown by one', () => {
    assertAlways(({ before, after }) => after.attempt_count === before.attempt_count + 1)
  })

  it('each attempt that counts has used up one step, and at most ten steps are used up', () => {
    assertAlways(({ after, used }) => {
      const most = after.status === 'pending' ? MAX_STEPS - 1 : MAX_STEPS
      return after.step === used && after.step <= most
    })
  })

  it('a pending delivery waits at least as long as Retry-After says', () => {
    assertAlways(({ step: { attempt, now }, after }) => {
      const due = after.status === 'pending' ? (after.next_attempt_at ?? 0) : Infinity
      return due > now && due >= now + (attempt.retry_after_ms ?? 0)
    })
  })

  it('only a pending delivery has a next attempt, and the schedule triggers it', () => {
    assertAlways(
      ({ after: { status, next_attempt_at, trigger } }) =>
        (status === 'pending') === (next_attempt_at !== null) && trigger === 'auto'
    )
  })
})

describe('a receiver that always responds with 429', () => {
  it('is called after its Retry-After of one second ten times, then less and less often', () => {
    const everySecond = { ...THROTTLED, retry_after_ms: 1_000 }
    const wait = (times: number) => (attemptedTimes(times, everySecond).next_attempt_at ?? 0) - NOW
    expect([1, MAX_STEPS].map(wait)).toEqual([1_000, 1_000])
    expect([11, 12, 13, 14].map(wait)).toEqual([MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR])
    expect(wait(40)).toBe(24 * HOUR)
  })

  it('is never called before a longer Retry-After has passed', () => {
    const everySixHours = { ...THROTTLED, retry_after_ms: 6 * HOUR }
    expect(attemptedTimes(11, everySixHours).next_attempt_at).toBe(NOW + 6 * HOUR)
  })
})
