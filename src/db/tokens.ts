import { toBase64Url, utf8 } from '../core/lib/bytes'
import { sha256Hex } from '../core/lib/hmac'
import { randomBytes } from './ids'

/*
 * Tokens that each grant one thing. They are looked up by their SHA-256 hash: 256 random bits do not need a slow hash.
 */

type TokenPrefix = 'pull' | 'link' | 'hook'

/** @param prefix says what the token is for, so that a leaked one can be recognized */
export function freshToken(prefix: TokenPrefix): string {
  return `${prefix}_${toBase64Url(randomBytes(32))}`
}

/** Whether text has the form of a token, so that other text needs no query. */
export function isToken(prefix: TokenPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[\w-]{43}$/.test(text.slice(prefix.length + 1))
}

/** @returns 64 hex digits */
export async function hashToken(token: string): Promise<string> {
  return sha256Hex(utf8(token))
}
