import { type Bytes, decodeUtf8, fromBase64Url, utf8 } from '../../kit/lib/bytes'
import { verifySignature } from '../../kit/lib/hmac'
import { isObject, parseJson } from '../../kit/lib/json'
import { err, ok, type Result } from '../../kit/lib/result'
import { DAY_MS } from '../../kit/lib/time'

/*
 * The assertion of Cloudflare Access: a JWT (RFC 7519) that is signed with RS256 (RFC 7518 section 3.3).
 * https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/
 */

/** An assertion with many groups has a few kilobytes. */
const TOKEN_MAX = 8_192
const KID_MAX = 256
const EMAIL_MAX = 254
/** Three parts of base64url without padding. */
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/
/** How far the clock of Cloudflare may be ahead of ours, in seconds. */
const CLOCK_SKEW = 60
/** The longest session of Access is a month. */
const MAX_LIFETIME = (32 * DAY_MS) / 1_000
/** Shorter keys can be broken (RFC 7518 section 3.3). */
const MIN_MODULUS_BYTES = 256
const MAX_KEYS = 20
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

export interface Assertion {
  /** The id of the key that has signed it. */
  kid: string
  claims: Record<string, unknown>
  /** The bytes that are signed. */
  signed: Bytes
  signature: Bytes
}

/** Trusts nothing: it must use RS256, and keys in it are ignored. @returns null if it is too long or malformed */
export function parseAssertion(token: string): Assertion | null {
  if (token.length > TOKEN_MAX || !FORM.test(token)) return null
  const [head = '', body = '', tail = ''] = token.split('.')
  const [header, claims, signature] = [readPart(head), readPart(body), fromBase64Url(tail)]
  if (!header || !claims || !signature || header.alg !== 'RS256' || 'crit' in header) return null
  const { kid } = header
  if (typeof kid !== 'string' || kid === '' || kid.length > KID_MAX) return null
  return { kid, claims, signed: utf8(`${head}.${body}`), signature }
}

function readPart(part: string): Record<string, unknown> | null {
  const bytes = fromBase64Url(part)
  const text = bytes && decodeUtf8(bytes)
  return text === null ? null : asObject(parseJson(text))
}

const asObject = (value: unknown) => (isObject(value) ? value : null)

/** @returns whether the key has signed the assertion */
export function isSignedBy(key: CryptoKey, { signature, signed }: Assertion): Promise<boolean> {
  return verifySignature(ALGORITHM, key, signature, signed)
}

interface AccessApp {
  /** `https://<team>.cloudflareaccess.com` */
  issuer: string
  /** The application's AUD tag. */
  audience: string
}

/** @returns the person's e-mail address; null if the claims are for another app, not valid now, or about a program */
export function readPerson(claims: Record<string, unknown>, { issuer, audience }: AccessApp, now: number) {
  const { iss, aud, email } = claims
  const isForUs = iss === issuer && (Array.isArray(aud) ? aud.includes(audience) : aud === audience)
  if (!isForUs || !isValidAt(claims, Math.floor(now / 1_000))) return null
  if (typeof email !== 'string' || email.length > EMAIL_MAX || !/^[^\s\p{C}@]+@[^\s\p{C}@]+$/u.test(email)) return null
  return email.toLowerCase()
}

function isValidAt({ exp, iat, nbf }: Record<string, unknown>, seconds: number): boolean {
  if (!isTime(exp) || !isTime(iat) || (nbf !== undefined && !isTime(nbf))) return false
  const start = nbf === undefined ? iat : Math.max(iat, nbf)
  return start <= seconds + CLOCK_SKEW && seconds < exp && iat < exp && exp - iat <= MAX_LIFETIME
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0

/** @param text a JWK set (RFC 7517). @returns the RSA keys by id, without short and malformed ones */
export async function importKeys(text: string): Promise<Map<string, CryptoKey>> {
  const listed = asObject(parseJson(text))?.keys
  const keys = Array.isArray(listed) ? listed.slice(0, MAX_KEYS) : []
  const imported = await Promise.all(keys.map((key) => importOne(asObject(key))))
  return new Map(imported.filter((entry) => entry !== null))
}

async function importOne(jwk: Record<string, unknown> | null): Promise<[kid: string, key: CryptoKey] | null> {
  if (jwk?.kty !== 'RSA' || (jwk.alg ?? 'RS256') !== 'RS256' || (jwk.use ?? 'sig') !== 'sig') return null
  const { kid, n, e } = jwk
  if (typeof kid !== 'string' || typeof n !== 'string' || typeof e !== 'string') return null
  if ((fromBase64Url(n)?.length ?? 0) < MIN_MODULUS_BYTES) return null
  try {
    return [kid, await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e }, ALGORITHM, false, ['verify'])]
  } catch (cause) {
    // The runtime reports a malformed key as a DOMException.
    if (cause instanceof DOMException) return null
    throw cause
  }
}

/** @param team its name or domain. @returns null if Access is not used, or what is wrong, for the owner */
export function readAccessSettings(team = '', audience = ''): Result<AccessApp | null, string> {
  const [name, aud] = [team.trim().replace(/^https:\/\/|\/+$/g, ''), audience.trim()]
  if (name === '' && aud === '') return ok(null)
  if (name === '' || aud === '') return err('Set both ACCESS_TEAM_DOMAIN and ACCESS_AUD, or neither.')
  const host = (name.includes('.') ? name : `${name}.cloudflareaccess.com`).toLowerCase()
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)) {
    return err('ACCESS_TEAM_DOMAIN is malformed. Set it to "<team>.cloudflareaccess.com".')
  }
  if (!/^[\w-]{16,200}$/.test(aud)) {
    return err('ACCESS_AUD is malformed. Set it to the application audience (AUD) tag.')
  }
  return ok({ issuer: `https://${host}`, audience: aud })
}
