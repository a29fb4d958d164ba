import type { Check } from '../../core/verifying/check'
import { explainReason } from '../messages/explain-reason'
import { type LoadedInbound, requireInbound } from '../messages/load'
import { judgeInbound } from '../process/verify-message'

export interface Explanation {
  verified: boolean
  reason: string | null
  checks: Check[]
  /** What is wrong and what to do, in words. */
  explanation: string | null
}

/** The verification once more, with the secret as it is now. @throws Refusal 404 */
export async function explainInbound(env: Env, id: string): Promise<Explanation> {
  return explainLoaded(env, await requireInbound(env, id))
}

export async function explainLoaded(env: Env, loaded: LoadedInbound): Promise<Explanation> {
  if (!loaded.hasBody) {
    const explanation = explainReason('body_removed')
    return { verified: false, reason: 'body_removed', explanation, checks: [] }
  }
  const { verification } = await judgeInbound(env, loaded)
  const { reason } = verification
  return { ...verification, explanation: reason === null ? null : explainReason(reason) }
}
