import * as z from 'zod'
import { seal, unseal } from '../db/keys'

const sourceSecrets = z.object({
  /** Of the address; kept after it was deleted, so that the log can show where a request went. */
  token: z.string(),
  current: z.string().optional(),
  previous: z.string().optional(),
  /** Epoch milliseconds. */
  previousUntil: z.int().optional(),
})
export type SourceSecrets = z.infer<typeof sourceSecrets>

export async function sealSource(env: Env, id: string, secrets: SourceSecrets): Promise<string> {
  return seal(env, JSON.stringify(secrets), id)
}

/** @throws Error when the box does not open */
export async function openSource(
  env: Env,
  source: { id: string; secrets: string }
): Promise<SourceSecrets> {
  return sourceSecrets.parse(JSON.parse(await unseal(env, source.secrets, source.id)))
}

/** What a signature may be made with at that time, the current secret first. @param at epoch milliseconds */
export function liveSecrets(secrets: SourceSecrets, at: number): string[] {
  const { current, previous, previousUntil = 0 } = secrets
  const former = previous !== undefined && at < previousUntil ? [previous] : []
  return current === undefined ? former : [current, ...former]
}

/** The current secret becomes the previous one, for as long as `graceMs`. @param next undefined for none */
export function withSecret(
  secrets: SourceSecrets,
  next: string | undefined,
  graceMs: number,
  now: number
): SourceSecrets {
  const { token, current } = secrets
  const kept = next === undefined ? {} : { current: next }
  if (current === undefined || graceMs === 0) return { token, ...kept }
  return { token, ...kept, previous: current, previousUntil: now + graceMs }
}
