import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainPublicKey, isUsable } from '../../../../src/webhooks/rules/verifying/keys'
import { isPublicKey } from '../../../../src/webhooks/rules/verifying/public-key'
import type { InboundRequest } from '../../../../src/webhooks/rules/verifying/request'
import type { Provider, PublicKeyScheme } from '../../../../src/webhooks/rules/verifying/scheme'
import { signedBytes } from '../../../../src/webhooks/rules/verifying/signed-text'
import { verify } from '../../../../src/webhooks/rules/verifying/verify'
import { someBytes, wellFormedText } from '../../../support/arbitraries'
import { NOW, providerOf, requestWith, sampleOf, verifyFor } from './samples'

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

const expected = async () => 'the signing secret'

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

/** The points of order 8, without their sign. */
const ORDER_8 = [
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]

function littleEndian(value: bigint): string {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex')
}

const P = 2n ** 255n - 19n
const D = -121_665n * inverse(121_666n)

function inverse(value: bigint): bigint {
  let [result, base] = [1n, value]
  for (let e = P - 2n; e > 0n; e >>= 1n, base = (base * base) % P) if (e & 1n) result = (result * base) % P
  return result
}

/** Doubles a point on the curve three times (RFC 8032 section 5.1). @returns whether that gives the neutral element */
function isOfSmallOrder(hex: string): boolean {
  const bytes = [...Buffer.from(hex, 'hex')].reverse()
  let y = BigInt(`0x${Buffer.from(bytes).toString('hex')}`) & (2n ** 255n - 1n)
  let xx = ((y * y - 1n) * inverse(D * y * y + 1n)) % P
  for (let i = 0; i < 3; i++) {
    const yy = y * y
    const next = ((yy + xx) * inverse((((2n - yy + xx) % P) + P) % P)) % P
    xx = (4n * xx * yy * inverse((((yy - xx) % P) + P) % P) ** 2n) % P
    y = next
  }
  return ((xx % P) + P) % P === 0n && ((y % P) + P) % P === 1n
}

describe('an Ed25519 key of small order', () => {
  // The neutral element, the points of order 2, 4 and 8, and what is the same modulo P.
  it.each([0n, 1n, P - 1n, P, P + 1n, ...ORDER_8].flatMap((y) => [y, y + 2n ** 255n]).map((y) => [littleEndian(y)]))(
    '%s is no key, because anyone can sign for it',
    async (hex) => {
      expect(isOfSmallOrder(hex)).toBe(true)
      const key = Buffer.from(hex, 'hex')
      const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key])
      for (const shown of [hex, key.toString('base64'), spki.toString('base64')]) {
        expect(await verifyHello(ED25519, shown, Buffer.alloc(64))).toMatchObject({ reason: 'bad_secret' })
        expect(await explainPublicKey(providerOf('discord'), shown, expected)).not.toBeNull()
        expect(await explainPublicKey(providerOf('standard-webhooks'), `whpk_${shown}`, expected)).not.toBeNull()
      }
    }
  )
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

/** A request that somebody signed with an HMAC, with a public key as the key. */
async function forgedWith(provider: Provider, key: Buffer): Promise<InboundRequest> {
  const { request } = await sampleOf(provider)
  const [scheme] = provider.schemes
  if (scheme?.kind !== 'hmac') throw new Error('The provider does not use an HMAC.')
  const timestamp = scheme.timestamp ? String(NOW / 1_000) : ''
  const text = signedBytes(scheme.signed, { request, content: null, timestamp, form: () => '' })
  const mac = createHmac('sha256', key).update(text).digest(scheme.encoding)
  const [name] = [scheme.signature.at].flat().map((place) => place.replace('header:', ''))
  const others = request.headers.filter(([other]) => other !== name)
  return { ...request, headers: [...others, [name ?? '', `${scheme.signature.prefix ?? ''}${mac}`] as const] }
}

describe('a Standard Webhooks public key', () => {
  const raw = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).subarray(12)
  const base64 = raw.toString('base64')
  const hex = raw.toString('hex')

  it.each(['standard-webhooks', 'svix', 'clerk'])('of a %s source is never used as an HMAC secret', async (slug) => {
    const provider = providerOf(slug)
    for (const [entered, key] of [
      [`whpk_${base64}`, raw],
      [base64, raw],
      [base64.replace('=', ''), raw],
      [` ${base64}\n`, raw],
      [hex, Buffer.from(hex, 'base64')],
    ] as const) {
      const forged = await verifyFor(provider, [entered], await forgedWith(provider, key))
      expect(forged.verified, entered).toBe(false)
      const fault = await explainPublicKey(provider, entered, expected)
      // With the prefix, the provider's other scheme uses it as what it is.
      if (entered.startsWith('whpk_')) expect(fault).toBeNull()
      else expect(fault, entered).toContain('whpk_')
    }
  })

  it('cannot be mistaken for a secret, which is accepted with its prefix, or without it if it has another length', async () => {
    const provider = providerOf('standard-webhooks')
    for (const secret of [
      `whsec_${base64}`,
      Buffer.alloc(24, 7).toString('base64'),
      Buffer.alloc(48, 7).toString('base64'),
    ])
      expect(await explainPublicKey(provider, secret, expected)).toBeNull()
  })
})

describe('a public key of a wrong length', () => {
  it.each([0, 1, 31, 33])('cannot be used: %i bytes', async (length) => {
    const prefix = Buffer.from('302a300506032b6570032100', 'hex')
    const entered = Buffer.concat([prefix, Buffer.alloc(length, 7)]).toString('base64')
    expect(await isUsable(providerOf('discord'), entered)).toBe(false)
    // It is stored, and the page of the source says that it cannot be used.
    expect(await explainPublicKey(providerOf('discord'), entered, expected)).toBeNull()
    expect(await explainPublicKey(providerOf('standard-webhooks'), `whpk_${entered}`, expected)).toContain('public key')
    expect(await verifyHello(ED25519, entered, Buffer.alloc(64))).toMatchObject({ reason: 'bad_secret' })
  })
})

describe('a public key that was entered as an HMAC secret', () => {
  const ed25519 = generateKeyPairSync('ed25519').publicKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
  const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()
  const withoutLines = (text: string) => text.replace(/-----[^-]+-----/g, '').trim()
  const forms: [string, string][] = [
    ['whpk_', `whpk_${spki(ed25519).subarray(12).toString('base64')}`],
    ['PEM of Ed25519', pem(ed25519)],
    ['PEM of RSA', pem(rsa)],
    ['PEM of EC', pem(ec)],
    ['PEM of PKCS #1', rsa.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['PEM without its first and last line', withoutLines(pem(rsa))],
    ['DER of Ed25519 in base64', spki(ed25519).toString('base64')],
    ['DER of RSA in base64', spki(rsa).toString('base64')],
    ['DER of EC in base64url', spki(ec).toString('base64url')],
    ['DER of RSA in hex', spki(rsa).toString('hex')],
    ['DER of PKCS #1 in base64', rsa.export({ type: 'pkcs1', format: 'der' }).toString('base64')],
    ['an EC point in base64url', spki(ec).subarray(-65).toString('base64url')],
    ['a JWK', JSON.stringify(ed25519.export({ format: 'jwk' }))],
    ['a JWK of RSA', JSON.stringify(rsa.export({ format: 'jwk' }), null, 2)],
    ['an OpenSSH key without its type', 'AAAAC3NzaC1lZDI1NTE5AAAAIBQc0YFGYw8kQFUqUQdIxmwhwHRCmPOz'],
    ['an OpenSSH key with options', 'from="x" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBQc0YFGYw8kQFUqUQdIxmwhwHRCmPOz'],
    ['an OpenSSH key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBQc0YFGYw8kQFUqUQdIxmwhwHRCmPOz me@example.com'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'],
  ]

  it.each(forms)('is refused with words: %s', async (_, entered) => {
    for (const slug of ['github', 'custom-hmac', 'stripe', 'microsoft-teams']) {
      const provider = providerOf(slug)
      expect(await isUsable(provider, entered), slug).toBe(false)
      expect(await explainPublicKey(provider, entered, expected), slug).toContain('public key')
    }
  })

  it.each(forms)('does not verify what somebody signed with it: %s', async (_, entered) => {
    const provider = providerOf('github')
    const forged = await forgedWith(provider, Buffer.from(entered))
    expect(await verifyFor(provider, [entered], forged)).toMatchObject({ verified: false, reason: 'bad_secret' })
  })

  it('is not seen in any secret that is random, in whatever way it is written', () => {
    const random = someBytes(16, 64).filter((bytes) => bytes[0] !== 0x04)
    fc.assert(
      fc.property(random, fc.constantFrom('hex', 'base64', 'base64url', 'utf8', 'latin1'), (bytes, encoding) => {
        expect(isPublicKey(Buffer.from(bytes).toString(encoding as BufferEncoding))).toBe(false)
      })
    )
    fc.assert(fc.property(wellFormedText, (text) => !isPublicKey(text)))
  })
})
