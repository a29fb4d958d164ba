import type { Grant } from '../../../access/rights'
import { batch } from '../../../kit/db/statements'
import { freshToken, hashToken } from '../../../kit/db/tokens'
import { eraseAnswers } from '../../../kit/http/act-once'
import { changedMeanwhile, refuseIfNull } from '../../../kit/http/problem'
import { requireEndpoint } from '../../endpoints/manage'
import { refuseFormerLink, setPullToken } from '../../endpoints/store'

/**
 * Replaces the pull token. Its holder gets what the endpoint gets, so if the caller may not moderate, the endpoint
 * loses its moderation links. The token of an integrator's endpoint gives none anyway, see api.ts.
 * @returns the token, which is shown once, its hash, and statements, to be run inside `refuseIfLinkReplaced`
 * @throws Refusal 404
 */
export async function planPullToken(env: Env, id: string, now: number, { links }: Grant) {
  const endpoint = await requireEndpoint(env, id)
  const token = freshToken('pull')
  const hash = await hashToken(token)
  const isWithoutLinks = !links && endpoint.manage_token_hash === null
  const change = { pull_token_hash: hash, ...(isWithoutLinks && { moderation_links: 0 }) }
  const statements = [
    refuseFormerLink(env, endpoint),
    setPullToken(env, endpoint, change, now),
    eraseAnswers(env, endpoint.pull_token_hash ?? ''),
  ]
  return { token, hash, statements }
}

/** @param write runs the statements. @throws Refusal 409 if the private link was replaced: the token would not work */
export function refuseIfLinkReplaced<T>(write: () => Promise<T>): Promise<T> {
  return refuseIfNull({ 'endpoints.status': () => changedMeanwhile('The private link was replaced') }, write)
}

/** Revokes the token, and erases the stored response that contains it. @returns false without one @throws Refusal 404 */
export async function revokePullToken(env: Env, id: string, now: number): Promise<boolean> {
  const endpoint = await requireEndpoint(env, id)
  const { pull_token_hash } = endpoint
  if (pull_token_hash === null) return false
  await batch(env, [setPullToken(env, endpoint, { pull_token_hash: null }, now), eraseAnswers(env, pull_token_hash)])
  return true
}
