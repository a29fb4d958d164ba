import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DISABLE_AFTER_MS,
  type EndpointHealth,
  HEALTHY,
  type HealthFacts,
  type HealthStep,
  healthAfter,
  isUnstable,
  laneFor,
  NO_OUTAGE,
  newStart,
  SLOW_FOR_MS,
  SLOW_MS,
  STABLE_AFTER_MS,
} from '../../../../src/webhooks/rules/delivering/endpoint-health'
import { AT_ONCE } from '../../../../src/webhooks/rules/delivering/pace'
import { afterClock, OPEN_AFTER } from '../../../../src/webhooks/rules/delivering/waiting'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const SUCCESS: HealthFacts = {
  outcome: 'delivered',
  error_class: null,
  status_code: 200,
  retry_after_ms: null,
  duration_ms: 100,
}
const failure = (facts: Partial<HealthFacts> = {}): HealthFacts => ({
  ...SUCCESS,
  outcome: 'refused',
  error_class: 'http_5xx',
  status_code: 500,
  ...facts,
})
const throttled = (retry_after_ms: number | null) =>
  failure({ error_class: 'rate_limited', status_code: 429, retry_after_ms })

function failedTimes(times: number, from = HEALTHY, now = NOW): EndpointHealth {
  let health = from
  for (let i = 0; i < times; i++) health = healthAfter(health, failure(), now).health
  return health
}

/** The last step when probes fail every hour after the breaker has opened, and all events up to that step. */
function failingFor(ms: number): { step: HealthStep; events: string[] } {
  const events: string[] = []
  let step: HealthStep = { health: failedTimes(5), disable: null, events: [] }
  for (let now = NOW; now <= NOW + ms && !step.disable; now += HOUR) {
    const { after } = afterClock(step.health, AT_ONCE, now, now + 3 * MINUTE)
    step = healthAfter({ ...step.health, ...after }, failure(), now)
    events.push(...step.events.map((event) => JSON.stringify(Object.values(event))))
  }
  return { step, events }
}

describe('an endpoint', () => {
  it.each([
    ['fresh', 'never failed', HEALTHY],
    ['patient', 'failed once', { ...HEALTHY, consecutive_failures: 1 }],
    ['patient', 'is slow for one more millisecond', { ...HEALTHY, slow_until: NOW + 1 }],
    ['fresh', 'was slow until now', { ...HEALTHY, slow_until: NOW }],
    ['patient', 'is failing and was slow', { ...HEALTHY, consecutive_failures: 3, slow_until: NOW - 1 }],
  ])('uses the %s lane when it %s', (lane, _, health) => {
    expect(laneFor(health, NOW)).toBe(lane)
  })
})

describe('a success', () => {
  it.each([
    ['a healthy', HEALTHY],
    ['a slow', { ...HEALTHY, slow_until: NOW + 1_000 }],
  ])('on %s endpoint changes nothing', (_, health) => {
    expect(healthAfter(health, SUCCESS, NOW)).toEqual({ health, disable: null, events: [] })
  })

  it.each([1, 2, 4])('after failure %i in a row resets the health', (times) => {
    const { health, events } = healthAfter(failedTimes(times), SUCCESS, NOW)
    expect(health).toEqual(HEALTHY)
    expect(events).toEqual([])
  })

  it('with an open breaker starts to drain, and the outage goes on until the backlog is through', () => {
    const { health, events } = healthAfter(failedTimes(7), SUCCESS, NOW + HOUR)
    const outage = { outage_since: NOW, outage_failures: 5, stable_at: NOW + HOUR }
    expect(health).toEqual({ ...HEALTHY, breaker: 'draining', resume_at: NOW + HOUR, probes: 0, ...outage })
    expect(isUnstable(health)).toBe(true)
    expect(events).toEqual([])
  })

  it.each([
    [SLOW_MS, 'does not make', null],
    [SLOW_MS + 1, 'makes', NOW + SLOW_FOR_MS],
  ])('that takes %i ms %s the endpoint slow', (duration_ms, _, slow_until) => {
    const { health } = healthAfter(HEALTHY, { ...SUCCESS, duration_ms }, NOW)
    expect(health).toEqual({ ...HEALTHY, slow_until })
  })
})

describe('slowness', () => {
  it('is extended only when half of its time has passed', () => {
    const slow = { ...SUCCESS, duration_ms: 6_000 }
    const { health } = healthAfter(HEALTHY, slow, NOW)
    expect(healthAfter(health, slow, NOW + 4 * MINUTE).health).toEqual(health)
    expect(healthAfter(health, slow, NOW + 5 * MINUTE).health.slow_until).toBe(NOW + 15 * MINUTE)
  })

  it('ends after ten minutes', () => {
    const { health } = healthAfter(HEALTHY, { ...SUCCESS, duration_ms: 6_000 }, NOW)
    expect(laneFor(health, NOW + 10 * MINUTE - 1)).toBe('patient')
    expect(laneFor(health, NOW + 10 * MINUTE)).toBe('fresh')
  })

  it.each([
    ['a timeout', failure({ outcome: 'timed_out', error_class: 'deadline', status_code: null })],
    ['a 502', failure({ status_code: 502 })],
    ['a 504', failure({ status_code: 504 })],
  ])('is also caused by %s', (_, facts) => {
    expect(healthAfter(HEALTHY, facts, NOW).health.slow_until).toBe(NOW + SLOW_FOR_MS)
  })

  it.each([500, 503])('is not caused by a quick %i', (status_code) => {
    expect(healthAfter(HEALTHY, failure({ status_code }), NOW).health.slow_until).toBeNull()
  })
})

describe('a failure', () => {
  it.each([
    ['http_5xx', failure()],
    ['http_4xx', failure({ error_class: 'http_4xx' })],
    ['redirect', failure({ error_class: 'redirect' })],
    ['connection_lost', failure({ outcome: 'unreachable', error_class: 'connection_lost' })],
    ['dns_or_tls', failure({ outcome: 'unreachable', error_class: 'dns_or_tls' })],
    ['origin_unreachable', failure({ outcome: 'unreachable', error_class: 'origin_unreachable' })],
  ])('of class %s is counted, and failing_since keeps the time of the first failure', (_, facts) => {
    const first = healthAfter(HEALTHY, facts, NOW).health
    expect(first).toMatchObject({
      consecutive_failures: 1,
      failing_since: NOW,
      last_failure_at: NOW,
    })
    const second = healthAfter(first, facts, NOW + HOUR).health
    expect(second).toMatchObject({ consecutive_failures: 2, failing_since: NOW })
  })

  it.each([
    ['our own fault', failure({ outcome: 'unreachable', error_class: 'sender_fault' })],
    ['our own URL policy', failure({ outcome: 'blocked', error_class: 'url_scheme' })],
  ])('caused by %s does not count against the endpoint', (_, facts) => {
    const before = [HEALTHY, failedTimes(3)]
    expect(before.map((health) => healthAfter(health, facts, NOW))).toEqual(
      before.map((health) => ({ health, disable: null, events: [] }))
    )
  })

  it('opens the breaker when it is the fifth in a row, and not before', () => {
    expect(OPEN_AFTER).toBe(5)
    expect(failedTimes(4).breaker).toBe('closed')
    expect(failedTimes(5)).toMatchObject({ breaker: 'open', resume_at: NOW + MINUTE, probes: 0 })
  })

  it('that arrives after the breaker opened changes nothing', () => {
    const open = failedTimes(5)
    expect(healthAfter(open, failure(), NOW + 10_000).health).toEqual(open)
  })

  it('with a Retry-After holds the endpoint, and is counted', () => {
    const { health } = healthAfter(HEALTHY, failure({ retry_after_ms: HOUR }), NOW)
    expect(health).toMatchObject({
      consecutive_failures: 1,
      breaker: 'held',
      resume_at: NOW + HOUR,
    })
  })

  it('of class gone disables the endpoint', () => {
    const step = healthAfter(HEALTHY, failure({ error_class: 'gone', status_code: 410 }), NOW)
    expect(step.disable).toBe('gone')
    expect(step.events).toEqual([{ type: 'endpoint.disabled', reason: 'gone' }])
    expect(step.health.resume_at).toBeNull()
  })
})

describe('a 429', () => {
  it('holds the endpoint, and is not a failure', () => {
    const { health } = healthAfter(HEALTHY, throttled(30_000), NOW)
    expect(health).toEqual({
      ...HEALTHY,
      breaker: 'held',
      resume_at: NOW + 30_000,
      probes: 1,
    })
  })

  it('in response to a probe holds the endpoint, and the next failure opens the breaker again', () => {
    const { after } = afterClock(failedTimes(5), AT_ONCE, NOW, NOW + MINUTE)
    const held = healthAfter({ ...failedTimes(5), ...after }, throttled(30_000), NOW).health
    expect(held.breaker).toBe('held')
    const draining = { ...held, ...afterClock(held, AT_ONCE, NOW + 30_000, NOW).after }
    expect(healthAfter(draining, failure(), NOW + 31_000).health.breaker).toBe('open')
  })
})

describe('an endpoint that keeps failing', () => {
  it('is disabled after five days, with warnings at 50 and 90 percent of that time', () => {
    expect(DISABLE_AFTER_MS).toBe(5 * 24 * HOUR)
    const { step, events } = failingFor(6 * 24 * HOUR)
    expect(step.disable).toBe('failing')
    expect(events).toEqual(['["endpoint.failing",50]', '["endpoint.failing",90]', '["endpoint.disabled","failing"]'])
    expect(step.health).toMatchObject({ failing_since: NOW, last_failure_at: NOW + 5 * 24 * HOUR })
  })

  it('is not disabled before five days have passed', () => {
    expect(failingFor(DISABLE_AFTER_MS - HOUR).step.disable).toBeNull()
  })

  it('starts again from zero after a success', () => {
    const { step } = failingFor(3 * 24 * HOUR)
    const back = healthAfter(step.health, SUCCESS, NOW + 3 * 24 * HOUR)
    expect(back.health).toMatchObject({ outage_since: NOW, warnings: 0 })
    expect(failedTimes(1, back.health, NOW + 4 * 24 * HOUR).failing_since).toBe(NOW + 4 * 24 * HOUR)
  })

  it('is never disabled or announced if it is called once a month', () => {
    const month = 30 * 24 * HOUR
    const steps: HealthStep[] = []
    let health = failedTimes(4)
    for (let i = 1; i <= 12; i++) {
      const step = healthAfter(health, failure(), NOW + i * month)
      steps.push(step)
      health = { ...step.health, ...afterClock(step.health, AT_ONCE, NOW + i * month, NOW).after }
    }
    expect(steps.map(({ disable, events }) => ({ disable, events }))).toEqual(
      Array(12).fill({ disable: null, events: [] })
    )
  })
})

describe('a new start', () => {
  const DOWN = { outage_since: NOW - HOUR, outage_failures: 7 }

  it('resets the health and starts to drain parked deliveries', () => {
    const draining = { ...HEALTHY, breaker: 'draining', resume_at: NOW }
    expect(newStart('enabled', failedTimes(3), AT_ONCE, NOW)).toEqual(draining)
    expect(newStart('moved', failedTimes(3), AT_ONCE, NOW)).toEqual(HEALTHY)
    expect(newStart('moved', failedTimes(5), AT_ONCE, NOW)).toEqual({
      ...draining,
      outage_since: NOW,
      outage_failures: OPEN_AFTER,
    })
  })

  it('does not end an outage: the first success does', () => {
    const enabled = newStart('enabled', { ...HEALTHY, ...DOWN }, AT_ONCE, NOW)
    expect(enabled).toMatchObject({ ...DOWN, stable_at: null })
    expect(isUnstable(enabled)).toBe(false)
    expect(isUnstable(healthAfter(enabled, SUCCESS, NOW).health)).toBe(true)
  })
})

describe('an outage', () => {
  const open = failedTimes(OPEN_AFTER)
  const back = healthAfter(open, SUCCESS, NOW + HOUR).health

  it('begins when the breaker opens, with the first failure', () => {
    expect(failedTimes(OPEN_AFTER - 1).outage_since).toBeNull()
    expect(open).toMatchObject({ outage_since: NOW, outage_failures: OPEN_AFTER, stable_at: null })
    expect(healthAfter(HEALTHY, failure({ error_class: 'gone', status_code: 410 }), NOW).health.outage_since).toBe(NOW)
  })

  it('goes on for five minutes after each failure', () => {
    const again = healthAfter(back, failure(), NOW + HOUR + 1).health
    expect(again.stable_at).toBe(NOW + HOUR + 1 + STABLE_AFTER_MS)
    expect(healthAfter(again, SUCCESS, NOW + HOUR + 2).health.stable_at).toBe(again.stable_at)
  })

  it('is continued by a breaker that opens again', () => {
    const again = failedTimes(OPEN_AFTER, back, NOW + HOUR + 1)
    expect(again).toMatchObject({ breaker: 'open', outage_since: NOW, stable_at: null })
    expect(isUnstable(again)).toBe(false)
  })

  it('of an endpoint that gets calls ends with a successful call, because it covers all that waits', () => {
    const step = healthAfter({ ...open, breaker: 'probing' }, SUCCESS, NOW + HOUR, { kind: 'every', minutes: 5 })
    expect(step.events).toEqual([{ type: 'endpoint.recovered' }])
    expect(step.health).toMatchObject({ breaker: 'held', outage_since: null, outage_failures: 0, stable_at: null })
  })
})

const facts = fc.oneof(
  { weight: 3, arbitrary: fc.constant(SUCCESS) },
  { weight: 8, arbitrary: fc.constant(failure()) },
  {
    weight: 2,
    arbitrary: fc.nat(24 * HOUR).map((retry_after_ms) => failure({ retry_after_ms, status_code: 503 })),
  },
  { weight: 2, arbitrary: fc.option(fc.nat(24 * HOUR)).map(throttled) },
  { weight: 1, arbitrary: fc.constant(failure({ outcome: 'blocked', error_class: 'url_port' })) }
)
/** Attempts, with the pause before each attempt. */
const history = fc.array(fc.record({ facts, pause: fc.oneof(fc.nat(MINUTE), fc.nat(24 * HOUR)) }), {
  maxLength: 80,
  size: 'max',
})

interface Taken {
  before: EndpointHealth
  facts: HealthFacts
  now: number
  step: HealthStep
}

/** Ends when the endpoint is disabled. */
function stepsOf(attempts: { facts: HealthFacts; pause: number }[]): Taken[] {
  const taken: Taken[] = []
  let now = NOW
  let health = HEALTHY
  for (const { facts, pause } of attempts) {
    now += pause
    const { resume_at } = health
    if (resume_at !== null && resume_at <= now) {
      const isOver = health.breaker === 'closed'
      const { after } = afterClock(health, AT_ONCE, now, now + 3 * MINUTE)
      health = isOver ? { ...health, ...NO_OUTAGE, resume_at: null } : { ...health, ...after }
    }
    const step = healthAfter(health, facts, now)
    taken.push({ before: health, facts, now, step })
    if (step.disable) break
    health = step.health
  }
  return taken
}

/** Asserts that something is true after each attempt in any history. */
function assertAlways(holds: (taken: Taken) => boolean): void {
  const property = fc.property(history, (attempts) => {
    expect(stepsOf(attempts).filter((taken) => !holds(taken))).toEqual([])
  })
  fc.assert(property, { numRuns: 500 })
}

describe('after any history of attempts', () => {
  it('the clock acts on an endpoint exactly while it waits for something, or its outage has to end', () => {
    assertAlways(({ step: { health } }) =>
      health.breaker === 'closed' ? health.resume_at === health.stable_at : health.resume_at !== null
    )
  })

  it('the breaker is open or probing only after five failures in a row', () => {
    const few = ['closed', 'held', 'draining']
    const many = ['open', 'held', 'draining', 'probing']
    assertAlways(({ step: { health, disable } }) => {
      const allowed = health.consecutive_failures < OPEN_AFTER ? few : many
      return disable !== null || allowed.includes(health.breaker)
    })
  })

  it('failing_since is set exactly while failures are counted', () => {
    assertAlways(({ step: { health } }) => (health.failing_since === null) === (health.consecutive_failures === 0))
  })

  it('no receiver is called before its Retry-After has passed', () => {
    assertAlways(({ facts, now, step }) => {
      if (!facts.retry_after_ms || step.disable) return true
      return (step.health.resume_at ?? 0) >= now + facts.retry_after_ms
    })
  })

  it('a wait is never shortened, except by a success that ends an outage', () => {
    assertAlways(({ before, facts, step }) => {
      const isWaiting = before.breaker === 'held' || before.breaker === 'open'
      const hasRecovered = facts.outcome === 'delivered' && before.breaker === 'open'
      if (!isWaiting || hasRecovered || step.disable) return true
      return (step.health.resume_at ?? 0) >= (before.resume_at ?? 0)
    })
  })

  it('a success resets the health, and only a success is announced as a recovery', () => {
    assertAlways(({ facts, step: { health, events } }) => {
      const { consecutive_failures, warnings, probes } = health
      const isReset = consecutive_failures === 0 && warnings === 0 && probes === 0
      const isRecovery = events.some(({ type }) => type === 'endpoint.recovered')
      return facts.outcome === 'delivered' ? isReset : !isRecovery
    })
  })
})
