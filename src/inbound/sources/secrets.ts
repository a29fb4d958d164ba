import * as z from 'zod'
import { seal, unseal } from '../../db/sealing'
import { hashToken } from '../../db/tokens'
import { Refusal } from '../../http/problem'
import { logFault } from '../../log'
import type { SourceRow } from './store'

const sourceSecrets = z.object({
  /** Of the address; kept after it was deleted, so that the log can show where a request went. */
  token: z.string(),
  /** Of addresses that it had before, the latest first: what came there is verified by it, where the address is signed. */
  formerTokens: z.array(z.string()).optional(),
  current: z.string().optional(),
  previous: z.string().optional(),
  /** Epoch milliseconds. */
  previousUntil: z.int().optional(),
})
export type SourceSecrets = z.infer<typeof sourceSecrets>

export async function sealSource(env: Env, id: string, secrets: SourceSecrets): Promise<string> {
  return seal(env, JSON.stringify(secrets), id)
}

type Sealed = Pick<SourceRow, 'id' | 'secrets'>

/** @throws Refusal 503 when the box does not open: then whoever looks after the deployment has to do something */
export async function openSource(env: Env, source: Sealed): Promise<SourceSecrets> {
  try {
    return sourceSecrets.parse(JSON.parse(await unseal(env, source.secrets, source.id)))
  } catch (cause) {
    logFault('source.unreadable', cause, { source_id: source.id })
    throw new Refusal(503, 'secrets_unreadable', UNREADABLE)
  }
}

export const UNREADABLE =
  'The secrets of this source do not open: SECRETS_KEY was changed. Set SECRETS_KEY_PREVIOUS to the old key. If that is gone, give the source another address and enter its secret again.'

/** Where a box that does not open is to be done without. @returns null then */
export async function tryToOpen(env: Env, source: Sealed): Promise<SourceSecrets | null> {
  try {
    return await openSource(env, source)
  } catch (cause) {
    if (cause instanceof Refusal) return null
    throw cause
  }
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
  const { token, formerTokens, current } = secrets
  const kept = { token, formerTokens, ...(next !== undefined && { current: next }) }
  if (current === undefined || graceMs === 0) return kept
  return { ...kept, previous: current, previousUntil: now + graceMs }
}

const MAX_FORMER = 10

/** @param secrets null when they are lost: then there is the new address, and nothing else */
export function withToken(secrets: SourceSecrets | null, token: string): SourceSecrets {
  if (secrets === null) return { token }
  const formerTokens = [secrets.token, ...(secrets.formerTokens ?? [])].slice(0, MAX_FORMER)
  return { ...secrets, token, formerTokens }
}

/** What tells one address of a source from its others, and does not give it away. */
export function tokenMark(tokenHash: string | null): string {
  return tokenHash?.slice(0, 16) ?? ''
}

/** The token of the address that a message came to; the one of now, when that is forgotten. */
export async function tokenAt(
  { token, formerTokens = [] }: SourceSecrets,
  mark: string
): Promise<string> {
  for (const former of formerTokens) {
    if (tokenMark(await hashToken(former)) === mark) return former
  }
  return token
}
