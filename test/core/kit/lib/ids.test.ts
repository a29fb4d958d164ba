import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ID_RANDOM_BYTES, type IdPrefix, idPattern, isId, newId } from '../../../../src/kit/lib/ids'
import { someBytes } from '../../../support/arbitraries'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const MAX_TIME = 2 ** 48 - 1
const ZEROS = new Uint8Array(ID_RANDOM_BYTES)
const ONES = new Uint8Array(ID_RANDOM_BYTES).fill(255)
const PREFIXES: IdPrefix[] = ['cmt', 'ep', 'msg', 'src', 'in', 'job', 'key', 'req']

const prefix = fc.constantFrom(...PREFIXES)
const time = fc.oneof(fc.nat(MAX_TIME), fc.constantFrom(0, 1, MAX_TIME))
const random = someBytes(ID_RANDOM_BYTES, ID_RANDOM_BYTES)

/** Decodes the time: Crockford's base32, most significant digit first. */
const timeIn = (id: string) =>
  [...(id.split('_')[1] ?? '').slice(0, 10)].reduce((sum, char) => sum * 32 + ALPHABET.indexOf(char), 0)

describe('newId', () => {
  it.each([
    ['the smallest ID', 0, ZEROS, 'msg_00000000000000000000000000'],
    ['the largest ID', MAX_TIME, ONES, 'msg_7ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
    ['one bit of time', 1, ZEROS, 'msg_00000000010000000000000000'],
    ['the time of the ULID documentation', 1469918176385, ZEROS, 'msg_01ARYZ6S410000000000000000'],
  ])('encodes %s', (_, now, bytes, id) => {
    expect(newId('msg', now, bytes)).toBe(id)
  })

  it('consists of the prefix and 26 characters of Crockford’s base32', () => {
    fc.assert(
      fc.property(prefix, time, random, (kind, now, bytes) => {
        const id = newId(kind, now, bytes)
        expect(id).toMatch(new RegExp(`^${kind}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`))
        expect(isId(kind, id)).toBe(true)
        expect(idPattern(kind).test(id)).toBe(true)
      })
    )
  })

  it('keeps all 80 random bits in order', () => {
    fc.assert(
      fc.property(time, random, (now, bytes) => {
        const digits = [...newId('cmt', now, bytes).slice(-16)]
        const value = digits.reduce((sum, char) => sum * 32n + BigInt(ALPHABET.indexOf(char)), 0n)
        expect(value).toBe(BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
      })
    )
  })

  it('gives a different ID for each random bit', () => {
    const ids = new Set([newId('cmt', 0, ZEROS)])
    for (let bit = 0; bit < 80; bit++) {
      const bytes = ZEROS.slice()
      bytes[bit >> 3] = 1 << (bit & 7)
      ids.add(newId('cmt', 0, bytes))
    }
    expect(ids.size).toBe(81)
  })

  it('sorts by time, whatever the random bits are', () => {
    fc.assert(
      fc.property(time, time, random, random, (a, b, first, second) => {
        fc.pre(a !== b)
        const [earlier, later] = a < b ? [a, b] : [b, a]
        expect(newId('msg', earlier, first) < newId('msg', later, second)).toBe(true)
      })
    )
    expect(newId('msg', 31, ONES) < newId('msg', 32, ZEROS)).toBe(true)
  })

  it.each([
    ['negative', -1],
    ['after the year 10889', MAX_TIME + 1],
    ['a fraction', 1.5],
    ['not a number', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
  ])('throws a RangeError for a time that is %s', (_, now) => {
    expect(() => newId('msg', now, ZEROS)).toThrow(RangeError)
  })

  it.each([0, 9, 11, 16])('throws a RangeError for %i random bytes', (length) => {
    expect(() => newId('msg', 0, new Uint8Array(length))).toThrow(RangeError)
  })
})

describe('the time in an ID', () => {
  it('is the time of creation', () => {
    fc.assert(
      fc.property(prefix, time, random, (kind, now, bytes) => {
        expect(timeIn(newId(kind, now, bytes))).toBe(now)
      })
    )
  })
})

describe('isId', () => {
  const good = 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A'

  it('accepts only IDs with its prefix', () => {
    for (const kind of PREFIXES) {
      const id = newId(kind, 1, ONES)
      expect(PREFIXES.filter((other) => isId(other, id))).toEqual([kind])
    }
  })

  it.each([
    ['an empty text', ''],
    ['a prefix without a ULID', 'msg_'],
    ['a ULID without a prefix', good.slice(4)],
    ['a hyphen instead of the underscore', good.replace('_', '-')],
    ['a prefix in capitals', good.replace('msg', 'MSG')],
    ['lower-case letters', good.toLowerCase()],
    ['a missing character', good.slice(0, -1)],
    ['an extra character', `${good}0`],
    ['more than 128 bits', good.replace('_0', '_8')],
    ['the letter I', good.replace('J', 'I')],
    ['the letter L', good.replace('J', 'L')],
    ['the letter O', good.replace('J', 'O')],
    ['the letter U', good.replace('J', 'U')],
    ['a leading space', ` ${good}`],
    ['a trailing line feed', `${good}\n`],
    ['a line feed instead of the last character', `${good.slice(0, -1)}\n`],
    ['a letter before the prefix', `x${good}`],
    ['full-width digits', good.replace('0', '０')],
    ['a quote', good.replace('J', "'")],
  ])('rejects %s', (_, text) => {
    expect(isId('msg', good)).toBe(true)
    expect(isId('msg', text)).toBe(false)
  })
})
