import fc from 'fast-check'
import type { Bytes } from '../../src/core/lib/bytes'

export function someBytes(minLength: number, maxLength: number): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength, maxLength })
}

/** Any string that JavaScript can hold, halves of surrogate pairs included. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) })
)

/** Any text that survives UTF-8. */
export const wellFormedText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' })
)

/** The same bytes but for one, changed in at least one bit. */
export function withOneByteChanged(bytes: Bytes, index: number, mask: number): Bytes {
  const changed = bytes.slice()
  const at = index % bytes.length
  changed[at] = (changed[at] ?? 0) ^ mask
  return changed
}
