import { type Bytes, decodeUtf8, fromBase64, utf8 } from './bytes'
import { hmacSha256 } from './hmac'
import { err, ok, type Result } from './result'

/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D). A box is a head, a 12-byte nonce and the ciphertext with its tag. The head is a version byte and
 * five bytes that name the key, so that it tells (as eight characters of base64) what has yet to be sealed again when the key is rotated. `context`
 * (a row's id) is authenticated but not stored, so that a box copied into another row does not open there.
 */
const VERSION = 2
/** By version. The first one named no key. */
const HEAD_BYTES: Record<number, number> = { 1: 1, 2: 6 }
export const NONCE_BYTES = 12
const KEY_BYTES = 32
const TAG_BYTES = 16

export type BoxRefusal = 'unknown_version' | 'cannot_open'

/** @returns the 32 key bytes of a secrets key in base64, or what is wrong with it */
export function parseSecretsKey(text: string): Result<Bytes, string> {
  const key = fromBase64(text)
  if (key?.length === KEY_BYTES) return ok(key)
  return err('It must be 32 random bytes in base64: `openssl rand -base64 32` makes one.')
}

/** @param nonce 12 random bytes, never used before under this key */
export async function sealSecret(
  key: Bytes,
  plaintext: string,
  context: string,
  nonce: Bytes
): Promise<Bytes> {
  const aes = await importKey(key, 'encrypt')
  const head = await boxHead(key)
  const sealed = await crypto.subtle.encrypt(parameters(nonce, head, context), aes, utf8(plaintext))
  return Uint8Array.of(...head, ...nonce, ...new Uint8Array(sealed))
}

/** How every box that is sealed under a key begins: six bytes. The key's name says nothing about the key. */
export async function boxHead(key: Bytes): Promise<Bytes> {
  const name = await hmacSha256(key, utf8('guesthook:box'))
  return Uint8Array.of(VERSION, ...name.slice(0, 5))
}

/** @returns the plaintext, or why it does not open: another key, another row, or changed bytes */
export async function openSecret(
  key: Bytes,
  box: Bytes,
  context: string
): Promise<Result<string, BoxRefusal>> {
  const headBytes = HEAD_BYTES[box[0] ?? 0]
  if (headBytes === undefined) return err('unknown_version')
  if (box.length < headBytes + NONCE_BYTES + TAG_BYTES) return err('cannot_open')
  const plaintext = await decrypt(key, box, headBytes, context)
  const text = plaintext && decodeUtf8(plaintext)
  return text === null ? err('cannot_open') : ok(text)
}

async function decrypt(
  key: Bytes,
  box: Bytes,
  headBytes: number,
  context: string
): Promise<ArrayBuffer | null> {
  const aes = await importKey(key, 'decrypt')
  const body = headBytes + NONCE_BYTES
  // The first version authenticated no head: its one byte says only that.
  const head = headBytes === 1 ? new Uint8Array() : box.slice(0, headBytes)
  try {
    const algorithm = parameters(box.slice(headBytes, body), head, context)
    return await crypto.subtle.decrypt(algorithm, aes, box.slice(body))
  } catch (cause) {
    // WebCrypto says no more than OperationError, on purpose.
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
