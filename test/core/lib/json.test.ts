import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseForReading, parseForWriting, parseJson } from '../../../src/core/lib/json'

/** Numbers as any sender may write them. */
const numeral = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/)

describe('JSON that others wrote', () => {
  it('is written again with every number as it came', () => {
    fc.assert(
      fc.property(fc.array(numeral), fc.string(), (numerals, text) => {
        const json = `{"numbers":[${numerals.join(',')}],"text":${JSON.stringify(text)}}`
        expect(JSON.stringify(parseForWriting(json))).toBe(json)
      })
    )
  })

  it('is read as JSON.parse reads it, but for digits that it would lose', () => {
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
    expect(parseForReading('[1234567890123456, 0.1]')).toEqual([1_234_567_890_123_456, 0.1])
  })

  it('is none for reading that is none for JSON.parse, whatever digits are in it', () => {
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

  it('is read in one go, however many numbers and quotes are in it', () => {
    parseForReading(`[12345678901234567890${',1'.repeat(500_000)}]`)
    expect(parseForReading('\\"'.repeat(500_000))).toBeUndefined()
    expect(parseForReading(`["${'\\"'.repeat(250_000)}", 12345678901234567890]`)).toHaveLength(2)
  }, 5_000)

  it.each(['', '{', 'nul', '['.repeat(65) + ']'.repeat(65)])(
    'is undefined where it is none: %s',
    (text) => {
      for (const parse of [parseJson, parseForReading, parseForWriting])
        expect(parse(text)).toBeUndefined()
    }
  )
})
