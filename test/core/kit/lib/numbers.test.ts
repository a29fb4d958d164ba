import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lostNumbers } from '../../../../src/kit/lib/json'
import { compareNumbers, fitsDouble } from '../../../../src/kit/lib/numbers'

/** A numeral of JSON, and its value times 10 to the 60, exactly. */
const numeral = fc
  .record({
    minus: fc.boolean(),
    whole: fc.bigInt({ min: 0n, max: 10n ** 25n }),
    fraction: fc.stringMatching(/^\d{0,20}$/),
    exponent: fc.option(fc.integer({ min: -30, max: 30 }), { nil: null }),
  })
  .map(({ minus, whole, fraction, exponent }) => {
    const text = `${minus ? '-' : ''}${whole}${fraction && `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`
    const digits = BigInt(`${whole}${fraction}`) * 10n ** BigInt(60 - fraction.length + (exponent ?? 0))
    return { text, value: minus ? -digits : digits }
  })

/** Numerals that are close to each other, or equal and spelled differently. */
const pair = fc.oneof(
  fc.tuple(numeral, numeral),
  fc
    .tuple(fc.bigInt({ min: 10n ** 15n, max: 10n ** 22n }), fc.integer({ min: -2, max: 2 }), fc.nat(3))
    .map(([number, more, zeros]) => {
      const near = { text: `${number + BigInt(more)}.${'0'.repeat(zeros + 1)}`, value: number + BigInt(more) }
      return [{ text: String(number), value: number }, near] as const
    })
)

describe('numbers that somebody wrote', () => {
  it('are compared digit by digit, however they are spelled', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        expect(Math.sign(compareNumbers(a.text, b.text))).toBe(a.value < b.value ? -1 : Number(a.value > b.value))
      }),
      { numRuns: 5_000 }
    )
  })

  it('are compared in the same way beyond the range of a double', () => {
    const sorted = ['-1e401', '-1e400', '-1e-400', '0', '1e-401', '1e-400', '1', '1e400', '1.1e400', '1e401']
    for (const [i, a] of sorted.entries())
      for (const [j, b] of sorted.entries()) expect(Math.sign(compareNumbers(a, b))).toBe(Math.sign(i - j))
    expect(compareNumbers('0e400', '-0.0')).toBe(0)
    for (const other of ['', ' ', 'x', null, undefined, true, [], {}]) expect(compareNumbers(other, '1')).toBeNaN()
  })

  it('fit a double if it is written with the same value', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => fitsDouble(String(n))))
    for (const text of ['1.50', '1e3', '-0', '100000000000000000000000', '9007199254740992'])
      expect(fitsDouble(text)).toBe(true)
    for (const text of ['9007199254740993', '1e400', '1e-400', '0.12345678901234567890'])
      expect(fitsDouble(text)).toBe(false)
  })

  it('are found with their paths in JSON if a double cannot hold them', () => {
    expect(lostNumbers('{"a":[1,9007199254740993,{"b":1e400}],"c":"9007199254740993","d":0.1,"":1e-400}')).toEqual([
      'a.1',
      'a.2.b',
      '',
    ])
    fc.assert(fc.property(fc.json(), (text) => lostNumbers(text).length === 0))
    fc.assert(fc.property(numeral, ({ text }) => lostNumbers(`[${text}]`).length === Number(!fitsDouble(text))))
  })

  it('are compared in linear time, however long they are', () => {
    const long = `1${'0'.repeat(500_000)}1`
    expect(compareNumbers(long, `${long}.0`)).toBe(0)
    expect(compareNumbers(long, `${long}.1`)).toBeLessThan(0)
  }, 5_000)
})
