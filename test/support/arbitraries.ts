import fc from 'fast-check'
import type { Bytes } from '../../src/kit/lib/bytes'

export function someBytes(minLength: number, maxLength: number): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength, maxLength })
}

/** Any JavaScript string, including lone surrogates. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) })
)

/** Any text that UTF-8 can encode. */
export const wellFormedText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))

/** @param mask the bits to flip, 1 to 255. @returns a copy with one byte changed */
export function withOneByteChanged(bytes: Bytes, index: number, mask: number): Bytes {
  const changed = bytes.slice()
  const at = index % bytes.length
  changed[at] = (changed[at] ?? 0) ^ mask
  return changed
}
