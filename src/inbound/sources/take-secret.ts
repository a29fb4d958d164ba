import { equalBytes, utf8 } from '../../core/lib/bytes'
import type { Content, InboundRequest, Place } from '../../core/verifying/request'
import { firstTextAt } from '../../core/verifying/request'
import type { Source } from './cache'
import { forgetSources } from './cache'
import { openSource, sealSource } from './secrets'
import { findSource, updateSource } from './store'

/** Of a secret that a provider gives: theirs have a few dozen. */
const MAX_GIVEN = 512

/**
 * Some providers give the secret themselves, in their first request. It is taken only while there is none; the same one again is no other.
 * @returns false when there is another
 */
export async function takeSecret(
  env: Env,
  { row }: Source,
  from: { place: Place; request: InboundRequest; content: Content },
  now: number
): Promise<boolean> {
  const given = firstTextAt(from.request, from.content, [from.place])
  const before = await findSource(env, row.id)
  if (!before || given === null || given.length > MAX_GIVEN) return false
  const secrets = await openSource(env, before)
  if (secrets.current !== undefined) return equalBytes(utf8(secrets.current), utf8(given))
  const sealed = await sealSource(env, row.id, { ...secrets, current: given })
  const changes = { secrets: sealed, updated_at: now }
  const after = await updateSource(env, row.id, changes, before.secrets)
  forgetSources(env)
  return after !== undefined
}
