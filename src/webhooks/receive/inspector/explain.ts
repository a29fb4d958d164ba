import type { Check } from '../../rules/verifying/check'
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

/** Verifies a stored message again, with the current secret. */
export async function explainInbound(env: Env, loaded: LoadedInbound): Promise<Explanation> {
  const incomplete = { verified: false, reason: loaded.whyIncomplete, checks: [] }
  const verification = loaded.whyIncomplete ? incomplete : (await judgeInbound(env, loaded)).verification
  const { reason } = verification
  return { ...verification, explanation: reason && (await explainReason(env, reason, loaded.source.provider)) }
}
