import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstIdAt, newId, timeOfId } from '../../../../src/kit/lib/ids'
import { HOUR_MS } from '../../../../src/kit/lib/time'
import { CHART_HEIGHT, stackBars, sum } from '../../../../src/owner/rules/stats/chart'
import {
  type AttemptFigures,
  addFigures,
  countAttempts,
  type Figures,
  freePlaces,
  isEmpty,
  isFull,
  MAX_ENDPOINTS_CHARTED,
  noAttempts,
  noFigures,
  OTHERS,
  sumFigures,
  totalAttempts,
} from '../../../../src/owner/rules/stats/figures'
import { LATENCY_BOUNDS_MS, noLatency, percentile } from '../../../../src/owner/rules/stats/latency'
import { histogram, toOpenMetrics } from '../../../../src/owner/rules/stats/openmetrics'
import {
  type CountingProgress,
  isBehind,
  isTurnToCount,
  keptSpans,
  LAG_MS,
  nextStep,
  periodsOf,
  RANGE_NAMES,
  STEP_MS,
  startOf,
} from '../../../../src/owner/rules/stats/periods'
import { LATE_MS, lateAt } from '../../../../src/webhooks/rules/delivering/late-attempts'
import { OUTCOMES } from '../../../../src/webhooks/rules/delivering/outcome'
import { DEADLINE_MS } from '../../../../src/webhooks/send/http/call'

const count = fc.nat(1_000)
const counts = <K extends string>(names: readonly K[]) =>
  fc
    .tuple(...names.map(() => count))
    .map((list) => Object.fromEntries(names.map((name, i) => [name, list[i] ?? 0])) as Record<K, number>)
const attempts: fc.Arbitrary<AttemptFigures> = fc.record({
  outcomes: counts(OUTCOMES),
  latency: fc.array(count, { minLength: noLatency().length, maxLength: noLatency().length }),
  duration_ms: count,
})
const figures: fc.Arbitrary<Figures> = fc.record({
  entries: counts(['published', 'held', 'hidden', 'spam'] as const),
  inbound: counts(['processed', 'failed', 'new'] as const),
  endpoints: fc.dictionary(fc.constantFrom('ep_a', 'ep_b', 'ep_c', OTHERS), attempts),
})

describe('figures', () => {
  it('of two periods can be added in any order and in any groups', () => {
    fc.assert(
      fc.property(figures, figures, figures, (a, b, c) => {
        expect(addFigures(a, b)).toEqual(addFigures(b, a))
        expect(addFigures(addFigures(a, b), c)).toEqual(addFigures(a, addFigures(b, c)))
        expect(addFigures(a, noFigures())).toEqual(a)
      })
    )
  })

  it('keep the total of all attempts when there are more endpoints than places', () => {
    fc.assert(
      fc.property(fc.array(attempts, { minLength: 1, maxLength: MAX_ENDPOINTS_CHARTED * 2 }), (list) => {
        const endpoints = Object.fromEntries(list.map((one, i) => [`ep_${i}`, one]))
        const added = addFigures(noFigures(), { ...noFigures(), endpoints })
        expect(Object.keys(added.endpoints).length).toBeLessThanOrEqual(MAX_ENDPOINTS_CHARTED + 1)
        expect(totalAttempts(added)).toEqual(totalAttempts({ endpoints }))
      })
    )
  })

  it('of a range are the sum of its periods, whatever their order, and change none of them', () => {
    fc.assert(
      fc.property(fc.array(figures, { maxLength: 6 }), (periods) => {
        const copy = structuredClone(periods)
        const sum = sumFigures(periods)
        expect(periods).toEqual(copy)
        expect(sum).toEqual(periods.reduce(addFigures, noFigures()))
        expect(sumFigures(periods.toReversed())).toEqual(sum)
      })
    )
  })

  it('of a range show its busiest endpoints, even if others came first', () => {
    const old = Object.fromEntries(Array.from({ length: MAX_ENDPOINTS_CHARTED }, (_, i) => [`ep_${i}`, made(1)]))
    const periods = [old, { ep_new: made(3) }, { ep_new: made(3) }].map((endpoints) => ({ ...noFigures(), endpoints }))
    const { endpoints } = sumFigures(periods)
    expect(endpoints.ep_new).toEqual(made(6))
    expect(endpoints[OTHERS]).toEqual(made(1))
    expect(Object.keys(endpoints)).toHaveLength(MAX_ENDPOINTS_CHARTED + 1)
  })

  it('give the places of deleted endpoints to new ones, and never lower a counter of the others', () => {
    const old = Object.fromEntries(Array.from({ length: MAX_ENDPOINTS_CHARTED }, (_, i) => [`ep_${i}`, made(2)]))
    const full = { ...noFigures(), endpoints: { ...old, [OTHERS]: made(5) } }
    expect(isFull(full)).toBe(true)
    const freed = freePlaces(full, ['ep_0', 'ep_1'])
    expect(isFull(freed)).toBe(false)
    expect(freed.endpoints[OTHERS]).toEqual(made(9))
    expect(totalAttempts(freed)).toEqual(totalAttempts(full))
    expect(addFigures(freed, { ...noFigures(), endpoints: { ep_new: made(1) } }).endpoints.ep_new).toEqual(made(1))
    expect(full.endpoints[OTHERS]).toEqual(made(5))
  })

  it('are empty only if nothing happened', () => {
    expect(isEmpty(noFigures())).toBe(true)
    expect(isEmpty({ ...noFigures(), endpoints: { ep_a: noAttempts() } })).toBe(false)
    expect(isEmpty({ ...noFigures(), inbound: { processed: 0, failed: 1, new: 0 } })).toBe(false)
    expect(countAttempts(noAttempts())).toBe(0)
  })
})

function made(delivered: number): AttemptFigures {
  return { ...noAttempts(), outcomes: { ...noAttempts().outcomes, delivered } }
}

/** @returns in which bucket an attempt belongs */
function bucketOf(duration_ms: number): number {
  const at = LATENCY_BOUNDS_MS.findIndex((bound) => duration_ms <= bound)
  return at < 0 ? LATENCY_BOUNDS_MS.length : at
}

describe('a percentile', () => {
  it('lies in the bucket of the attempt that has this rank', () => {
    const durations = fc.array(fc.integer({ min: 1, max: 15_000 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95, 1), (list, share) => {
        const latency = noLatency()
        for (const ms of list) latency[bucketOf(ms)] = (latency[bucketOf(ms)] ?? 0) + 1
        const exact = list.toSorted((a, b) => a - b)[Math.ceil(list.length * share) - 1] ?? 0
        const estimate = percentile(latency, share) ?? 0
        const lower = LATENCY_BOUNDS_MS[bucketOf(exact) - 1] ?? 0
        expect(estimate).toBeGreaterThanOrEqual(lower)
        expect(estimate).toBeLessThanOrEqual(LATENCY_BOUNDS_MS[bucketOf(exact)] ?? 0)
      })
    )
  })

  it('does not exist without attempts, and of attempts that were slower than all bounds is the highest bound', () => {
    expect(percentile(noLatency(), 0.5)).toBeNull()
    const slow = noLatency().with(-1, 3)
    expect(percentile(slow, 0.5)).toBe(15_000)
  })
})

const time = fc.integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 })

describe('steps of counting', () => {
  it('count everything once, within a period that is kept, and never what may still be under way', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 720 * HOUR_MS }), fc.array(fc.nat(30)), (start, age, pauses) => {
        const first = startOf('hour', start - age)
        let at: CountingProgress = { counted_to: first, gap: null }
        let now = start
        const counted: [number, number][] = []
        const run = (steps: number) => {
          for (let i = 0; i < steps; i++) {
            const step = nextStep(at, now, i % 2 === 1)
            if (step === null) return
            expect(step.to).toBeGreaterThan(step.from)
            for (const span of keptSpans(step.to, now))
              expect(startOf(span, step.to - 1)).toBe(startOf(span, step.from))
            expect(step.to).toBeLessThanOrEqual(now - LAG_MS)
            counted.push([step.from, step.to])
            at = step
          }
        }
        for (const pause of pauses) {
          run(3)
          now += pause * STEP_MS
        }
        run(1_000)
        const latest = Math.floor((now - LAG_MS) / STEP_MS) * STEP_MS
        const sorted = counted.toSorted(([a], [b]) => a - b)
        expect(sorted.map(([from]) => from).slice(1)).toEqual(sorted.map(([, to]) => to).slice(0, -1))
        if (latest > first) expect([sorted[0]?.[0], sorted.at(-1)?.[1]]).toEqual([first, latest])
        else expect(counted).toEqual([])
        expect(at.gap).toBeNull()
      })
    )
  })

  it('begin with the newest hours, and then go back', () => {
    const now = Date.UTC(2026, 10, 24, 10, 18)
    const hour = startOf('hour', now)
    let at: CountingProgress = { counted_to: hour - 700 * HOUR_MS, gap: null }
    const from = [1, 2, 3].map(() => {
      const step = nextStep(at, now, false)
      if (step) at = step
      return step?.from
    })
    expect(from).toEqual([hour, hour - HOUR_MS, hour - 2 * HOUR_MS])
    expect(nextStep(at, now + STEP_MS, false)?.to).toBe(hour + 4 * STEP_MS)
    expect(nextStep(at, now + STEP_MS, true)?.to).toBe(hour - 2 * HOUR_MS)
  })

  it('begin with the newest hours again if the sweep stopped before it had gone back', () => {
    const now = Date.UTC(2026, 10, 24, 10, 18)
    const hour = startOf('hour', now)
    const gap = { from: hour - 700 * HOUR_MS, to: hour - 30 * HOUR_MS }
    const step = nextStep({ counted_to: hour - 20 * HOUR_MS, gap }, now, false)
    expect(step?.from).toBe(hour)
    expect(step?.gap).toEqual({ from: hour - 20 * HOUR_MS, to: hour, older: gap })
  })

  it('find every attempt in time that is not late, although it may take until its deadline', () => {
    expect(LATE_MS + DEADLINE_MS).toBeLessThan(LAG_MS)
  })

  it('are looked for by one sweep in five minutes', () => {
    fc.assert(
      fc.property(time, (now) => {
        const turns = [0, 1, 2, 3, 4].filter((minute) => isTurnToCount(now + minute * 60_000))
        expect(turns).toHaveLength(1)
      })
    )
  })

  it('are behind before the first one, and when the last one is old, but never if every turn is used', () => {
    expect(isBehind(null, 0)).toBe(true)
    const minute = 60_000
    expect(isBehind(0, LAG_MS + 2 * STEP_MS)).toBe(false)
    expect(isBehind(0, 20 * minute)).toBe(false)
    expect(isBehind(0, 21 * minute)).toBe(true)
  })

  it.each(RANGE_NAMES)('make up a range of %s that ends now', (range) => {
    const now = Date.UTC(2026, 10, 26, 10, 30)
    const starts = periodsOf(range, now)
    const gaps = new Set(starts.slice(1).map((start, i) => start - (starts[i] ?? 0)))
    expect(gaps.size).toBe(1)
    expect((starts.at(-1) ?? 0) + ([...gaps][0] ?? 0)).toBeGreaterThan(now)
    expect(starts.at(-1)).toBeLessThanOrEqual(now)
  })
})

describe('an attempt', () => {
  it('is late if it starts a minute or more after or before its message, whatever the random part of the id', () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(time, bytes, fc.integer({ min: -3 * LATE_MS, max: 3 * LATE_MS }), (at, random, after) => {
        const id = newId('msg', at, random)
        expect(timeOfId(id)).toBe(at)
        const started_at = at + after
        expect(lateAt(id, { trigger: 'auto', started_at })).toBe(Math.abs(after) >= LATE_MS ? started_at : null)
        expect(lateAt(id, { trigger: 'manual', started_at })).toBe(started_at)
        expect(firstIdAt('msg', at) <= id).toBe(true)
      })
    )
  })
})

describe('a chart', () => {
  it('stacks the values of each column, and its tallest column has its height', () => {
    const column = fc.array(fc.nat(500), { minLength: 3, maxLength: 3 })
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 30 }), (columns) => {
        const bars = stackBars(columns)
        const highest = Math.max(...columns.map(sum))
        for (const [x, values] of columns.entries()) {
          const own = bars.filter((bar) => bar.x === x)
          expect(own).toHaveLength(values.filter((value) => value > 0).length)
          const height = sum(own.map((bar) => bar.height))
          expect(height).toBeCloseTo(highest === 0 ? 0 : (sum(values) / Math.max(1, highest)) * CHART_HEIGHT, 0)
          if (own.length > 0) expect(own.at(-1)?.y).toBeCloseTo(CHART_HEIGHT - height, 0)
        }
      })
    )
  })
})

describe('OpenMetrics', () => {
  it('escapes labels and ends with its end mark', () => {
    const text = toOpenMetrics([
      {
        name: 'a_b',
        type: 'counter',
        help: 'Says "x".',
        samples: [{ suffix: '_total', labels: { l: 'a"\\\nb' }, value: 3 }],
      },
    ])
    expect(text).toBe('# TYPE a_b counter\n# HELP a_b Says \\"x\\".\na_b_total{l="a\\"\\\\\\nb"} 3\n# EOF\n')
  })

  it('shows a histogram with buckets that add up to its count', () => {
    expect(
      toOpenMetrics([{ name: 'd', type: 'histogram', help: 'h', samples: histogram([0.5, 1], [2, 0, 1], 4.2, {}) }])
    ).toBe(
      '# TYPE d histogram\n# HELP d h\nd_bucket{le="0.5"} 2\nd_bucket{le="1.0"} 2\nd_bucket{le="+Inf"} 3\nd_count 3\nd_sum 4.2\n# EOF\n'
    )
  })
})
