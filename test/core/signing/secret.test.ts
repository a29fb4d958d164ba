import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64 } from '../../../src/core/lib/bytes'
import {
  formatSigningSecret,
  parseSigningSecret,
  SIGNING_SECRET_BYTES,
} from '../../../src/core/signing/secret'
import { anyText, someBytes } from '../../support/arbitraries'

describe('a signing secret', () => {
  it('reads as the bytes that it was written from, 24 to 64 of them', () => {
    fc.assert(
      fc.property(someBytes(24, 64), (bytes) => {
        const secret = formatSigningSecret(bytes)
        expect(secret).toBe(`whsec_${Buffer.from(bytes).toString('base64')}`)
        expect(parseSigningSecret(secret)).toEqual({ ok: true, value: bytes })
      })
    )
  })

  it.each([24, 64])('may hold %i bytes', (length) => {
    const bytes = new Uint8Array(length).fill(7)
    expect(parseSigningSecret(formatSigningSecret(bytes))).toEqual({ ok: true, value: bytes })
  })

  it.each([0, 1, 23, 65, 128])('is refused with %i bytes, which the words say', (length) => {
    const secret = formatSigningSecret(new Uint8Array(length))
    const error = `A signing secret holds 24 to 64 bytes; this one holds ${length}.`
    expect(parseSigningSecret(secret)).toEqual({ ok: false, error })
  })

  const base64 = toBase64(new Uint8Array(32).fill(255))
  it.each([
    ['nothing', '', 'starts with'],
    ['no prefix', base64, 'starts with'],
    ['a prefix in capitals', `WHSEC_${base64}`, 'starts with'],
    ['the prefix of a private key', `whsk_${base64}`, 'starts with'],
    ['a space before', ` whsec_${base64}`, 'starts with'],
    ['a space after', `whsec_${base64} `, 'base64'],
    ['a line feed after', `whsec_${base64}\n`, 'base64'],
    ['no padding', `whsec_${base64.replace('=', '')}`, 'base64'],
    ['the URL alphabet', `whsec_${base64.replaceAll('/', '_')}`, 'base64'],
    ['hexadecimal of an odd length', 'whsec_0123456789abcdef0123456789abcdef0', 'base64'],
    ['the prefix twice', `whsec_whsec_${base64}`, 'base64'],
  ])('is refused with %s', (_, text, words) => {
    expect(parseSigningSecret(text)).toEqual({ ok: false, error: expect.stringContaining(words) })
  })

  it('never repeats what was given in the words of a refusal', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(text.length > 8)
        const parsed = parseSigningSecret(`whsec_${text}`)
        if (!parsed.ok) expect(parsed.error).not.toContain(text)
      })
    )
  })

  it('is 32 bytes long when it is made here, which receivers accept', () => {
    const bytes = new Uint8Array(SIGNING_SECRET_BYTES)
    expect(SIGNING_SECRET_BYTES).toBe(32)
    expect(parseSigningSecret(formatSigningSecret(bytes)).ok).toBe(true)
  })
})
