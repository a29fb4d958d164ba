import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bytes, fromBase64, toBase64, utf8 } from '../../../../src/kit/lib/bytes'
import {
  formatPublicKey,
  importPrivateKey,
  keyIdOf,
  parsePublicKey,
  publicKeyOf,
  signEd25519,
  toJwk,
  verifyEd25519,
} from '../../../../src/webhooks/rules/signing/ed25519'
import { signContent } from '../../../../src/webhooks/rules/signing/standard-webhooks'
import { someBytes, withOneByteChanged } from '../../../support/arbitraries'
import { verifyAsSource } from './verify-as-source'

/** The test vector of the reference implementation: seed and public key, in libsodium's format. */
const PAIR = fromBase64(
  '6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=='
) as Bytes
const SEED = PAIR.slice(0, 32)
const PUBLIC = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
const CONTENT = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  body: '{"test": 2432232314}',
}
const SIGNATURE = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=='
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

const seed = someBytes(32, 32)
const mask = fc.integer({ min: 1, max: 255 })

describe('a key pair', () => {
  it('reproduces the public key and the signature of the reference vector', async () => {
    expect(formatPublicKey(await publicKeyOf(SEED))).toBe(PUBLIC)
    const headers = await signContent([], CONTENT, [await importPrivateKey(SEED)])
    expect(headers['webhook-signature']).toBe(SIGNATURE)
  })

  it('signs data that another implementation verifies', async () => {
    await fc.assert(
      fc.asyncProperty(seed, someBytes(0, 200), async (seed, data) => {
        const publicKey = await publicKeyOf(seed)
        const signature = await signEd25519(await importPrivateKey(seed), data)
        const jwk = toJwk(publicKey, 'kid')
        const other = createPublicKey({ key: { ...jwk }, format: 'jwk' })
        expect(verify(null, data, other, signature)).toBe(true)
      })
    )
  })

  it('verifies data that another implementation signed', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const { x } = publicKey.export({ format: 'jwk' })
    const data = utf8('hello')
    const signature = new Uint8Array(sign(null, data, privateKey))
    const raw = new Uint8Array(Buffer.from(x ?? '', 'base64url'))
    expect(await verifyEd25519(raw, signature, data)).toBe(true)
    expect(await verifyEd25519(raw, signature, utf8('hallo'))).toBe(false)
  })

  it('rejects a seed that is not 32 bytes long', async () => {
    await expect(importPrivateKey(SEED.slice(1))).rejects.toThrow('32 bytes')
    await expect(publicKeyOf(PAIR)).rejects.toThrow('32 bytes')
  })

  it('is identified by its thumbprint', async () => {
    // RFC 8037, appendix A.3
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
    const key = new Uint8Array(Buffer.from(x, 'base64url'))
    const kid = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
    expect(await keyIdOf(key)).toBe(kid)
    expect(toJwk(key, kid)).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x,
      kid,
      use: 'sig',
      alg: 'EdDSA',
    })
  })
})

describe('a public key', () => {
  it('decodes to the bytes that it was made from', () => {
    fc.assert(
      fc.property(seed, (bytes) => {
        expect(parsePublicKey(formatPublicKey(bytes))).toEqual({ ok: true, value: bytes })
      })
    )
  })

  it.each([
    ['empty', ''],
    ['a secret', `whsec_${toBase64(SEED)}`],
    ['a private key', `whsk_${toBase64(PAIR)}`],
    ['too short', `whpk_${toBase64(SEED.slice(1))}`],
    ['not base64', 'whpk_?'],
  ])('is rejected if it is %s', (_, text) => {
    expect(parsePublicKey(text)).toEqual({ ok: false, error: expect.any(String) })
  })
})

describe('an asymmetric signature', () => {
  const now = CONTENT.timestamp
  const headers = (signature: string) => ({
    'webhook-id': CONTENT.id,
    'webhook-timestamp': String(now),
    'webhook-signature': signature,
  })

  it('needs only the public key to verify', async () => {
    expect(await verifyAsSource([PUBLIC], headers(SIGNATURE), CONTENT.body, now)).toBe('verified')
  })

  it('follows the symmetric signature, and either of them is sufficient', async () => {
    const key = await importPrivateKey(SEED)
    const both = await signContent([fromBase64(SECRET.slice(6)) as Bytes], CONTENT, [key])
    expect(both['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/)
    expect(await verifyAsSource([SECRET], both, CONTENT.body, now)).toBe('verified')
    expect(await verifyAsSource([PUBLIC], both, CONTENT.body, now)).toBe('verified')
    expect(await verifyAsSource([], both, CONTENT.body, now)).toBe('no_secret')
  })

  it('does not match another key, another body, or a changed signature', async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.nat(), mask, async (seed, index, change) => {
        const other = formatPublicKey(await publicKeyOf(seed))
        const check = (signature: string, body: string, key: string) =>
          verifyAsSource([key], headers(signature), body, now)
        expect(await check(SIGNATURE, CONTENT.body, other)).toBe('signature_mismatch')
        expect(await check(SIGNATURE, `${CONTENT.body} `, PUBLIC)).toBe('signature_mismatch')
        const bytes = fromBase64(SIGNATURE.slice(4)) as Bytes
        const changed = `v1a,${toBase64(withOneByteChanged(bytes, index, change))}`
        expect(await check(changed, CONTENT.body, PUBLIC)).toBe('signature_mismatch')
      }),
      { numRuns: 30 }
    )
  })

  it.each(['v1a,', 'v1a,AAAA', 'v1a,?', `v1,${SIGNATURE.slice(4)}`, 'v1a'])(
    'is rejected without an exception if it is "%s"',
    async (signature) => {
      expect(await verifyAsSource([PUBLIC], headers(signature), CONTENT.body, now)).not.toBe('verified')
    }
  )
})
