import { type Bytes, fromBase64, toBase64, toHex, utf8 } from '../core/lib/bytes'
import { ID_RANDOM_BYTES, type IdPrefix, newId } from '../core/lib/ids'
import {
  boxHead,
  NONCE_BYTES,
  openSecret,
  parseSecretsKey,
  sealSecret,
} from '../core/lib/secret-box'
import { hmacSha256 } from '../core/signing/standard-webhooks'

/** Random bytes from the platform; `core` takes them as an argument. */
export function randomBytes(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count))
}

export function freshId(prefix: IdPrefix, now: number): string {
  return newId(prefix, now, randomBytes(ID_RANDOM_BYTES))
}

/** @throws Error when SECRETS_KEY is missing or malformed: nothing that needs it may go on */
function secretsKey(env: Env): Bytes {
  return requireKey('SECRETS_KEY', env.SECRETS_KEY ?? '')
}

function requireKey(name: string, text: string): Bytes {
  const key = parseSecretsKey(text)
  if (!key.ok) throw new Error(`${name}: ${key.error}`)
  return key.value
}

/** The key that new boxes are sealed with, then, when that is asked for, the one of before a rotation. */
function* openingKeys(env: Env): Generator<Bytes> {
  yield secretsKey(env)
  const previous = env.SECRETS_KEY_PREVIOUS
  if (previous) yield requireKey('SECRETS_KEY_PREVIOUS', previous)
}

/** Seals text for a column. `context` is the id of its row: the box opens nowhere else. */
export async function seal(env: Env, plaintext: string, context: string): Promise<string> {
  const box = await sealSecret(secretsKey(env), plaintext, context, randomBytes(NONCE_BYTES))
  return toBase64(box)
}

/** @throws Error when the box does not open: SECRETS_KEY has changed, or the row was tampered with */
export async function unseal(env: Env, sealed: string, context: string): Promise<string> {
  const box = fromBase64(sealed)
  for (const key of box ? openingKeys(env) : []) {
    const opened = await openSecret(key, box as Bytes, context)
    if (opened.ok) return opened.value
  }
  throw new Error(
    `The secret of ${context} does not open. If SECRETS_KEY was changed, set SECRETS_KEY_PREVIOUS to the old one.`
  )
}

/** How a column begins that is sealed under the current key: eight characters. */
export async function sealedPrefix(env: Env): Promise<string> {
  return toBase64(await boxHead(secretsKey(env)))
}

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
