import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowBytes, sharesOf, storedBytes } from '../../../../src/guestbook/rules/entries/quota'

describe('the share of a network', () => {
  it('leaves room for another guest, although a hundred networks use up theirs in any order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 100 }), fc.integer({ min: 4_000, max: 20_000 }), (megabytes, bytes) => {
        const quota = megabytes * 1_000_000
        const { share, late_share } = sharesOf(quota)
        let used = 0
        const fits = (own: number) => used + bytes <= quota && own + bytes <= (used * 2 < quota ? share : late_share)
        for (let network = 0; network < 100; network++) {
          for (let own = 0; fits(own); own += bytes) used += bytes
        }
        expect(fits(0)).toBe(true)
      })
    )
  })

  it('is without limit only if the quota is', () => {
    expect(sharesOf(0)).toEqual({ share: 0, late_share: 0 })
    expect(Math.min(...Object.values(sharesOf(1)))).toBeGreaterThan(0)
  })
})

describe('what a row stores', () => {
  it('is never less than its size, and at most one page more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (size) => {
        expect(storedBytes(size)).toBeGreaterThanOrEqual(size)
        expect(storedBytes(size)).toBeLessThanOrEqual(size + 4_096 + Math.ceil(size / 1_000) * 8)
      })
    )
  })

  it('is counted in bytes, not in characters', () => {
    expect(rowBytes({ text: '日本' })).toBe(rowBytes({ text: 'xxxxxx' }))
  })
})
