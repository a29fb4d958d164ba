import { describe, expect, it } from 'vitest'
import {
  type EndpointHealth,
  type HealthFacts,
  healthChange,
  laneFor,
  SLOW_FOR_MS,
  SLOW_MS,
} from '../../src/core/endpoint-health'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const HEALTHY: EndpointHealth = { consecutiveFailures: 0, slowUntil: null }
const FAILING: EndpointHealth = { ...HEALTHY, consecutiveFailures: 3 }
const SLOW: EndpointHealth = { ...HEALTHY, slowUntil: NOW + 1_000 }

const SUCCESS: HealthFacts = { outcome: 'delivered', errorClass: null, durationMs: 100 }
const failure = (facts: Partial<HealthFacts>): HealthFacts => ({
  outcome: 'refused',
  errorClass: 'http_5xx',
  durationMs: 100,
  ...facts,
})

describe('an endpoint is sent to', () => {
  it.each([
    ['fresh', 'never failed', HEALTHY],
    ['patient', 'failed once', { ...HEALTHY, consecutiveFailures: 1 }],
    ['patient', 'failed often', FAILING],
    ['patient', 'is slow for another moment', { ...HEALTHY, slowUntil: NOW + 1 }],
    ['fresh', 'was slow until now', { ...HEALTHY, slowUntil: NOW }],
    ['fresh', 'was slow a while ago', { ...HEALTHY, slowUntil: NOW - 1 }],
    ['patient', 'fails and was slow', { ...FAILING, slowUntil: NOW - 1 }],
    ['patient', 'is both failing and slow', { ...FAILING, slowUntil: NOW + 1 }],
  ])('on the %s lane when it %s', (lane, _, health) => {
    expect(laneFor(health, NOW)).toBe(lane)
  })
})

describe('a success', () => {
  it.each([
    ['a healthy', HEALTHY],
    ['a slow', SLOW],
  ])('after a success changes nothing about %s endpoint', (_, health) => {
    expect(healthChange(health, SUCCESS, NOW)).toBeNull()
  })

  it.each([1, 2, 50])('after %i failures sets their count back', (consecutiveFailures) => {
    const change = healthChange({ ...FAILING, consecutiveFailures }, SUCCESS, NOW)
    expect(change).toEqual({ failures: 'reset', slowUntil: null, disable: null })
  })

  it.each([
    [SLOW_MS - 1, null],
    [SLOW_MS, null],
    [SLOW_MS + 1, { failures: 'keep', slowUntil: NOW + SLOW_FOR_MS, disable: null }],
  ])('of %i ms is slow from 5 s on', (durationMs, expected) => {
    expect(SLOW_MS).toBe(5_000)
    expect(healthChange(HEALTHY, { ...SUCCESS, durationMs }, NOW)).toEqual(expected)
  })

  it('that is slow after failures does both', () => {
    const change = healthChange(FAILING, { ...SUCCESS, durationMs: 9_000 }, NOW)
    expect(change).toEqual({ failures: 'reset', slowUntil: NOW + SLOW_FOR_MS, disable: null })
  })
})

describe('a failure', () => {
  it.each([
    ['http_5xx', failure({})],
    ['http_4xx', failure({ errorClass: 'http_4xx' })],
    ['redirect', failure({ errorClass: 'redirect' })],
    ['connection_lost', failure({ outcome: 'unreachable', errorClass: 'connection_lost' })],
    ['dns_or_tls', failure({ outcome: 'unreachable', errorClass: 'dns_or_tls' })],
    ['origin_unreachable', failure({ outcome: 'unreachable', errorClass: 'origin_unreachable' })],
  ])('of class %s is counted, the first as well as the next', (_, facts) => {
    const added = { failures: 'add', slowUntil: null, disable: null }
    expect(healthChange(HEALTHY, facts, NOW)).toEqual(added)
    expect(healthChange(FAILING, facts, NOW)).toEqual(added)
  })

  it('that took until the deadline is slow as well', () => {
    const facts = failure({ outcome: 'timed_out', errorClass: 'deadline', durationMs: 0 })
    const change = healthChange(HEALTHY, facts, NOW)
    expect(change).toEqual({ failures: 'add', slowUntil: NOW + SLOW_FOR_MS, disable: null })
  })

  it('that took long is slow as well', () => {
    const change = healthChange(HEALTHY, failure({ durationMs: 6_000 }), NOW)
    expect(change).toEqual({ failures: 'add', slowUntil: NOW + SLOW_FOR_MS, disable: null })
  })

  it('of class gone disables the endpoint', () => {
    const change = healthChange(HEALTHY, failure({ errorClass: 'gone' }), NOW)
    expect(change).toEqual({ failures: 'add', slowUntil: null, disable: 'gone' })
  })

  it.each([
    ['being told to slow down', failure({ errorClass: 'rate_limited' })],
    ['a fault of ours', failure({ outcome: 'unreachable', errorClass: 'sender_fault' })],
    ['our own policy', failure({ outcome: 'blocked', errorClass: 'url_scheme' })],
  ])('that is %s is none of the endpoint', (_, facts) => {
    expect(healthChange(HEALTHY, facts, NOW)).toBeNull()
    expect(healthChange(FAILING, facts, NOW)).toBeNull()
  })

  it('that is a slow 429 makes it slow, not failing', () => {
    const facts = failure({ errorClass: 'rate_limited', durationMs: 6_000 })
    const change = healthChange(FAILING, facts, NOW)
    expect(change).toEqual({ failures: 'keep', slowUntil: NOW + SLOW_FOR_MS, disable: null })
  })
})

it('an endpoint that was slow is sent to on the fresh lane again after ten minutes', () => {
  const change = healthChange(HEALTHY, { ...SUCCESS, durationMs: 6_000 }, NOW)
  const health = { ...HEALTHY, slowUntil: change?.slowUntil ?? null }
  expect(laneFor(health, NOW)).toBe('patient')
  expect(laneFor(health, NOW + 10 * 60_000 - 1)).toBe('patient')
  expect(laneFor(health, NOW + 10 * 60_000)).toBe('fresh')
})
