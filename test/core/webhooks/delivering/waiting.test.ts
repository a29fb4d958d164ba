import { describe, expect, it } from 'vitest'
import { BREAKER_STATES, type Breaker } from '../../../../src/webhooks/rules/delivering/breaker'
import { AT_ONCE, getsCalls, type Pace } from '../../../../src/webhooks/rules/delivering/pace'
import {
  afterClock,
  afterFailure,
  afterNewPace,
  afterNewStart,
  afterSuccess,
  named,
  OPEN_AFTER,
  type WaitAct,
  waitAfter,
  waitOf,
} from '../../../../src/webhooks/rules/delivering/waiting'

const NOW = Date.UTC(2026, 10, 24, 10)
const PACES: Pace[] = [AT_ONCE, { kind: 'every', minutes: 5 }, { kind: 'daily', hour: 12 }]

/** Every state of an endpoint. A late result, of an attempt that began before the breaker opened, is no act. */
const STATES: Breaker[] = BREAKER_STATES.flatMap((breaker) =>
  [0, 1].map((probes) => ({ breaker, resume_at: breaker === 'closed' ? null : NOW + 1_000, probes }))
)

/** What the functions do, which the table says. */
const ACTS: { [A in WaitAct]?: (before: Breaker, pace: Pace) => Breaker } = {
  success: (before, pace) => afterSuccess(before, pace, NOW),
  retried: (before, pace) => afterSuccess(before, pace, NOW, 'manual'),
  failure: (before, pace) => afterFailure(before, 1, 0, pace, NOW),
  opening: (before, pace) => afterFailure(before, OPEN_AFTER, 0, pace, NOW),
  named: (before) => named(before, 1_000, NOW),
  repaced: (before, pace) => afterNewPace(before, pace, 0, pace, NOW),
  moved: (before, pace) => afterNewStart('moved', before, pace, NOW),
  enabled: (before, pace) => afterNewStart('enabled', before, pace, NOW),
  due: (before, pace) => (before.breaker === 'closed' ? before : afterClock(before, pace, NOW, NOW + 1_000).after),
}
const cases = Object.entries(ACTS).flatMap(([act, run]) =>
  PACES.flatMap((pace) => STATES.map((before) => ({ act: act as WaitAct, run, pace, before })))
)

describe('what an endpoint waits for', () => {
  it.each(cases)('after $act, with $pace.kind, from $before.breaker ($before.probes)', ({ act, run, pace, before }) => {
    if (before.breaker === 'open' && (act === 'named' || act === 'failure')) return
    const from = waitOf(before, getsCalls(pace))
    expect(waitOf(run(before, pace), getsCalls(pace))).toBe(waitAfter(act, from, pace))
  })
})
