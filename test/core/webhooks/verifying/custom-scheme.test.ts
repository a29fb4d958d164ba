import { describe, expect, it } from 'vitest'
import { optionsFault, withOptions } from '../../../../src/webhooks/rules/verifying/custom-scheme'
import { providerOf, sampleOf, verifyFor } from './samples'

describe('the options of a source', () => {
  it.each([
    ['custom-hmac', 'ed25519'],
    ['custom-hmac', 'rsa-sha256'],
    ['custom-public-key', 'sha256'],
  ] as const)('make %s verify nothing with the algorithm %s', async (slug, algorithm) => {
    const provider = withOptions(providerOf(slug), { algorithm })
    const { request, secret } = await sampleOf(providerOf('custom-hmac'))
    expect((await verifyFor(provider, [secret], request)).reason).toBe('unknown_scheme')
  })

  it.each([
    ['an algorithm of the other kind', { algorithm: 'ed25519' }, /"ed25519" is not available/],
    ['a timestamp that is not signed', { timestamp_header: 'x-time', signed: '{body}' }, /must contain \{timestamp\}/],
    ['a timestamp without a header', { signed: '{timestamp}.{body}' }, /Set timestamp_header/],
  ] as const)('are invalid with %s', (_, options, message) => {
    expect(optionsFault(providerOf('custom-hmac'), options)).toMatch(message)
  })

  it('are valid with a signed timestamp and its header', () => {
    const options = { timestamp_header: 'x-time', signed: '{timestamp}.{body}' }
    expect(optionsFault(providerOf('custom-hmac'), options)).toBeNull()
  })
})
