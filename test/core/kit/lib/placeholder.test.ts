import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64, toBase64Url } from '../../../../src/kit/lib/bytes'
import { isPlaceholder } from '../../../../src/kit/lib/example-secret'
import { parseSecretsKey } from '../../../../src/kit/lib/secret-box'
import { someBytes } from '../../../support/arbitraries'

describe('a placeholder', () => {
  it.each([
    'change-me',
    'change-me-to-something-long',
    'CHANGE_ME',
    '"changeme"',
    'change this!',
    'replace-me',
    'your-admin-token',
    '<ADMIN_TOKEN>',
    '$SECRETS_KEY',
    'placeholder123',
    'example',
    'secret',
    'Password',
    'TODO',
    'xxxxxxxxxxxxxxxx',
    '000000000000000000000000',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  ])('is recognized: %s', (text) => {
    expect(isPlaceholder(text)).toBe(true)
  })

  it.each(['', 'test-admin-token', 'a new one', 'correct horse battery staple', 'secret-garden-gate-42'])(
    'is not what somebody has chosen: "%s"',
    (text) => {
      expect(isPlaceholder(text)).toBe(false)
    }
  )

  it('is never what a generator makes', () => {
    fc.assert(fc.property(someBytes(16, 48), (bytes) => new Set(bytes).size < 8 || !isPlaceholder(toBase64Url(bytes))))
  })
})

describe('a secrets key', () => {
  it('of zeros is refused, because people type it as a placeholder', () => {
    expect(parseSecretsKey(toBase64(new Uint8Array(32))).ok).toBe(false)
    expect(parseSecretsKey(toBase64(new Uint8Array(32).fill(1))).ok).toBe(true)
  })
})
