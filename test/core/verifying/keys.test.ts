import { createSign, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { writeSample } from '../../../src/core/verifying/sample'
import type { PublicKeyScheme } from '../../../src/core/verifying/scheme'
import { verify } from '../../../src/core/verifying/verify'
import { ADDRESS, makeKeyPair, NOW, providerOf, requestWith, sampleOf, verifyFor } from './samples'

const SIGNED = {
  signature: { at: 'header:x-signature' },
  encoding: 'base64',
  signed: '{body}',
} as const
const ED25519 = { ...SIGNED, kind: 'ed25519', key: 'raw' } as const
const RSA = { ...SIGNED, kind: 'rsa-sha256', key: 'spki' } as const

/** Verifies a request with the body `hello`. */
function verifyHello(scheme: PublicKeyScheme, key: string, signature: Buffer) {
  const request = requestWith('hello', [['x-signature', signature.toString('base64')]])
  return verify([scheme], [key], request, null, NOW)
}

describe('an Ed25519 public key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signature = sign(null, Buffer.from('hello'), privateKey)
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const raw = spki.subarray(12)

  it.each([
    ['hex', raw.toString('hex')],
    ['base64', raw.toString('base64')],
    ['SPKI', spki.toString('base64')],
    ['PEM', publicKey.export({ type: 'spki', format: 'pem' }).toString()],
  ])('can be %s', async (_, key) => {
    expect(await verifyHello(ED25519, key, signature)).toMatchObject({ verified: true })
  })
})

describe('an RSA public key', () => {
  it('can be PEM', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const signature = createSign('sha256').update('hello').sign(privateKey)
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(await verifyHello(RSA, pem, signature)).toMatchObject({ verified: true })
    expect(await verifyHello(RSA, 'no key', signature)).toMatchObject({ reason: 'bad_secret' })
  })
})

describe('a Standard Webhooks public key', () => {
  it.each(['standard-webhooks', 'svix', 'clerk'])('of a %s source is never used as an HMAC secret', async (slug) => {
    const provider = providerOf(slug)
    const { secret } = await makeKeyPair(ED25519)
    const input = { provider, address: ADDRESS, query: '', now: NOW, unique: 'u' }
    const signedWithPublicKey = await writeSample({ ...input, secret })
    const forged = await verifyFor(provider, [`whpk_${secret}`], signedWithPublicKey)
    expect(forged.reason).not.toBeNull()
    const { request } = await sampleOf({ ...provider, schemes: provider.schemes.slice(0, 1) })
    expect((await verifyFor(provider, [`whpk_${secret}`], request)).verified).toBe(false)
  })
})
