import { SCOPES } from '../../kit/actor'
import { freshId } from '../../kit/db/ids'
import { batch } from '../../kit/db/statements'
import { freshToken, hashToken } from '../../kit/db/tokens'
import { eraseAnswers } from '../../kit/http/act-once'
import { invalidField, notFound, Refusal, refuseIfNull } from '../../kit/http/problem'
import type { KeyIn } from './schemas'
import { insertKey, MAX_KEYS, REMOVE_KEY } from './store'

/** @returns the key, and the statement to run in `refuseIfTooMany`. @throws Refusal 422 if it is expired already */
export async function planKey(env: Env, input: KeyIn, now: number) {
  const expires_at = input.expires_at === null ? null : Date.parse(input.expires_at)
  if (expires_at !== null && expires_at <= now) throw invalidField('expires_at', 'Choose a time in the future.')
  const key = freshToken('apikey')
  const scopes = SCOPES.filter((scope) => input.scopes.includes(scope)).join(' ')
  const row = { id: freshId('key', now), name: input.name, scopes, created_at: now, expires_at, last_used_at: null }
  return { row, key, statement: insertKey(env, { ...row, token_hash: await hashToken(key) }) }
}

/** @throws Refusal 409 if there are too many keys */
export function refuseIfTooMany<T>(write: () => Promise<T>): Promise<T> {
  const detail = `There can be at most ${MAX_KEYS} API keys. Revoke one that you no longer use.`
  return refuseIfNull({ 'api_keys.name': () => new Refusal(409, 'too_many_keys', detail) }, write)
}

/** Revokes a key at once, and erases the stored response that contains it. @throws Refusal 404 */
export async function revokeKey(env: Env, id: string): Promise<void> {
  const [removed] = await batch(env, [REMOVE_KEY(env, { id }), eraseAnswers(env, id)])
  if (removed.meta.changes === 0) throw notFound('API key')
}
