import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Breaker, OPEN_AFTER, wake } from '../../../src/core/delivering/breaker'
import {
  afterAttempt,
  DISABLE_AFTER_MS,
  type EndpointHealth,
  enabled,
  HEALTHY,
  type HealthFacts,
  type HealthStep,
  laneFor,
  SLOW_FOR_MS,
  SLOW_MS,
} from '../../../src/core/delivering/endpoint-health'

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
const throttled = (retryAfterMs: number | null) =>
  failure({ error_class: 'rate_limited', status_code: 429, retry_after_ms: retryAfterMs })

function failedTimes(times: number, from = HEALTHY, now = NOW): EndpointHealth {
  let health = from
  for (let i = 0; i < times; i++) health = afterAttempt(health, failure(), now).health
  return health
}

/** Hourly probes in vain, from the opening on: as the sweep makes them. */
function failingFor(ms: number): { step: HealthStep; events: string[] } {
  const events: string[] = []
  let step: HealthStep = { health: failedTimes(5), disable: null, events: [] }
  for (let now = NOW; now <= NOW + ms && !step.disable; now += HOUR) {
    const { breaker } = wake(step.health.breaker, now, now + 3 * MINUTE)
    step = afterAttempt({ ...step.health, breaker }, failure(), now)
    events.push(...step.events.map((event) => JSON.stringify(Object.values(event))))
  }
  return { step, events }
}

describe('an endpoint is sent to', () => {
  it.each([
    ['fresh', 'never failed', HEALTHY],
    ['patient', 'failed once', { ...HEALTHY, consecutive_failures: 1 }],
    ['patient', 'is slow for another moment', { ...HEALTHY, slow_until: NOW + 1 }],
    ['fresh', 'was slow until now', { ...HEALTHY, slow_until: NOW }],
    ['patient', 'fails and was slow', { ...HEALTHY, consecutive_failures: 3, slow_until: NOW - 1 }],
  ])('on the %s lane when it %s', (lane, _, health) => {
    expect(laneFor(health, NOW)).toBe(lane)
  })
})

describe('a success', () => {
  it.each([
    ['a healthy', HEALTHY],
    ['a slow', { ...HEALTHY, slow_until: NOW + 1_000 }],
  ])('after a success changes nothing about %s endpoint', (_, health) => {
    expect(afterAttempt(health, SUCCESS, NOW)).toEqual({ health, disable: null, events: [] })
  })

  it.each([1, 2, 4])('after %i failures forgets them', (times) => {
    const { health, events } = afterAttempt(failedTimes(times), SUCCESS, NOW)
    expect(health).toEqual(HEALTHY)
    expect(events).toEqual([])
  })

  it('of one whose breaker was open lets go what was parked, and is told', () => {
    const { health, events } = afterAttempt(failedTimes(7), SUCCESS, NOW + HOUR)
    expect(health).toEqual({
      ...HEALTHY,
      breaker: { state: 'draining', resume_at: NOW + HOUR, probes: 0 },
    })
    expect(events).toEqual([{ type: 'endpoint.recovered' }])
  })

  it.each([
    [SLOW_MS, null],
    [SLOW_MS + 1, NOW + SLOW_FOR_MS],
  ])('of %i ms is slow from 5 s on', (durationMs, slowUntil) => {
    const { health } = afterAttempt(HEALTHY, { ...SUCCESS, duration_ms: durationMs }, NOW)
    expect(health).toEqual({ ...HEALTHY, slow_until: slowUntil })
  })
})

describe('slowness', () => {
  it('is written again only when half of its time is over', () => {
    const slow = { ...SUCCESS, duration_ms: 6_000 }
    const { health } = afterAttempt(HEALTHY, slow, NOW)
    expect(afterAttempt(health, slow, NOW + 4 * MINUTE).health).toEqual(health)
    expect(afterAttempt(health, slow, NOW + 5 * MINUTE).health.slow_until).toBe(NOW + 15 * MINUTE)
  })

  it('ends after ten minutes', () => {
    const { health } = afterAttempt(HEALTHY, { ...SUCCESS, duration_ms: 6_000 }, NOW)
    expect(laneFor(health, NOW + 10 * MINUTE - 1)).toBe('patient')
    expect(laneFor(health, NOW + 10 * MINUTE)).toBe('fresh')
  })

  it.each([
    ['a deadline', failure({ outcome: 'timed_out', error_class: 'deadline', status_code: null })],
    ['a 502', failure({ status_code: 502 })],
    ['a 504', failure({ status_code: 504 })],
  ])('is what %s says too', (_, facts) => {
    expect(afterAttempt(HEALTHY, facts, NOW).health.slow_until).toBe(NOW + SLOW_FOR_MS)
  })

  it.each([500, 503])('is not what a quick %i says', (statusCode) => {
    expect(
      afterAttempt(HEALTHY, failure({ status_code: statusCode }), NOW).health.slow_until
    ).toBeNull()
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
  ])('of class %s is counted; the clock starts with the first', (_, facts) => {
    const first = afterAttempt(HEALTHY, facts, NOW).health
    expect(first).toMatchObject({
      consecutive_failures: 1,
      failing_since: NOW,
      last_failure_at: NOW,
    })
    const second = afterAttempt(first, facts, NOW + HOUR).health
    expect(second).toMatchObject({ consecutive_failures: 2, failing_since: NOW })
  })

  it.each([
    ['a fault of ours', failure({ outcome: 'unreachable', error_class: 'sender_fault' })],
    ['our own policy', failure({ outcome: 'blocked', error_class: 'url_scheme' })],
  ])('that is %s is none of the endpoint', (_, facts) => {
    for (const health of [HEALTHY, failedTimes(3)])
      expect(afterAttempt(health, facts, NOW)).toEqual({ health, disable: null, events: [] })
  })

  it('opens the breaker the fifth time, and not before', () => {
    expect(OPEN_AFTER).toBe(5)
    expect(failedTimes(4).breaker.state).toBe('closed')
    expect(failedTimes(5).breaker).toEqual({ state: 'open', resume_at: NOW + MINUTE, probes: 0 })
  })

  it('that comes late, when the breaker is open, changes nothing', () => {
    const open = failedTimes(5)
    expect(afterAttempt(open, failure(), NOW + 10_000).health).toEqual(open)
  })

  it('with a hint holds the endpoint, and is counted too', () => {
    const { health } = afterAttempt(HEALTHY, failure({ retry_after_ms: HOUR }), NOW)
    expect(health).toMatchObject({
      consecutive_failures: 1,
      breaker: { state: 'held', resume_at: NOW + HOUR },
    })
  })

  it('of class gone disables the endpoint', () => {
    const step = afterAttempt(HEALTHY, failure({ error_class: 'gone', status_code: 410 }), NOW)
    expect(step.disable).toBe('gone')
    expect(step.events).toEqual([{ type: 'endpoint.disabled', reason: 'gone' }])
    expect(step.health.breaker.resume_at).toBeNull()
  })
})

describe('a 429', () => {
  it('holds the endpoint, and is no failure', () => {
    const { health } = afterAttempt(HEALTHY, throttled(30_000), NOW)
    expect(health).toEqual({
      ...HEALTHY,
      breaker: { state: 'held', resume_at: NOW + 30_000, probes: 1 },
    })
  })

  it('in answer to a probe ends the outage only when the time is over, and the next failure opens again', () => {
    const { breaker } = wake(failedTimes(5).breaker, NOW, NOW + MINUTE)
    const held = afterAttempt({ ...failedTimes(5), breaker }, throttled(30_000), NOW).health
    expect(held.breaker.state).toBe('held')
    const draining = { ...held, breaker: wake(held.breaker, NOW + 30_000, NOW).breaker }
    expect(afterAttempt(draining, failure(), NOW + 31_000).health.breaker.state).toBe('open')
  })
})

describe('failing without one success', () => {
  it('for five days disables the endpoint, after warnings at half and nine tenths of that', () => {
    expect(DISABLE_AFTER_MS).toBe(5 * 24 * HOUR)
    const { step, events } = failingFor(6 * 24 * HOUR)
    expect(step.disable).toBe('failing')
    expect(events).toEqual([
      '["endpoint.failing",50]',
      '["endpoint.failing",90]',
      '["endpoint.disabled","failing"]',
    ])
    expect(step.health).toMatchObject({ failing_since: NOW, last_failure_at: NOW + 5 * 24 * HOUR })
  })

  it('for a little less does not', () => {
    expect(failingFor(DISABLE_AFTER_MS - HOUR).step.disable).toBeNull()
  })

  it('begins anew with a success', () => {
    const { step } = failingFor(3 * 24 * HOUR)
    const back = afterAttempt(step.health, SUCCESS, NOW + 3 * 24 * HOUR)
    expect(back.events).toEqual([{ type: 'endpoint.recovered' }])
    expect(failedTimes(1, back.health, NOW + 4 * 24 * HOUR).failing_since).toBe(NOW + 4 * 24 * HOUR)
  })

  it('is no time of failing while nobody asks: an idle endpoint is never disabled', () => {
    let health = failedTimes(4)
    const month = 30 * 24 * HOUR
    for (let i = 1; i <= 12; i++) {
      const step = afterAttempt(health, failure(), NOW + i * month)
      expect(step.disable).toBeNull()
      expect(step.events).toEqual([])
      const { breaker } = wake(step.health.breaker, NOW + i * month, NOW)
      health = { ...step.health, breaker }
    }
  })
})

describe('enabling', () => {
  it('is a new start in which what was parked goes first', () => {
    expect(enabled('manual', NOW)).toEqual({
      ...HEALTHY,
      breaker: { state: 'draining', resume_at: NOW, probes: 0 },
    })
  })

  it.each(['gone', 'failing'])('after %s lets the first success be told', (reason) => {
    const { health, events } = afterAttempt(enabled(reason, NOW), SUCCESS, NOW)
    expect(events).toEqual([{ type: 'endpoint.recovered' }])
    expect(afterAttempt(health, SUCCESS, NOW).events).toEqual([])
  })
})

/** The model: what a person who watches the attempts alone would say. */
const facts = fc.oneof(
  { weight: 3, arbitrary: fc.constant(SUCCESS) },
  { weight: 8, arbitrary: fc.constant(failure()) },
  {
    weight: 2,
    arbitrary: fc
      .nat(24 * HOUR)
      .map((retryAfterMs) => failure({ retry_after_ms: retryAfterMs, status_code: 503 })),
  },
  { weight: 2, arbitrary: fc.option(fc.nat(24 * HOUR)).map(throttled) },
  { weight: 1, arbitrary: fc.constant(failure({ outcome: 'blocked', error_class: 'url_port' })) }
)
const history = fc.array(fc.record({ facts, pause: fc.oneof(fc.nat(MINUTE), fc.nat(24 * HOUR)) }), {
  maxLength: 80,
  size: 'max',
})

interface Seen {
  before: EndpointHealth
  facts: HealthFacts
  now: number
  step: HealthStep
}

function watch(events: { facts: HealthFacts; pause: number }[], check: (seen: Seen) => void) {
  let now = NOW
  let health = HEALTHY
  for (const event of events) {
    now += event.pause
    const { resume_at: resumeAt } = health.breaker
    if (resumeAt !== null && resumeAt <= now)
      health = { ...health, breaker: wake(health.breaker, now, now + 3 * MINUTE).breaker }
    const step = afterAttempt(health, event.facts, now)
    check({ before: health, facts: event.facts, now, step })
    if (step.disable) return
    health = step.health
  }
}

function always(check: (seen: Seen) => void): void {
  fc.assert(
    fc.property(history, (events) => watch(events, check)),
    { numRuns: 500 }
  )
}

describe('whatever receivers answer', () => {
  it('a closed breaker has nothing to wait for, and any other has', () => {
    always(({ step }) => {
      const { state, resume_at: resumeAt }: Breaker = step.health.breaker
      expect(resumeAt === null).toBe(state === 'closed')
    })
  })

  it('a breaker is open exactly when there were five failures since the last success, unless it waits or drains', () => {
    always(({ step: { health, disable } }) => {
      if (disable) return
      if (health.consecutive_failures < OPEN_AFTER)
        expect(['closed', 'held', 'draining']).toContain(health.breaker.state)
      else expect(['open', 'held', 'draining', 'probing']).toContain(health.breaker.state)
    })
  })

  it('the clock of failing runs exactly while failures are counted', () => {
    always(({ step: { health } }) => {
      expect(health.failing_since === null).toBe(health.consecutive_failures === 0)
    })
  })

  it('nobody is asked earlier than they wanted', () => {
    always(({ facts, now, step }) => {
      if (!facts.retry_after_ms || step.disable) return
      expect(step.health.breaker.resume_at).toBeGreaterThanOrEqual(now + facts.retry_after_ms)
    })
  })

  it('waiting is never shortened, but by a success that ends an outage', () => {
    always(({ before, facts, step }) => {
      const { state, resume_at: resumeAt } = before.breaker
      if (state !== 'held' && state !== 'open') return
      if (facts.outcome === 'delivered' && state === 'open') return
      if (step.disable) return
      expect(step.health.breaker.resume_at).toBeGreaterThanOrEqual(resumeAt ?? 0)
    })
  })

  it('a recovery is told only of what was failing, and a success leaves nothing to tell', () => {
    always(({ facts, step }) => {
      if (facts.outcome === 'delivered') {
        expect(step.health).toMatchObject({ consecutive_failures: 0, warnings: 0 })
        expect(step.health.breaker.probes).toBe(0)
      } else expect(step.events).not.toContainEqual({ type: 'endpoint.recovered' })
    })
  })
})
