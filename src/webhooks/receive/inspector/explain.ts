import type { SchemeCheck } from '../../rules/verifying/check'
import { explainRequestReason } from '../messages/explain-reason'
import type { InboundHead, LoadedInbound } from '../messages/load'
import { isCredential } from '../messages/stored-request'
import { judgeInbound } from '../process/verify-message'

export interface Explanation {
  verified: boolean
  reason: string | null
  checks: SchemeCheck[]
  /** What the `reason` means, and what to do about it. */
  explanation: string | null
}

/** Hides expected signatures, which are all that a forged webhook needs, and what was received in a secret header. */
export function withoutSecretParts({ checks, ...explained }: Explanation, loaded: InboundHead): Explanation {
  const secrets = loaded.request.headers.flatMap(([name, value]) => (isCredential(name, loaded) ? [value] : []))
  const isShown = (text: string) => !secrets.some((secret) => secret.includes(text))
  return {
    ...explained,
    checks: checks.map(({ received, timestamp, ...check }) => ({
      ...check,
      received: received.filter(isShown),
      timestamp: timestamp && isShown(timestamp.text) ? timestamp : null,
      computed: [],
    })),
  }
}

/** Verifies a stored message again, with the current secret. */
export async function explainInbound(env: Env, loaded: LoadedInbound): Promise<Explanation> {
  const incomplete = { verified: false, reason: loaded.whyIncomplete, checks: [] }
  const verification = loaded.whyIncomplete ? incomplete : (await judgeInbound(env, loaded)).verification
  const { reason } = verification
  return { ...verification, explanation: reason && (await explainRequestReason(env, reason, loaded.source.provider)) }
}
