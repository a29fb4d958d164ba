import { type LoadedInbound, loadInbound } from '../messages/load'
import { explainInbound } from './explain'

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

/** As `remedyFor`, for a request that is verified again with the current secret. */
export async function findRemedy(env: Env, id: string): Promise<Remedy | null> {
  const loaded = await loadInbound(env, id)
  return loaded && remedyFor(loaded, (await explainInbound(env, loaded)).verified)
}
