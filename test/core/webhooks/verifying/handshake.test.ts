import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../../../src/webhooks/rules/verifying/providers'
import type { HmacScheme, Provider } from '../../../../src/webhooks/rules/verifying/scheme'
import { sampleOf, verifyFor } from './samples'

/** @returns providers whose handshake signs a text from the request */
function signsText({ handshakes = [] }: Provider): boolean {
  return JSON.stringify(handshakes.map(({ answer }) => answer)).includes('"hmac"')
}

/** @returns whether the provider accepts a body that is a token, signed the way its handshake signs tokens */
async function acceptsToken(provider: Provider, token: string): Promise<boolean> {
  const results = provider.schemes.map(async (scheme) => {
    const signer = { ...provider, schemes: [{ ...(scheme as HmacScheme), signed: '{body}' }] }
    const { request, secret } = await sampleOf(signer, { body: token })
    return (await verifyFor(provider, [secret], request)).verified
  })
  return (await Promise.all(results)).includes(true)
}

describe('a handshake that signs a text from the request', () => {
  const signing = PROVIDERS.filter(signsText)

  it('exists for X and Zoom', () => {
    expect(signing.map(({ slug }) => slug).toSorted()).toEqual(['x', 'zoom'])
  })

  it('never produces the signature of an event', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...signing),
        fc.stringMatching(/^[\w/.~-]{1,40}$/),
        async (provider, token) => !(await acceptsToken(provider, token))
      )
    )
  })
})
