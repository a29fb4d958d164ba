import { type Bytes, toHex, utf8 } from '../core/lib/bytes'
import { hmacSha256 } from '../core/lib/hmac'
import { openingKeys, secretsKey } from './sealing'

/** Derives a key for one purpose, so that a signature made for one purpose is never valid for another. */
export async function deriveKey(env: Env, purpose: string): Promise<Bytes> {
  return derive(secretsKey(env), purpose)
}

/** Derives the keys to verify with. While SECRETS_KEY is being rotated, the previous key is also accepted. */
export async function deriveKeys(env: Env, purpose: string): Promise<Bytes[]> {
  return Promise.all([...openingKeys(env)].map((key) => derive(key, purpose)))
}

function derive(key: Bytes, purpose: string): Promise<Bytes> {
  return hmacSha256(key, utf8(`guesthook:${purpose}`))
}

const DAY_MS = 86_400_000

/**
 * Identifies a visitor for one day, by an HMAC of the IP address under a key that changes every day (UTC). The address
 * itself is not stored.
 * @returns 32 hex digits
 */
export async function visitorKey(env: Env, address: string, now: number): Promise<string> {
  const day = Math.floor(now / DAY_MS)
  const mac = await hmacSha256(await deriveKey(env, `visitor:${day}`), utf8(address))
  return toHex(mac).slice(0, 32)
}
