import { type Bytes, decodeUtf8, fromBase64, utf8 } from './bytes'
import { err, ok, type Result } from './result'

/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D). A box is one version byte, a 12-byte nonce and the ciphertext with its tag.
 * The version byte is what lets a later version read what an earlier one wrote. `context` (a row's id) is authenticated but not stored, so that
 * a box copied into another row does not open there.
 */
const VERSION = 1
export const NONCE_BYTES = 12
const KEY_BYTES = 32
const TAG_BYTES = 16

export type BoxRefusal = 'unknown_version' | 'cannot_open'

/** @returns the 32 key bytes of a base64 `SECRETS_KEY`, or what is wrong with it */
export function parseSecretsKey(text: string): Result<Bytes, string> {
  const key = fromBase64(text)
  if (key?.length === KEY_BYTES) return ok(key)
  return err('SECRETS_KEY must be 32 random bytes in base64: `openssl rand -base64 32` makes one.')
}

/** @param nonce 12 random bytes, never used before under this key */
export async function sealSecret(
  key: Bytes,
  plaintext: string,
  context: string,
  nonce: Bytes
): Promise<Bytes> {
  const aes = await importKey(key, 'encrypt')
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt(parameters(nonce, context), aes, utf8(plaintext))
  )
  const box = new Uint8Array(1 + NONCE_BYTES + sealed.length)
  box[0] = VERSION
  box.set(nonce, 1)
  box.set(sealed, 1 + NONCE_BYTES)
  return box
}

/** @returns the plaintext, or why it does not open: another key, another row, or changed bytes */
export async function openSecret(
  key: Bytes,
  box: Bytes,
  context: string
): Promise<Result<string, BoxRefusal>> {
  if (box[0] !== VERSION) return err('unknown_version')
  if (box.length < 1 + NONCE_BYTES + TAG_BYTES) return err('cannot_open')
  const plaintext = await decrypt(key, box, context)
  const text = plaintext && decodeUtf8(plaintext)
  return text === null ? err('cannot_open') : ok(text)
}

async function decrypt(key: Bytes, box: Bytes, context: string): Promise<ArrayBuffer | null> {
  const aes = await importKey(key, 'decrypt')
  const nonce = box.slice(1, 1 + NONCE_BYTES)
  try {
    return await crypto.subtle.decrypt(parameters(nonce, context), aes, box.slice(1 + NONCE_BYTES))
  } catch (cause) {
    // WebCrypto says no more than OperationError, on purpose.
    if (cause instanceof Error && cause.name === 'OperationError') return null
    throw cause
  }
}

function parameters(nonce: Bytes, context: string) {
  return { name: 'AES-GCM', iv: nonce, additionalData: utf8(context) }
}

async function importKey(key: Bytes, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, [use])
}
