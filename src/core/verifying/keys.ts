import { type Bytes, fromBase64, fromHex, toHex, utf8 } from '../lib/bytes'
import type { HmacScheme, Provider, PublicKeyScheme, Scheme } from './scheme'

/** HMAC (RFC 2104) under a secret as the provider shows it. @returns null when the secret is no key of that scheme */
export async function computeMac(
  scheme: Pick<HmacScheme, 'hash' | 'key' | 'keyPrefix'>,
  secret: string,
  data: Bytes
): Promise<Bytes | null> {
  const key = macKey(scheme, secret)
  if (key === null || key.length === 0) return null
  const algorithm = { name: 'HMAC', hash: scheme.hash }
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data))
}

function macKey({ key, keyPrefix }: Pick<HmacScheme, 'key' | 'keyPrefix'>, secret: string) {
  const trimmed = secret.trim()
  // What is public must never be taken for a secret.
  if (trimmed.startsWith(PUBLIC_PREFIX)) return null
  const text = withoutPrefix(trimmed, keyPrefix)
  if (key === 'base64') return fromBase64(padded(text))
  // A text is what it is, to the last space.
  return key === 'hex' ? fromHex(text) : utf8(secret)
}

/** Of a public key, as Standard Webhooks write it. */
const PUBLIC_PREFIX = 'whpk_'

/** Some senders show a secret without its prefix, and it is the same one. */
function withoutPrefix(text: string, prefix = ''): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

/** Some show base64 without its padding. */
function padded(text: string): string {
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

/** Whether some scheme of a provider can do something with a secret, before anything has come that says so. */
export async function isUsable(
  { schemes }: Pick<Provider, 'schemes'>,
  secret: string | undefined
): Promise<boolean> {
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

/** A public key as the provider shows it. @returns null when it is none of that scheme */
export async function parsePublic(
  scheme: PublicKeyScheme,
  shown: string
): Promise<CryptoKey | null> {
  // Without its prefix, a public key could as well be a secret: the scheme beside it would take it for one.
  const trimmed = shown.trim()
  if (!trimmed.startsWith(scheme.keyPrefix ?? '')) return null
  const text = withoutPrefix(trimmed, scheme.keyPrefix)
  const bytes = scheme.key === 'raw' ? rawKey(text) : fromBase64(withoutPem(text))
  if (bytes === null) return null
  try {
    const format = scheme.key === 'raw' ? 'raw' : 'spki'
    return await crypto.subtle.importKey(format, bytes, ALGORITHMS[scheme.kind], false, ['verify'])
  } catch (cause) {
    // The platform names what does not fit in its own ways: a key that it does not take is none.
    if (cause instanceof Error) return null
    throw cause
  }
}

const ALGORITHMS = {
  ed25519: { name: 'Ed25519' },
  'ecdsa-p256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'rsa-sha256': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
} as const

/** What comes before the 32 bytes where the key is written as SPKI (RFC 8410, section 4), in PEM or not. */
const SPKI_HEAD = '302a300506032b6570032100'

function rawKey(text: string): Bytes | null {
  const spki = fromBase64(withoutPem(text))
  if (spki && toHex(spki).startsWith(SPKI_HEAD)) return spki.slice(SPKI_HEAD.length / 2)
  return [fromHex(text), fromBase64(text)].find((bytes) => bytes?.length === ED25519_BYTES) ?? null
}

function withoutPem(text: string): string {
  return text.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '')
}

export async function verifyWith(
  scheme: Pick<PublicKeyScheme, 'kind'>,
  key: CryptoKey,
  signature: Bytes,
  data: Bytes
): Promise<boolean> {
  const bytes = scheme.kind === 'ecdsa-p256' ? fromDer(signature) : signature
  return bytes !== null && crypto.subtle.verify(ALGORITHMS[scheme.kind], key, bytes, data)
}

const COORDINATE_BYTES = 32

/**
 * An ECDSA signature is sent as a DER sequence of two integers (RFC 3279, section 2.2.3); WebCrypto takes the two side by side.
 * @returns 64 bytes, or null when it is not such a sequence
 */
export function fromDer(der: Bytes): Bytes | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null
  const r = readInteger(der, 2)
  const s = r && readInteger(der, r.end)
  if (!r || !s || s.end !== der.length) return null
  const both = new Uint8Array(2 * COORDINATE_BYTES)
  both.set(r.value, COORDINATE_BYTES - r.value.length)
  both.set(s.value, 2 * COORDINATE_BYTES - s.value.length)
  return both
}

function readInteger(der: Bytes, at: number): { value: Bytes; end: number } | null {
  const length = der[at + 1] ?? 0
  const end = at + 2 + length
  if (der[at] !== 0x02 || length === 0 || end > der.length) return null
  // A leading zero keeps the number positive, and is no part of it.
  const value = der[at + 2] === 0 ? der.slice(at + 3, end) : der.slice(at + 2, end)
  return value.length <= COORDINATE_BYTES ? { value, end } : null
}

/** The other way round, for samples that we sign ourselves. @param raw 64 bytes */
export function toDer(raw: Bytes): Bytes {
  const [r, s] = [raw.slice(0, COORDINATE_BYTES), raw.slice(COORDINATE_BYTES)].map(writeInteger)
  const body = [...(r as number[]), ...(s as number[])]
  return Uint8Array.from([0x30, body.length, ...body])
}

function writeInteger(bytes: Bytes): number[] {
  const significant = [...bytes.slice(bytes.findIndex((byte) => byte !== 0))]
  const value = (significant[0] ?? 0) > 0x7f ? [0, ...significant] : significant
  return [0x02, value.length, ...value]
}
