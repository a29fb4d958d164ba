import { equalBytes, utf8 } from '../../core/lib/bytes'
import type { Content, InboundRequest, Place } from '../../core/verifying/request'
import { firstTextAt } from '../../core/verifying/request'
import type { Source } from './cache'
import { forgetSources } from './cache'
import { openSource, sealSource } from './secrets'
import { findSource, updateSource } from './store'

/** Characters. The secrets of providers have a few dozen. */
const MAX_SECRET_LENGTH = 512

/**
 * Stores the secret that a provider sends in its first request, if the source has none.
 * @returns whether the secret of the source is now the one that was sent. False if the source has another
 */
export async function takeSecret(
  env: Env,
  { row }: Source,
  from: { place: Place; request: InboundRequest; content: Content },
  now: number
): Promise<boolean> {
  const given = firstTextAt(from.request, from.content, [from.place])
  const before = await findSource(env, row.id)
  if (!before || given === null || given.length > MAX_SECRET_LENGTH) return false
  const secrets = await openSource(env, before)
  if (secrets.current !== undefined) return equalBytes(utf8(secrets.current), utf8(given))
  const sealed = await sealSource(env, row.id, { ...secrets, current: given })
  const changes = { secrets: sealed, updated_at: now }
  const after = await updateSource(env, row.id, changes, before.secrets)
  forgetSources(env)
  return after !== null
}
