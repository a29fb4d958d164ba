import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayPass } from '../../../../src/webhooks/rules/delivering/breaker'
import {
  type EndpointHealth,
  HEALTHY,
  type HealthFacts,
  type Learned,
  learn,
  learnNothing,
  merge,
} from '../../../../src/webhooks/rules/delivering/endpoint-health'
import { AT_ONCE } from '../../../../src/webhooks/rules/delivering/pace'
import { afterClock, OPEN_AFTER } from '../../../../src/webhooks/rules/delivering/waiting'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const SUCCESS: HealthFacts = {
  outcome: 'delivered',
  error_class: null,
  status_code: 200,
  retry_after_ms: null,
  duration_ms: 100,
}
const FAILURE: HealthFacts = { ...SUCCESS, outcome: 'timed_out', error_class: null, status_code: null }
const FACTS = { failure: FAILURE, success: SUCCESS }

interface Order {
  revision: number
  learned: Learned
}

/**
 * The row of an endpoint, and the work orders that have read it. Every write is as in
 * webhooks/endpoints/health.ts.
 */
class Endpoint {
  row: EndpointHealth = HEALTHY
  revision = 0
  now = NOW
  sent = 0
  readonly orders: Order[] = []

  /** An order reads the row, and sends if it may. */
  begin(): void {
    if (!mayPass(this.row.breaker, undefined)) return
    this.sent += 1
    this.orders.push({ revision: this.revision, learned: learnNothing(this.row) })
  }

  /** The attempt of one of the orders ends. */
  end(at: number, facts: HealthFacts): boolean {
    const [order] = this.orders.splice(at % Math.max(this.orders.length, 1), 1)
    if (!order) return false
    this.now += 10
    const { learned } = learn(order.learned, facts, this.now)
    const next = order.revision === this.revision ? learned.health : merge(this.row, learned, this.now)
    if (JSON.stringify(next) !== JSON.stringify(this.row)) this.revision += 1
    this.row = next
    return true
  }
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'begin' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(50), result: fc.boolean() }) }
)

describe('attempts that overlap', () => {
  it('open the breaker after five failures in a row, and not before', () => {
    const run = (steps: (typeof step extends fc.Arbitrary<infer S> ? S : never)[]) => {
      const endpoint = new Endpoint()
      let inARow = 0
      for (const one of steps) {
        if (endpoint.row.breaker !== 'closed') break
        if (one.kind === 'begin') endpoint.begin()
        else if (endpoint.end(one.at, one.result ? SUCCESS : FAILURE)) inARow = one.result ? 0 : inARow + 1
        expect(endpoint.row.breaker).toBe(inARow >= OPEN_AFTER ? 'open' : 'closed')
        expect(endpoint.row.consecutive_failures).toBe(inARow)
      }
    }
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), run), { numRuns: 500 })
  })

  it('of a receiver that never answers: no more is sent than was under way', () => {
    fc.assert(
      fc.property(fc.integer({ min: OPEN_AFTER, max: 80 }), fc.array(fc.nat(1_000)), (underWay, ends) => {
        const endpoint = new Endpoint()
        for (let i = 0; i < underWay; i++) endpoint.begin()
        for (let i = 0; endpoint.orders.length > 0; i++) {
          endpoint.end(ends[i] ?? 0, FAILURE)
          if (i >= OPEN_AFTER - 1) endpoint.begin()
        }
        expect(endpoint.row).toMatchObject({ breaker: 'open', consecutive_failures: OPEN_AFTER })
        expect(endpoint.sent).toBe(underWay)
      })
    )
  })

  it.each(['failure', 'success'] as const)('do not take the result from a probe (a late %s)', (kind) => {
    const endpoint = new Endpoint()
    for (let i = 0; i < 10; i++) endpoint.begin()
    for (let i = 0; i < OPEN_AFTER; i++) endpoint.end(0, FAILURE)
    endpoint.row = { ...endpoint.row, ...afterClock(endpoint.row, AT_ONCE, endpoint.now, endpoint.now + 60_000).after }
    const before = endpoint.row
    endpoint.revision += 1
    endpoint.end(0, FACTS[kind])
    expect(endpoint.row).toEqual(before)
    endpoint.orders.unshift({ revision: endpoint.revision, learned: learnNothing(endpoint.row) })
    endpoint.end(0, SUCCESS)
    expect(endpoint.row.breaker).toBe('draining')
  })

  it('keep the longest Retry-After, whichever is written last', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 86_400 }), { minLength: 1, maxLength: 20 }), (hints) => {
        const endpoint = new Endpoint()
        for (const _ of hints) endpoint.begin()
        const ends = hints.map((seconds) => {
          const facts = {
            ...FAILURE,
            error_class: 'rate_limited' as const,
            status_code: 429,
            retry_after_ms: seconds * 1_000,
          }
          endpoint.end(0, facts)
          return endpoint.now + seconds * 1_000
        })
        expect(endpoint.row).toMatchObject({ breaker: 'held', resume_at: Math.max(...ends) })
      })
    )
  })

  it('disable an endpoint that is gone, whatever else is known', () => {
    const endpoint = new Endpoint()
    for (let i = 0; i < 3; i++) endpoint.begin()
    endpoint.end(0, FAILURE)
    const gone = learn(learnNothing(HEALTHY), { ...FAILURE, error_class: 'gone', status_code: 410 }, NOW).learned
    expect([gone.disable, merge(endpoint.row, gone, NOW).breaker]).toEqual(['gone', 'closed'])
  })
})
