import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formerSecrets,
  formerUntil,
  MAX_FORMER,
  MAX_STORED,
  type RotatingSecrets,
  rotate,
} from '../../../../src/webhooks/rules/signing/rotation'

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

const secretsAt = (stored: RotatingSecrets, at: number): string[] => [
  stored.current ?? '',
  ...formerSecrets(stored, at).map(({ secret }) => secret),
]

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

  it('store what was valid when the oldest request arrived that is not processed yet, and accept it for that time', () => {
    fc.assert(
      fc.property(rotations, fc.nat(1_000), (steps, arrived) => {
        let now = 0
        let stored: RotatingSecrets = { current: 's0' }
        let validThen: string[] | undefined
        for (const [i, { wait, grace }] of steps.entries()) {
          now += wait
          if (now > arrived) validThen ??= secretsAt(stored, arrived)
          const rotated = rotate(stored, `s${i + 1}`, grace + 1, now, Math.min(arrived, now))
          if (rotated.ok) stored = rotated.value
        }
        const kept = formerSecrets(stored, arrived).length
        if (kept < MAX_STORED) expect(secretsAt(stored, arrived)).toEqual(expect.arrayContaining(validThen ?? []))
        expect(kept).toBeLessThanOrEqual(MAX_STORED)
        expect(formerSecrets(stored, now).length).toBeLessThanOrEqual(MAX_FORMER)
      })
    )
  })

  it('change nothing if the secret is the current one, except that old ones can be revoked', () => {
    fc.assert(
      fc.property(rotations, fc.nat(200), (steps, grace) => {
        const { now, stored } = run(steps)
        const again = rotate(stored, stored.current ?? '', grace, now)
        expect(again.ok && again.value).toEqual(grace === 0 ? { current: stored.current } : stored)
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
