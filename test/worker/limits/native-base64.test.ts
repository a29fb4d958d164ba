import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, fromBase64, toBase64 } from '../../../src/kit/lib/bytes'

/** Workers decode base64 natively, so the tests in test/core, which run in Node, do not cover this. */
describe('base64 in a Worker', () => {
  it('is converted natively', () => {
    expect('fromBase64' in Uint8Array).toBe(true)
  })

  it('is decoded to the bytes that were encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const base64 = Buffer.from(bytes).toString('base64')
        expect(toBase64(bytes)).toBe(base64)
        expect(fromBase64(base64)).toEqual(bytes)
      })
    )
  })

  it.each([
    'Zg',
    'Zg=',
    'Zm8==',
    '====',
    'Zg==Zg==',
    'Z',
    'Zm-v',
    'Zm_v',
    'Zm 9v',
    ' Zm9v',
    'Zm9v\n',
    'Zm9é',
    'Zh==',
    'Zm9=',
  ])('is rejected if it is not strict: %j', (text) => {
    expect(fromBase64(text)).toBeNull()
  })

  it('has only one spelling for the same bytes', () => {
    const unit = fc.constantFrom(...'ABQgwEIMZz019+/= \n')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const bytes: Bytes | null = fromBase64(text)
        if (bytes !== null) expect(toBase64(bytes)).toBe(text)
      }),
      { numRuns: 2_000 }
    )
  })
})
