import type { Check } from '../../core/verifying/check'
import { explainReason } from '../messages/explain-reason'
import type { LoadedInbound } from '../messages/load'
import { judgeInbound } from '../process/verify-message'

export interface Explanation {
  verified: boolean
  reason: string | null
  checks: Check[]
  /** What the `reason` means, and what to do about it. */
  explanation: string | null
}

const BODY_REMOVED = { verified: false, reason: 'body_removed', checks: [] }

/** Verifies a stored message again, with the current secret. */
export async function explainInbound(env: Env, loaded: LoadedInbound): Promise<Explanation> {
  const verification = loaded.hasBody ? (await judgeInbound(env, loaded)).verification : BODY_REMOVED
  const { reason } = verification
  return { ...verification, explanation: reason && explainReason(reason) }
}
