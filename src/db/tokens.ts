import { toBase64, toHex, utf8 } from '../core/bytes'
import { randomBytes } from './keys'

/*
 * Tokens that let somebody do one thing. They are shown once and stored hashed: 256 random bits need no slow hash.
 */

/** @param prefix says what it is for, so that one that is found somewhere can be told apart */
export function freshToken(prefix: 'pull' | 'link'): string {
  const text = toBase64(randomBytes(32))
  return `${prefix}_${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** @returns 64 hex digits */
export async function hashToken(token: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(token))))
}
