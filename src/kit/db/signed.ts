import { equalBytes, fromBase64Url, toBase64Url, utf8 } from '../lib/bytes'
import { hmacSha256 } from '../lib/hmac'
import { deriveKey, deriveKeys, hasSecretsKey } from './sealing'

/* Texts that only this guestbook can have made. They are not stored: the signature is all that is checked. */

/** What a signature is for. A signature made for one purpose is never valid for another. */
type Purpose = 'edit entry' | 'own entries' | 'form' | 'moderation link' | 'private link' | 'undo'

/** @returns the signature, in base64url; empty if SECRETS_KEY is unusable, so that the guestbook works without it */
export async function signText(env: Env, purpose: Purpose, text: string): Promise<string> {
  if (!hasSecretsKey(env)) return ''
  return toBase64Url(await hmacSha256(await deriveKey(env, purpose), utf8(text)))
}

/** Compares in constant time. While SECRETS_KEY is being rotated, signatures of the previous key are valid, too. */
export async function isSigned(env: Env, purpose: Purpose, text: string, signature: string): Promise<boolean> {
  const given = fromBase64Url(signature)
  if (!given?.length || !hasSecretsKey(env)) return false
  const keys = await deriveKeys(env, purpose)
  const valid = await Promise.all(keys.map((key) => hmacSha256(key, utf8(text))))
  return valid.some((mac) => equalBytes(mac, given))
}
