import { type Bytes, decodeUtf8, fromBase64, utf8 } from './bytes'
import { hmacSha256 } from './hmac'
import { err, ok, type Result } from './result'

/*
 * Encrypts secrets at rest with AES-256-GCM (NIST SP 800-38D). A box consists of a header, a 12-byte nonce, and the
 * ciphertext with its tag. The header consists of a version byte and five bytes that identify the key. In base64, the
 * header is the first eight characters, so after a key rotation, a query can find the boxes that still use the old
 * key. `context` (the ID of the row) is authenticated but not stored, so a box cannot be decrypted in any other row.
 */

const VERSION = 2
/** The length of the header in each version. Version 1 did not identify the key. */
const HEAD_BYTES: Record<number, number> = { 1: 1, 2: 6 }
export const NONCE_BYTES = 12
const KEY_BYTES = 32
const TAG_BYTES = 16

type BoxRefusal = 'unknown_version' | 'cannot_open'

/** @returns the 32 bytes of a base64 secrets key, or an error message. Zeros are a placeholder, not a key. */
export function parseSecretsKey(text: string): Result<Bytes, string> {
  const key = fromBase64(text)
  if (key?.length === KEY_BYTES && key.some((byte) => byte !== 0)) return ok(key)
  return err('The value must be 32 random bytes in base64. Generate one with: openssl rand -base64 32')
}

/** @param nonce 12 random bytes, never used before with this key */
export async function sealSecret(key: Bytes, plaintext: string, context: string, nonce: Bytes): Promise<Bytes> {
  const aes = await importKey(key, 'encrypt')
  const head = await boxHead(key)
  const sealed = await crypto.subtle.encrypt(parameters(nonce, head, context), aes, utf8(plaintext))
  return Uint8Array.of(...head, ...nonce, ...new Uint8Array(sealed))
}

/** @returns the first six bytes of every box sealed with this key. They reveal nothing about the key. */
export async function boxHead(key: Bytes): Promise<Bytes> {
  const keyId = await hmacSha256(key, utf8('guesthook:box'))
  return Uint8Array.of(VERSION, ...keyId.slice(0, 5))
}

/** @returns the plaintext, or an error if the key or the row does not match, or if bytes were changed */
export async function openSecret(key: Bytes, box: Bytes, context: string): Promise<Result<string, BoxRefusal>> {
  const headBytes = HEAD_BYTES[box[0] ?? 0]
  if (headBytes === undefined) return err('unknown_version')
  if (box.length < headBytes + NONCE_BYTES + TAG_BYTES) return err('cannot_open')
  const plaintext = await decrypt(key, box, headBytes, context)
  const text = plaintext && decodeUtf8(plaintext)
  return text === null ? err('cannot_open') : ok(text)
}

async function decrypt(key: Bytes, box: Bytes, headBytes: number, context: string): Promise<ArrayBuffer | null> {
  const aes = await importKey(key, 'decrypt')
  const body = headBytes + NONCE_BYTES
  // Version 1 did not authenticate its header.
  const head = headBytes === 1 ? new Uint8Array() : box.slice(0, headBytes)
  try {
    const algorithm = parameters(box.slice(headBytes, body), head, context)
    return await crypto.subtle.decrypt(algorithm, aes, box.slice(body))
  } catch (cause) {
    // WebCrypto throws OperationError for every failed decryption, without details.
    if (cause instanceof Error && cause.name === 'OperationError') return null
    throw cause
  }
}

function parameters(nonce: Bytes, head: Bytes, context: string) {
  return { name: 'AES-GCM', iv: nonce, additionalData: Uint8Array.of(...head, ...utf8(context)) }
}

async function importKey(key: Bytes, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, [use])
}
