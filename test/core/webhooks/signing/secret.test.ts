import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64 } from '../../../../src/kit/lib/bytes'
import {
  formatSigningSecret,
  parseSigningSecret,
  SIGNING_SECRET_BYTES,
} from '../../../../src/webhooks/rules/signing/secret'
import { anyText, someBytes } from '../../../support/arbitraries'

describe('a signing secret', () => {
  it('decodes to the 24 to 64 bytes that it was made from', () => {
    fc.assert(
      fc.property(someBytes(24, 64), (bytes) => {
        const secret = formatSigningSecret(bytes)
        expect(secret).toBe(`whsec_${Buffer.from(bytes).toString('base64')}`)
        expect(parseSigningSecret(secret)).toEqual({ ok: true, value: bytes })
      })
    )
  })

  it.each([24, 64])('may have %i bytes', (length) => {
    const bytes = new Uint8Array(length).fill(7)
    expect(parseSigningSecret(formatSigningSecret(bytes))).toEqual({ ok: true, value: bytes })
  })

  it.each([0, 1, 23, 65, 128])('is rejected with a length of %i bytes, which the message states', (length) => {
    const secret = formatSigningSecret(new Uint8Array(length))
    const error = expect.stringMatching(new RegExp(`24 to 64 bytes.*\\b${length} bytes`))
    expect(parseSigningSecret(secret)).toEqual({ ok: false, error })
  })

  const base64 = toBase64(new Uint8Array(32).fill(255))
  it.each([
    ['if it is empty', '', 'starts with'],
    ['without a prefix', base64, 'starts with'],
    ['with a prefix in capitals', `WHSEC_${base64}`, 'starts with'],
    ['with the prefix of a private key', `whsk_${base64}`, 'starts with'],
    ['with a leading space', ` whsec_${base64}`, 'starts with'],
    ['with a trailing space', `whsec_${base64} `, 'base64'],
    ['with a trailing line feed', `whsec_${base64}\n`, 'base64'],
    ['without padding', `whsec_${base64.replace('=', '')}`, 'base64'],
    ['in the URL alphabet', `whsec_${base64.replaceAll('/', '_')}`, 'base64'],
    ['with an odd number of hexadecimal digits', 'whsec_0123456789abcdef0123456789abcdef0', 'base64'],
    ['with the prefix twice', `whsec_whsec_${base64}`, 'base64'],
  ])('is rejected %s', (_, text, message) => {
    expect(parseSigningSecret(text)).toEqual({ ok: false, error: expect.stringContaining(message) })
  })

  it('is never repeated in an error message', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(text.length > 8)
        const parsed = parseSigningSecret(`whsec_${text}`)
        expect(parsed.ok ? '' : parsed.error).not.toContain(text)
      })
    )
  })

  it('has 32 bytes when the guestbook generates it, which receivers accept', () => {
    const bytes = new Uint8Array(SIGNING_SECRET_BYTES)
    expect(SIGNING_SECRET_BYTES).toBe(32)
    expect(parseSigningSecret(formatSigningSecret(bytes)).ok).toBe(true)
  })
})
