import { type LoadedInbound, loadInbound } from '../messages/load'
import type { InboundRow } from '../messages/store'
import { judgeInbound } from '../process/verify-message'

/** What to change on the page of the source, and where it is there. */
export type Remedy = { label: string; at: 'new-secret' | 'setup' | 'change' | 'secret' }

const SETUP: Remedy = { label: 'Show the setup steps', at: 'setup' }
const CHANGE_SECRET: Remedy = { label: 'Change the secret', at: 'new-secret' }
const TOLERANCE: Remedy = { label: 'Change the tolerance', at: 'change' }

/** By the reason of a failed request. */
const REMEDIES: Record<string, Remedy> = {
  no_secret: { label: 'Enter the secret', at: 'new-secret' },
  bad_secret: CHANGE_SECRET,
  signature_mismatch: CHANGE_SECRET,
  missing_header: SETUP,
  body_not_signed: SETUP,
  timestamp_too_old: TOLERANCE,
  timestamp_too_new: TOLERANCE,
  bad_token: { label: 'Change the verify token', at: 'change' },
  has_secret: { label: 'Remove the secret', at: 'secret' },
  template_error: { label: 'Edit the template', at: 'change' },
}

/** A request can be verified, and still fail for this reason. */
const ABOUT_THE_ACT = 'template_error'

/** @returns what helps a failed request, or null if nothing does, or if it has been done: then it is processed again */
export function remedyFor({ row, source }: LoadedInbound, isVerified: boolean): Remedy | null {
  if (row.status !== 'failed' || source.row.status === 'deleted') return null
  if (isVerified && row.reason !== ABOUT_THE_ACT) return null
  return REMEDIES[row.reason ?? ''] ?? null
}

/** A stranger may have sent a longer body. Reading and hashing it would make the page of its source slow. */
const VERIFIED_BYTES = 64 * 1_024

/** As `remedyFor`, after verifying the request again with the current secret, if that tells more and is cheap. */
export async function findRemedy(env: Env, row: Pick<InboundRow, 'id' | 'status' | 'reason' | 'size'>) {
  const remedy = row.status === 'failed' ? (REMEDIES[row.reason ?? ''] ?? null) : null
  if (remedy === null || row.reason === ABOUT_THE_ACT || row.size > VERIFIED_BYTES) return remedy
  const loaded = await loadInbound(env, row.id)
  if (!loaded || loaded.whyIncomplete) return remedy
  return remedyFor(loaded, (await judgeInbound(env, loaded)).verification.verified)
}
