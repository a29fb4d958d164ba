import type { Check } from '../../core/verifying/check'
import { explainReason } from '../messages/explain-reason'
import { type LoadedInbound, requireInbound } from '../messages/load'
import { judgeInbound } from '../process/verify-message'

export interface Explanation {
  verified: boolean
  reason: string | null
  checks: Check[]
  /** `reason` as a sentence that says what to do. */
  explanation: string | null
}

/** Verifies a stored message again, with the current secret. @throws Refusal 404 */
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
  return { ...verification, explanation: reason && explainReason(reason) }
}
