import { toBase64Url, utf8 } from '../core/lib/bytes'
import { sha256Hex } from '../core/lib/hmac'
import { randomBytes } from './ids'

/*
 * Each token grants access to one thing. Tokens are looked up by SHA-256 hash. They have 256 random
 * bits, so a slow hash is not needed.
 */

type TokenPrefix = 'pull' | 'link' | 'hook'

/** @param prefix says what the token is for, so that a leaked token can be recognized */
export function freshToken(prefix: TokenPrefix): string {
  return `${prefix}_${toBase64Url(randomBytes(32))}`
}

/** Checks whether a string has the format of a token, so that other strings do not need a query. */
export function isToken(prefix: TokenPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[\w-]{43}$/.test(text.slice(prefix.length + 1))
}

/** @returns 64 hex digits */
export async function hashToken(token: string): Promise<string> {
  return sha256Hex(utf8(token))
}
