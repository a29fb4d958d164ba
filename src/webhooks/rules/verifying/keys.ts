import { type Bytes, fromBase64, fromHex, padBase64, toHex, utf8 } from '../../../kit/lib/bytes'
import { hmac, verifySignature } from '../../../kit/lib/hmac'
import { isSmallOrder } from '../signing/ed25519'
import { isPublicKey } from './public-key'
import type { HmacScheme, Provider, PublicKeyScheme, Scheme } from './scheme'

/** HMAC (RFC 2104). @param secret as the provider shows it. @returns null if it is no key for the scheme */
export async function computeMac(scheme: Pick<HmacScheme, 'hash' | 'key' | 'keyPrefix'>, secret: string, data: Bytes) {
  const key = macKey(scheme, secret)
  return key === null ? null : hmac(scheme.hash, key, data)
}

/** @returns whether a secret is a valid key for the scheme */
export function isMacKey(scheme: Pick<HmacScheme, 'key' | 'keyPrefix'>, secret: string): boolean {
  return macKey(scheme, secret) !== null
}

function macKey(scheme: Pick<HmacScheme, 'key' | 'keyPrefix'>, secret: string): Bytes | null {
  const key = decodeKey(scheme, secret)
  return key?.length === 0 ? null : key
}

function decodeKey({ key, keyPrefix }: Pick<HmacScheme, 'key' | 'keyPrefix'>, secret: string): Bytes | null {
  const trimmed = secret.trim()
  if (isPublicKey(trimmed) || isAmbiguous(trimmed, keyPrefix)) return null
  const text = withoutPrefix(trimmed, keyPrefix)
  // Some providers show base64 without padding.
  if (key === 'base64') return fromBase64(padBase64(text))
  // In a text secret, spaces are significant.
  return key === 'hex' ? fromHex(text) : utf8(secret)
}

/** Without its prefix, a secret of 32 bytes cannot be told from an Ed25519 public key, which anyone can know. */
function isAmbiguous(text: string, keyPrefix: string | undefined): boolean {
  return keyPrefix !== undefined && !text.startsWith(keyPrefix) && rawKey(padBase64(text)) !== null
}

/** Some providers show a secret without its prefix. */
function withoutPrefix(text: string, prefix = ''): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

/**
 * @param expected reads what the provider calls its secret
 * @returns an error message if a secret is, or may be, a public key that the provider's schemes cannot use, or null
 */
export async function explainPublicKey(
  { name, schemes }: Pick<Provider, 'name' | 'schemes'>,
  secret: string,
  expected: () => Promise<string>
): Promise<string | null> {
  if (await isUsable({ schemes }, secret)) return null
  if (isForEveryone({ schemes }, secret)) return `${FOR_EVERYONE} Expected: ${await expected()}.`
  if (isPublicKey(secret)) return `This is a public key, but ${name} needs a secret. Expected: ${await expected()}.`
  const prefixes = schemes.flatMap((scheme) => ('keyPrefix' in scheme && scheme.keyPrefix ? [scheme.keyPrefix] : []))
  if (!prefixes.some((prefix) => isAmbiguous(secret.trim(), prefix))) return null
  return `This may be a secret or a public key. Enter it with its prefix: ${[...new Set(prefixes)].join(' or ')}.`
}

const FOR_EVERYONE = 'This key is not safe: it has a small order, so anyone can create valid signatures for it.'

/** @returns whether a secret is an Ed25519 key with which anyone could sign */
function isForEveryone({ schemes }: Pick<Provider, 'schemes'>, secret: string): boolean {
  return schemes.some((scheme) => {
    if (scheme.kind !== 'ed25519') return false
    const key = rawKey(withoutPrefix(secret.trim(), scheme.keyPrefix))
    return key !== null && isSmallOrder(key)
  })
}

/** @returns whether a secret is a valid key for any of the provider's schemes; true if there is no secret yet */
export async function isUsable({ schemes }: Pick<Provider, 'schemes'>, secret: string | undefined): Promise<boolean> {
  if (secret === undefined) return true
  const uses = schemes.map((scheme) => canUse(scheme, secret))
  return (await Promise.all(uses)).includes(true)
}

async function canUse(scheme: Scheme, secret: string): Promise<boolean> {
  if (scheme.kind === 'hmac') return (await computeMac(scheme, secret, utf8(''))) !== null
  if (scheme.kind === 'shared-secret') return scheme.format !== 'basic' || secret.includes(':')
  return scheme.kind === 'unsigned' || (await parsePublic(scheme, secret)) !== null
}

const ED25519_BYTES = 32

/** @param shown the public key, as the provider shows it. @returns null if it is no key for the scheme */
export async function parsePublic(scheme: PublicKeyScheme, shown: string): Promise<CryptoKey | null> {
  const trimmed = shown.trim()
  // If the prefix were optional, the same provider's HMAC scheme would accept the key as a secret.
  if (!trimmed.startsWith(scheme.keyPrefix ?? '')) return null
  const text = withoutPrefix(trimmed, scheme.keyPrefix)
  const bytes = scheme.key === 'raw' ? rawKey(text) : fromBase64(withoutPem(text))
  if (bytes === null || (scheme.kind === 'ed25519' && isSmallOrder(bytes.slice(-ED25519_BYTES)))) return null
  try {
    const format = scheme.key === 'raw' ? 'raw' : 'spki'
    return await crypto.subtle.importKey(format, bytes, ALGORITHMS[scheme.kind], false, ['verify'])
  } catch (cause) {
    // Platforms throw different errors for an invalid key.
    if (cause instanceof Error) return null
    throw cause
  }
}

const ALGORITHMS = {
  ed25519: { name: 'Ed25519' },
  'ecdsa-p256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'rsa-sha256': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
} as const

/** An Ed25519 key in SPKI starts with these bytes (RFC 8410 section 4). The remaining 32 bytes are the raw key. */
const SPKI_PREFIX = '302a300506032b6570032100'

function rawKey(text: string): Bytes | null {
  const spki = fromBase64(withoutPem(text))
  if (spki && toHex(spki).startsWith(SPKI_PREFIX)) return spki.slice(SPKI_PREFIX.length / 2)
  return [fromHex(text), fromBase64(text)].find((bytes) => bytes?.length === ED25519_BYTES) ?? null
}

const withoutPem = (text: string): string => text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '')

/** @param signature as the provider sends it; an ECDSA signature is in DER */
export async function verifyWith(scheme: Pick<PublicKeyScheme, 'kind'>, key: CryptoKey, signature: Bytes, data: Bytes) {
  const bytes = scheme.kind === 'ecdsa-p256' ? fromDer(signature) : signature
  return bytes !== null && verifySignature(ALGORITHMS[scheme.kind], key, bytes, data)
}

const INTEGER_BYTES = 32

/** Converts ECDSA signatures from DER (RFC 3279 section 2.2.3) to the 64 bytes that WebCrypto takes. Null if invalid */
function fromDer(der: Bytes): Bytes | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null
  const r = readInteger(der, 2)
  const s = r && readInteger(der, r.end)
  if (!r || !s || s.end !== der.length) return null
  const both = new Uint8Array(2 * INTEGER_BYTES)
  both.set(r.value, INTEGER_BYTES - r.value.length)
  both.set(s.value, 2 * INTEGER_BYTES - s.value.length)
  return both
}

function readInteger(der: Bytes, at: number): { value: Bytes; end: number } | null {
  const length = der[at + 1] ?? 0
  const end = at + 2 + length
  if (der[at] !== 0x02 || length === 0 || end > der.length) return null
  // A leading zero only marks the integer as positive.
  const value = der[at + 2] === 0 ? der.slice(at + 3, end) : der.slice(at + 2, end)
  return value.length <= INTEGER_BYTES ? { value, end } : null
}

/** The reverse of `fromDer`, for signing samples. @param raw 64 bytes */
export function toDer(raw: Bytes): Bytes {
  const r = writeInteger(raw.slice(0, INTEGER_BYTES))
  const s = writeInteger(raw.slice(INTEGER_BYTES))
  const body = [...r, ...s]
  return Uint8Array.from([0x30, body.length, ...body])
}

function writeInteger(bytes: Bytes): number[] {
  const significant = [...bytes.slice(bytes.findIndex((byte) => byte !== 0))]
  const value = (significant[0] ?? 0) > 0x7f ? [0, ...significant] : significant
  return [0x02, value.length, ...value]
}
