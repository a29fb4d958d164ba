import type { Context } from 'hono'
import { isOwnerToken } from '../../../access/admin-token'
import { bearerToken } from '../../../access/owner-auth'
import type { HonoEnv } from '../../../env'
import { SecretsKeyError, unseal } from '../../../kit/db/sealing'
import { Refusal } from '../../../kit/http/problem'
import { type Bytes, fromBase64, toBase64, utf8 } from '../../../kit/lib/bytes'
import { hmacSha256 } from '../../../kit/lib/hmac'
import { NONCE_BYTES, openSecret, parseSecretsKey, sealSecret } from '../../../kit/lib/secret-box'
import { invalidLine } from './lines'

/* The backup and restore scripts derive a key from a passphrase. The Worker seals with it, and stores neither. */

const HEADER = 'X-Backup-Key'

/** @returns the key of the request, or null if it has none. @throws Refusal 403 or 422 */
export function readBackupKey(c: Context<HonoEnv>): Bytes | null {
  const given = c.req.header(HEADER)
  if (given === undefined) return null
  // The routes already refuse API keys. With this check, a change of scopes cannot release secrets.
  if (!isOwnerToken(c.env, bearerToken(c))) throw new Refusal(403, 'owner_only', 'Only ADMIN_TOKEN can move secrets.')
  const key = parseSecretsKey(given)
  if (key.ok) return key.value
  throw new Refusal(422, 'invalid_input', `${HEADER}: ${key.error}`)
}

const contextOf = (id: string) => `backup ${id}`

/**
 * Seals a secret of a row again. The nonce is made of the key and the secret, so the same secret gives the same box,
 * and a nonce is never used for two secrets.
 * @param more what else is secret in the row, if the secret is JSON
 * @returns null if the secret cannot be read, because its SECRETS_KEY is lost. The rest of the backup is still useful
 */
export async function sealAgain(
  env: Env,
  key: Bytes,
  id: string,
  sealed: string,
  more: Record<string, string> = {}
): Promise<string | null> {
  const opened = await tryToUnseal(env, sealed, id)
  if (opened === null) return null
  const text = Object.keys(more).length > 0 ? JSON.stringify({ ...JSON.parse(opened), ...more }) : opened
  const nonce = (await hmacSha256(key, utf8(`nonce ${id}\n${text}`))).slice(0, NONCE_BYTES)
  return toBase64(await sealSecret(key, text, contextOf(id), nonce))
}

async function tryToUnseal(env: Env, sealed: string, id: string): Promise<string | null> {
  try {
    return await unseal(env, sealed, id)
  } catch (cause) {
    if (cause instanceof SecretsKeyError && cause.fault === 'wrong') return null
    throw cause
  }
}

/** @returns the secret in a line, or null if the line has none. @throws Refusal 422 if the passphrase is wrong */
export async function openAgain(key: Bytes | null, id: string, box: unknown, number: number): Promise<string | null> {
  if (typeof box !== 'string') return null
  const bytes = fromBase64(box)
  const opened = key && bytes ? await openSecret(key, bytes, contextOf(id)) : null
  if (opened?.ok) return opened.value
  throw invalidLine(
    number,
    key ? 'the passphrase is wrong, or the line was changed.' : 'its secrets need the passphrase.'
  )
}
