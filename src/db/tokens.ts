import { toBase64Url, utf8 } from '../core/lib/bytes'
import { sha256Hex } from '../core/lib/hmac'
import { randomBytes } from './ids'

/*
 * Tokens that let somebody do one thing. They are shown once and stored hashed: 256 random bits need no slow hash.
 */

type TokenPrefix = 'pull' | 'link' | 'hook'

/** @param prefix says what it is for, so that one that is found somewhere can be told apart */
export function freshToken(prefix: TokenPrefix): string {
  return `${prefix}_${toBase64Url(randomBytes(32))}`
}

/** Whether it could be one of ours: anything else is not even looked up. */
export function isToken(prefix: TokenPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[\w-]{43}$/.test(text.slice(prefix.length + 1))
}

/** @returns 64 hex digits */
export async function hashToken(token: string): Promise<string> {
  return sha256Hex(utf8(token))
}
