import { type Bytes, toHex, utf8 } from '../core/lib/bytes'
import { hmacSha256 } from '../core/lib/hmac'
import { openingKeys, secretsKey } from './sealing'

/** A key for one purpose, so that what is signed for one can never stand for another. */
export async function deriveKey(env: Env, purpose: string): Promise<Bytes> {
  return derive(secretsKey(env), purpose)
}

/** For what was signed before: while SECRETS_KEY is rotated, that of the previous one too. */
export async function deriveKeys(env: Env, purpose: string): Promise<Bytes[]> {
  return Promise.all([...openingKeys(env)].map((key) => derive(key, purpose)))
}

function derive(key: Bytes, purpose: string): Promise<Bytes> {
  return hmacSha256(key, utf8(`guesthook:${purpose}`))
}

const DAY_MS = 86_400_000

/**
 * Who is asking, without knowing it tomorrow: HMAC of the address under a key of the day. No address is stored.
 * @returns 32 hex digits
 */
export async function visitorKey(env: Env, address: string, now: number): Promise<string> {
  const day = Math.floor(now / DAY_MS)
  const mac = await hmacSha256(await deriveKey(env, `visitor:${day}`), utf8(address))
  return toHex(mac).slice(0, 32)
}
