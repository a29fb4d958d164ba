import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formerSecrets,
  formerUntil,
  MAX_FORMER,
  type RotatingSecrets,
  rotate,
} from '../../../src/webhooks/rules/signing/rotation'

/** Rotations, each a while after the one before. */
const rotations = fc.array(fc.record({ wait: fc.nat(50), grace: fc.oneof(fc.constant(0), fc.nat(200)) }), {
  maxLength: 30,
})

interface Promised {
  secret: string
  until: number
}

/** Runs rotations, and keeps its own list of what was promised. */
function run(steps: { wait: number; grace: number }[]) {
  let now = 0
  let stored: RotatingSecrets = { current: 's0' }
  let promised: Promised[] = []
  for (const [i, { wait, grace }] of steps.entries()) {
    now += wait
    const rotated = rotate(stored, `s${i + 1}`, grace, now)
    if (!rotated.ok) {
      const live = promised.filter(({ until }) => until > now)
      expect(live).toHaveLength(MAX_FORMER)
      expect(rotated.error).toBe(Math.min(...live.map(({ until }) => until)))
      continue
    }
    promised = grace === 0 ? [] : [{ secret: stored.current ?? '', until: now + grace }, ...promised]
    stored = rotated.value
  }
  return { now, stored, promised }
}

describe('rotations', () => {
  it('keep every old secret valid exactly as long as promised, and never more than four', () => {
    fc.assert(
      fc.property(rotations, fc.nat(300), (steps, later) => {
        const { now, stored, promised } = run(steps)
        const at = now + later
        const live = promised.filter(({ until }) => until > at)
        expect(formerSecrets(stored, at)).toEqual(live)
        expect(live.length).toBeLessThanOrEqual(MAX_FORMER)
        expect(formerUntil(stored, at)).toBe(live.length > 0 ? Math.max(...live.map(({ until }) => until)) : null)
      })
    )
  })

  it('keep everything else that is stored with the secrets', () => {
    const rotated = rotate({ current: 'a', token: 't' }, 'b', 10, 0)
    expect(rotated).toEqual({
      ok: true,
      value: { current: 'b', token: 't', previous: 'a', previousUntil: 10, older: [] },
    })
  })

  it('have no old secret if there was none', () => {
    const rotated = rotate<RotatingSecrets>({}, 'a', 10, 0)
    expect(rotated).toEqual({ ok: true, value: { current: 'a' } })
  })
})
