import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeUtf8,
  equalBytes,
  fromBase64,
  fromBase64Url,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from '../../../../src/kit/lib/bytes'
import { anyText, someBytes, wellFormedText, withOneByteChanged } from '../../../support/arbitraries'

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
  ])('encodes %j as %j and decodes it again', (text, base64) => {
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
    ['missing padding', 'Zg'],
    ['incomplete padding', 'Zg='],
    ['too much padding', 'Zm8=='],
    ['padding without data', '===='],
    ['padding in the middle', 'Zg==Zg=='],
    ['a single character', 'Z'],
    ['a minus of the URL alphabet', 'Zm-v'],
    ['an underscore of the URL alphabet', 'Zm_v'],
    ['a space inside', 'Zm 9v'],
    ['a leading space', ' Zm9v'],
    ['a trailing line feed', 'Zm9v\n'],
    ['a letter outside ASCII', 'Zm9é'],
    ['full-width letters', 'Ｚｍ９ｖ'],
    ['spare bits that are not zero after one byte', 'Zh=='],
    ['spare bits that are not zero after two bytes', 'Zm9='],
  ])('rejects %s', (_, text) => {
    expect(fromBase64(text)).toBeNull()
  })

  it('accepts only one spelling: encoding the decoded bytes gives the same text', () => {
    const unit = fc.constantFrom(...'ABQgwEIMZz019+/=')
    const nearBase64 = fc.array(fc.string({ unit, minLength: 4, maxLength: 4 }), { maxLength: 3 })
    let decoded = 0
    fc.assert(
      fc.property(nearBase64, (quads) => {
        const text = quads.join('')
        const bytes = fromBase64(text)
        if (bytes === null) return
        decoded += 1
        expect(toBase64(bytes)).toBe(text)
      }),
      { numRuns: 2_000 }
    )
    expect(decoded).toBeGreaterThan(100)
  })
})

describe('base64url', () => {
  it('agrees with another implementation on any bytes', () => {
    fc.assert(
      fc.property(someBytes(0, 200), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url')
        expect(toBase64Url(bytes)).toBe(text)
        expect(fromBase64Url(text)).toEqual(bytes)
      })
    )
  })

  it.each(['A', 'Zh', 'Zm9v=A', 'Zm 9v'])('rejects %j', (text) => {
    expect(fromBase64Url(text)).toBeNull()
  })
})

describe('UTF-8', () => {
  it('decodes any well-formed text, including a byte order mark', () => {
    fc.assert(fc.property(wellFormedText, (text) => decodeUtf8(utf8(text)) === text))
    expect(decodeUtf8(utf8('\uFEFFa'))).toBe('\uFEFFa')
  })

  it('encodes to the same bytes as another implementation', () => {
    fc.assert(fc.property(anyText, (text) => Buffer.from(text).equals(utf8(text))))
  })

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a byte that never occurs', [0xff]],
    ['a truncated sequence', [0xe2, 0x82]],
    ['a sequence interrupted by a letter', [0xe2, 0x82, 0x41]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL in three bytes', [0xe0, 0x80, 0x80]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['Latin-1', [0x63, 0x61, 0x66, 0xe9]],
  ])('rejects %s instead of replacing it', (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeNull()
  })

  it('decodes a buffer and a view of a buffer', () => {
    const bytes = utf8('xaéy')
    expect(decodeUtf8(bytes.buffer)).toBe('xaéy')
    expect(decodeUtf8(bytes.subarray(1, 4))).toBe('aé')
  })
})

describe('hexadecimal', () => {
  it('has two lower-case digits for each byte', () => {
    expect(toHex(Uint8Array.of(0, 1, 15, 16, 171, 255))).toBe('00010f10abff')
    fc.assert(fc.property(someBytes(0, 50), (bytes) => toHex(bytes) === Buffer.from(bytes).toString('hex')))
  })
})

describe('equalBytes', () => {
  it('is true for equal bytes', () => {
    fc.assert(fc.property(someBytes(0, 100), (bytes) => equalBytes(bytes, bytes.slice())))
  })

  it('is false if any bit of any byte differs', () => {
    const mask = fc.integer({ min: 1, max: 255 })
    fc.assert(
      fc.property(someBytes(1, 100), fc.nat(), mask, (bytes, index, change) => {
        const other = withOneByteChanged(bytes, index, change)
        expect(equalBytes(bytes, other)).toBe(false)
        expect(equalBytes(other, bytes)).toBe(false)
      })
    )
  })

  it('is false if two differences would cancel each other out', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(2, 1))).toBe(false)
    expect(equalBytes(Uint8Array.of(5, 5), Uint8Array.of(6, 6))).toBe(false)
  })

  it('is false if one is the beginning of the other, even if the rest is zeros', () => {
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
