import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeUtf8,
  equalBytes,
  fromBase64,
  toBase64,
  toHex,
  utf8,
} from '../../../src/core/lib/bytes'
import { anyText, someBytes, wellFormedText, withOneByteChanged } from '../../support/arbitraries'

describe('base64', () => {
  // RFC 4648 section 10.
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('writes %j as %j and reads it back', (text, base64) => {
    expect(toBase64(utf8(text))).toBe(base64)
    expect(fromBase64(base64)).toEqual(utf8(text))
  })

  it('agrees with another implementation on any bytes', () => {
    fc.assert(
      fc.property(someBytes(0, 200), (bytes) => {
        const base64 = Buffer.from(bytes).toString('base64')
        expect(toBase64(bytes)).toBe(base64)
        expect(fromBase64(base64)).toEqual(bytes)
      })
    )
  })

  it.each([
    ['no padding', 'Zg'],
    ['half of the padding', 'Zg='],
    ['too much padding', 'Zm8=='],
    ['padding alone', '===='],
    ['padding in the middle', 'Zg==Zg=='],
    ['a single character', 'Z'],
    ['the URL alphabet, minus', 'Zm-v'],
    ['the URL alphabet, underscore', 'Zm_v'],
    ['a space inside', 'Zm 9v'],
    ['a space before', ' Zm9v'],
    ['a line feed after', 'Zm9v\n'],
    ['a letter outside ASCII', 'Zm9é'],
    ['full-width letters', 'Ｚｍ９ｖ'],
    ['spare bits that are not zero, one byte', 'Zh=='],
    ['spare bits that are not zero, two bytes', 'Zm9='],
  ])('refuses %s', (_, text) => {
    expect(fromBase64(text)).toBeNull()
  })

  it('has one spelling for any bytes: whatever is read is written the same', () => {
    const unit = fc.constantFrom(...'ABQgwEIMZz019+/=')
    const nearBase64 = fc.array(fc.string({ unit, minLength: 4, maxLength: 4 }), { maxLength: 3 })
    let read = 0
    fc.assert(
      fc.property(nearBase64, (quads) => {
        const text = quads.join('')
        const bytes = fromBase64(text)
        if (bytes === null) return
        read += 1
        expect(toBase64(bytes)).toBe(text)
      }),
      { numRuns: 2_000 }
    )
    expect(read).toBeGreaterThan(100)
  })
})

describe('UTF-8', () => {
  it('gives any well-formed text back, a byte order mark included', () => {
    fc.assert(fc.property(wellFormedText, (text) => decodeUtf8(utf8(text)) === text))
    expect(decodeUtf8(utf8('\uFEFFa'))).toBe('\uFEFFa')
  })

  it('writes the bytes of another implementation', () => {
    fc.assert(fc.property(anyText, (text) => Buffer.from(text).equals(utf8(text))))
  })

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a byte that never occurs', [0xff]],
    ['a sequence that is cut off', [0xe2, 0x82]],
    ['a sequence that is cut off by a letter', [0xe2, 0x82, 0x41]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL of three bytes', [0xe0, 0x80, 0x80]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['Latin-1', [0x63, 0x61, 0x66, 0xe9]],
  ])('refuses %s instead of replacing it', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeNull()
  })

  it('reads a buffer as well as a view of one', () => {
    const bytes = utf8('xaéy')
    expect(decodeUtf8(bytes.buffer)).toBe('xaéy')
    expect(decodeUtf8(bytes.subarray(1, 4))).toBe('aé')
  })
})

describe('hexadecimal', () => {
  it('writes two small digits for each byte', () => {
    expect(toHex(Uint8Array.of(0, 1, 15, 16, 171, 255))).toBe('00010f10abff')
    fc.assert(
      fc.property(someBytes(0, 50), (bytes) => toHex(bytes) === Buffer.from(bytes).toString('hex'))
    )
  })
})

describe('equalBytes', () => {
  it('is true for the same bytes', () => {
    fc.assert(fc.property(someBytes(0, 100), (bytes) => equalBytes(bytes, bytes.slice())))
  })

  it('is false when any one byte differs, in any bit', () => {
    const mask = fc.integer({ min: 1, max: 255 })
    fc.assert(
      fc.property(someBytes(1, 100), fc.nat(), mask, (bytes, index, change) => {
        const other = withOneByteChanged(bytes, index, change)
        expect(equalBytes(bytes, other)).toBe(false)
        expect(equalBytes(other, bytes)).toBe(false)
      })
    )
  })

  it('is false when two differences would cancel each other out', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(2, 1))).toBe(false)
    expect(equalBytes(Uint8Array.of(5, 5), Uint8Array.of(6, 6))).toBe(false)
  })

  it('is false for a part of the other, also when the rest is zeros', () => {
    fc.assert(
      fc.property(someBytes(0, 50), fc.integer({ min: 1, max: 5 }), (bytes, more) => {
        const longer = new Uint8Array(bytes.length + more)
        longer.set(bytes)
        expect(equalBytes(bytes, longer)).toBe(false)
        expect(equalBytes(longer, bytes)).toBe(false)
      })
    )
  })
})
