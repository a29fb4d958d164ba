import { toBase64Url, utf8 } from '../lib/bytes'
import { sha256Hex } from '../lib/hmac'
import { randomBytes } from './ids'

/* A token grants access to one thing, and is found by its SHA-256. It has 256 random bits, so a fast hash will do. */

type TokenPrefix = 'pull' | 'link' | 'hook' | 'session' | 'apikey'

/** @param prefix says what the token is for, so that a leaked token can be recognized */
export const freshToken = (prefix: TokenPrefix): string => `${prefix}_${toBase64Url(randomBytes(32))}`

/** The first versions used other prefixes. Their tokens are still in use: senders have kept the URLs. */
const FORMER_PREFIXES: Partial<Record<TokenPrefix, string>> = { hook: 'in' }

/** Longer than any token. */
const TOKEN_MAX = 64

/** Checks whether a string has the format of a token, so that other strings need neither a hash nor a query. */
export function isToken(prefix: TokenPrefix, text: string): boolean {
  if (text.length > TOKEN_MAX) return false
  const [, found, random = ''] = /^([a-z]+)_([\w-]+)$/.exec(text) ?? []
  return random.length === 43 && (found === prefix || found === FORMER_PREFIXES[prefix])
}

/** @returns 64 hex digits */
export const hashToken = async (token: string): Promise<string> => sha256Hex(utf8(token))
