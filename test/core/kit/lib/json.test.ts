import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { MAX_PARTS, parseForReading, parseForWriting, parseJson } from '../../../../src/kit/lib/json'

/** Any number that JSON allows. */
const numeral = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/)

describe('JSON from senders', () => {
  it('keeps every number as written when it is serialized again', () => {
    fc.assert(
      fc.property(fc.array(numeral), fc.string(), (numerals, text) => {
        const json = `{"numbers":[${numerals.join(',')}],"text":${JSON.stringify(text)}}`
        expect(JSON.stringify(parseForWriting(json))).toBe(json)
      })
    )
  })

  it('is read the way JSON.parse reads it, except that numbers with too many digits become strings', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify(value)
        expect(parseForReading(json)).toEqual(JSON.parse(json))
      })
    )
    expect(parseForReading('[820982911946154508, 9007199254740993, 1, 1.5, 1e3]')).toEqual([
      '820982911946154508',
      '9007199254740993',
      1,
      1.5,
      1_000,
    ])
    expect(parseForReading('{"id":-12345678901234567.25}')).toEqual({ id: '-12345678901234567.25' })
    expect(parseForReading('[1e400, -1e-400, 0e400, 0.00000000000000000, 1e99]')).toEqual([
      '1e400',
      '-1e-400',
      0,
      0,
      1e99,
    ])
    expect(parseForReading('[1234567890123456, 0.1]')).toEqual([1_234_567_890_123_456, 0.1])
  })

  it('is rejected for reading exactly when it is not valid JSON', () => {
    const pieces = fc.constantFrom(
      '12345678901234567890',
      '1.2345678901234567890',
      '-',
      '0',
      '"',
      '\\"',
      ',',
      '[',
      ']',
      'e5'
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (some) => {
        const text = some.join('')
        expect(parseForReading(text) === undefined).toBe(parseJson(text) === undefined)
      }),
      { numRuns: 2_000 }
    )
  })

  it('is read in linear time, however many quotes it contains', () => {
    expect(parseForReading('\\"'.repeat(500_000))).toBeUndefined()
    expect(parseForReading(`["${'\\"'.repeat(250_000)}", 12345678901234567890]`)).toHaveLength(2)
  }, 5_000)

  it.each([
    ['values', (parts: number) => `[${Array(parts + 1).fill(0)}]`],
    ['lists', (parts: number) => `[${Array(parts + 1).fill('[]')}]`],
    [
      'names',
      (parts: number) =>
        `{${Array.from({ length: (parts + 1) / 2 }, (_, i) => `"k${i}":0`)}${parts % 2 ? '' : ',"k":[0]'}}`,
    ],
  ])('is read with up to 20,000 names and values, and rejected with more: %s', (_, write) => {
    expect(MAX_PARTS).toBe(20_000)
    for (const parse of [parseForReading, parseForWriting]) {
      expect(parse(write(MAX_PARTS - 1))).toBeDefined()
      expect(parse(write(MAX_PARTS + 1))).toBeUndefined()
    }
    expect(parseJson(write(MAX_PARTS + 1))).toBeDefined()
  })

  it('does not count commas, colons and brackets in strings', () => {
    const value = { text: `${',:[{'.repeat(20_000)}"\\` }
    expect(parseForReading(JSON.stringify(value))).toEqual(value)
  })

  it.each(['', '{', 'nul', '['.repeat(65) + ']'.repeat(65)])(
    'is rejected if it is malformed or nested too deeply: %j',
    (text) => {
      for (const parse of [parseJson, parseForReading, parseForWriting]) expect(parse(text)).toBeUndefined()
    }
  )
})

describe('text that is not JSON', () => {
  it('is refused before it is searched: a string without an end takes a regular expression quadratic time', () => {
    const replace = vi.spyOn(String.prototype, 'replace')
    expect(parseForWriting(`"${'\\"'.repeat(30_000)}`)).toBeUndefined()
    expect(parseForReading(`"${'\\"'.repeat(30_000)}`)).toBeUndefined()
    expect(replace).not.toHaveBeenCalled()
    replace.mockRestore()
  })
})
