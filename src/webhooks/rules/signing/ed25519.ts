import { type Bytes, fromBase64, fromBase64Url, toBase64, toBase64Url, toHex, utf8 } from '../../../kit/lib/bytes'
import { sha256, verifySignature } from '../../../kit/lib/hmac'
import { err, ok, type Result } from '../../../kit/lib/result'

/* Ed25519 (RFC 8032): the asymmetric scheme `v1a` of Standard Webhooks. Receivers have no secret to protect. */

export const SEED_BYTES = 32
const PUBLIC_KEY_BYTES = 32
const PREFIX = 'whpk_'
const ED25519 = 'Ed25519'

/** WebCrypto imports a private key only as PKCS #8. These bytes precede the seed (RFC 8410 section 7). */
const PKCS8_HEAD = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
])

/** @param seed 32 random bytes. @throws Error for another length */
export async function importPrivateKey(seed: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pkcs8(seed), ED25519, false, ['sign'])
}

/** @param seed 32 random bytes. @returns the public key, 32 bytes. @throws Error for another length */
export async function publicKeyOf(seed: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('pkcs8', pkcs8(seed), ED25519, true, ['sign'])
  const { x } = (await crypto.subtle.exportKey('jwk', key)) as JsonWebKey
  const bytes = x === undefined ? null : fromBase64Url(x)
  if (bytes?.length !== PUBLIC_KEY_BYTES) throw new Error('The runtime did not export an Ed25519 key.')
  return bytes
}

function pkcs8(seed: Bytes): Bytes {
  if (seed.length !== SEED_BYTES) throw new Error(`A seed must be ${SEED_BYTES} bytes long.`)
  return Uint8Array.of(...PKCS8_HEAD, ...seed)
}

/** @returns the signature, 64 bytes */
export async function signEd25519(privateKey: CryptoKey, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(ED25519, privateKey, data))
}

/** @param publicKey 32 bytes. Bytes that are no point on the curve verify nothing */
export async function verifyEd25519(publicKey: Bytes, signature: Bytes, data: Bytes): Promise<boolean> {
  const key = await importPublicKey(publicKey)
  return key !== null && verifySignature(ED25519, key, signature, data)
}

async function importPublicKey(publicKey: Bytes): Promise<CryptoKey | null> {
  try {
    return await crypto.subtle.importKey('raw', publicKey, ED25519, false, ['verify'])
  } catch (cause) {
    // Platforms throw different errors for an invalid key.
    if (cause instanceof Error) return null
    throw cause
  }
}

/** The points of order 1, 2, 4 and 8 on the curve, in each of their encodings, without the bit for the sign. */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

/** @returns whether a public key fits signatures that anyone can make without a private key */
export function isSmallOrder(publicKey: Bytes): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES) return false
  const y = publicKey.with(31, (publicKey[31] ?? 0) & 0x7f)
  return SMALL_ORDER.includes(toHex(y))
}

/** @returns the key in the Standard Webhooks format: `whpk_` followed by base64 */
export const formatPublicKey = (publicKey: Bytes): string => PREFIX + toBase64(publicKey)

/** @returns the 32 bytes of a `whpk_...` key, or an error message */
export function parsePublicKey(text: string): Result<Bytes, string> {
  if (!text.startsWith(PREFIX)) return err(`A public key starts with "${PREFIX}".`)
  const key = fromBase64(text.slice(PREFIX.length))
  if (key?.length === PUBLIC_KEY_BYTES) return ok(key)
  return err(`The part after "${PREFIX}" must be ${PUBLIC_KEY_BYTES} bytes in standard base64.`)
}

/** @returns an octet key pair (RFC 8037) for a JWK set (RFC 7517) */
export function toJwk(publicKey: Bytes, kid: string) {
  return { kty: 'OKP', crv: ED25519, x: toBase64Url(publicKey), kid, use: 'sig', alg: 'EdDSA' } as const
}

/** @returns the thumbprint of the key in base64url (RFC 7638; RFC 8037 appendix A.3); it depends only on the key */
export async function keyIdOf(publicKey: Bytes): Promise<string> {
  const members = `{"crv":"${ED25519}","kty":"OKP","x":"${toBase64Url(publicKey)}"}`
  return toBase64Url(await sha256(utf8(members)))
}
