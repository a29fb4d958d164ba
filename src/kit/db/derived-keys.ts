import { type Bytes, utf8 } from '../lib/bytes'
import { hmacSha256 } from '../lib/hmac'
import { openingKeys, secretsKey } from './sealing'

/** Derives a key for one purpose, so that a signature made for one purpose is never valid for another. */
export const deriveKey = async (env: Env, purpose: string): Promise<Bytes> => derive(secretsKey(env), purpose)

/** Derives the keys to verify with. While SECRETS_KEY is being rotated, the previous key is also accepted. */
export async function deriveKeys(env: Env, purpose: string): Promise<Bytes[]> {
  return Promise.all([...openingKeys(env)].map((key) => derive(key, purpose)))
}

const derive = (key: Bytes, purpose: string): Promise<Bytes> => hmacSha256(key, utf8(`guesthook:${purpose}`))
