import { toBase64, toHex, utf8 } from '../core/lib/bytes'
import { randomBytes } from './keys'

/*
 * Tokens that let somebody do one thing. They are shown once and stored hashed: 256 random bits need no slow hash.
 */

type TokenPrefix = 'pull' | 'link' | 'hook'

/** @param prefix says what it is for, so that one that is found somewhere can be told apart */
export function freshToken(prefix: TokenPrefix): string {
  const text = toBase64(randomBytes(32))
  return `${prefix}_${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** Whether it could be one of ours: anything else is not even looked up. */
export function isToken(prefix: TokenPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[\w-]{43}$/.test(text.slice(prefix.length + 1))
}

/** @returns 64 hex digits */
export async function hashToken(token: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token))))
}
