import type { Check } from '../core/check'
import { judgeInbound } from './judge'
import { type LoadedInbound, requireInbound } from './load'
import { explainReason } from './reasons'

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
