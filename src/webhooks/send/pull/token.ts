import type { Grant } from '../../../access/rights'
import { batch } from '../../../kit/db/statements'
import { freshToken, hashToken } from '../../../kit/db/tokens'
import { eraseAnswers } from '../../../kit/http/idempotency'
import { requireEndpoint } from '../../endpoints/manage'
import { setPullToken } from '../../endpoints/store'

/**
 * Replaces the pull token. Its holder gets what the endpoint gets, so if the caller may not moderate, the endpoint
 * loses its moderation links. The token of an integrator's endpoint gives none anyway, see api.ts.
 * @returns the token, which is shown once, its hash, and statements. @throws Refusal 404
 */
export async function planPullToken(env: Env, id: string, now: number, { links }: Grant) {
  const { pull_token_hash, manage_token_hash, moderation_links } = await requireEndpoint(env, id)
  const token = freshToken('pull')
  const hash = await hashToken(token)
  const set = setPullToken(env, id, hash, links || manage_token_hash !== null ? moderation_links : 0, now)
  return { token, hash, statements: [set, eraseAnswers(env, pull_token_hash ?? '')] }
}

/** Revokes the token, and erases the stored response that contains it. @throws Refusal 404 */
export async function revokePullToken(env: Env, id: string, now: number): Promise<void> {
  const { pull_token_hash, moderation_links } = await requireEndpoint(env, id)
  await batch(env, [setPullToken(env, id, null, moderation_links, now), eraseAnswers(env, pull_token_hash ?? '')])
}
