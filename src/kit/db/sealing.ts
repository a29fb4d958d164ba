import { type Bytes, fromBase64, toBase64, utf8 } from '../lib/bytes'
import { hmacSha256 } from '../lib/hmac'
import { boxHead, NONCE_BYTES, openSecret, parseSecretsKey, sealSecret } from '../lib/secret-box'
import { randomBytes } from './ids'

/** SECRETS_KEY is missing, malformed or wrong. Only the operator can fix this: a 503 with this message says how. */
export class SecretsKeyError extends Error {
  override name = 'SecretsKeyError'

  /** @param fault `unusable`: missing or malformed. `wrong`: it cannot decrypt a stored secret */
  constructor(
    readonly fault: 'unusable' | 'wrong',
    message: string
  ) {
    super(message)
  }
}

export const hasSecretsKey = (env: Env): boolean => parseSecretsKey(env.SECRETS_KEY ?? '').ok

/** @throws SecretsKeyError if SECRETS_KEY is missing or malformed */
const secretsKey = (env: Env): Bytes => requireKey('SECRETS_KEY', env.SECRETS_KEY ?? '')

function requireKey(name: string, text: string): Bytes {
  const key = parseSecretsKey(text)
  if (key.ok) return key.value
  throw new SecretsKeyError('unusable', `${name} ${text === '' ? 'is missing' : 'is not valid'}. ${key.error}`)
}

/** The keys that can decrypt a box: the current key and, during a rotation, the previous key. */
export function* openingKeys(env: Env): Generator<Bytes> {
  yield secretsKey(env)
  const previous = env.SECRETS_KEY_PREVIOUS
  if (previous) yield requireKey('SECRETS_KEY_PREVIOUS', previous)
}

/** Encrypts text for a column. @param context the row's id: the box cannot be decrypted in another row */
export async function seal(env: Env, plaintext: string, context: string): Promise<string> {
  const box = await sealSecret(secretsKey(env), plaintext, context, randomBytes(NONCE_BYTES))
  return toBase64(box)
}

/** @throws SecretsKeyError if SECRETS_KEY has been changed, or the row has been tampered with */
export async function unseal(env: Env, sealed: string, context: string): Promise<string> {
  const box = fromBase64(sealed)
  for (const key of box ? openingKeys(env) : []) {
    const opened = await openSecret(key, box as Bytes, context)
    if (opened.ok) return opened.value
  }
  throw new SecretsKeyError(
    'wrong',
    `The secret of ${context} cannot be decrypted. If SECRETS_KEY has changed, set SECRETS_KEY_PREVIOUS to the old key.`
  )
}

/** @returns the first eight characters, which are the same in all boxes sealed under the current key */
export const sealedPrefix = async (env: Env): Promise<string> => toBase64(await boxHead(secretsKey(env)))

/** Derives a key for one purpose, so that a signature made for one purpose is never valid for another. */
export const deriveKey = async (env: Env, purpose: string): Promise<Bytes> => derive(secretsKey(env), purpose)

/** Derives the keys to verify with. While SECRETS_KEY is being rotated, the previous key is also accepted. */
export async function deriveKeys(env: Env, purpose: string): Promise<Bytes[]> {
  return Promise.all([...openingKeys(env)].map((key) => derive(key, purpose)))
}

const derive = (key: Bytes, purpose: string): Promise<Bytes> => hmacSha256(key, utf8(`guesthook:${purpose}`))
