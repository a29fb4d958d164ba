import * as z from 'zod'
import { seal, unseal } from '../../db/sealing'
import { hashToken } from '../../db/tokens'
import { Refusal } from '../../http/problem'
import { logFault } from '../../log'
import type { SourceRow } from './store'

const sourceSecrets = z.object({
  /** Of the address. It is kept after the source was deleted, so that its messages can show their URL. */
  token: z.string(),
  /**
   * Of earlier addresses, newest first. Some schemes sign the URL, so a message is verified with the URL that it was
   * sent to.
   */
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

/** @throws Refusal 503 when the secrets cannot be unsealed, which an operator has to fix */
export async function openSource(env: Env, source: Sealed): Promise<SourceSecrets> {
  try {
    return sourceSecrets.parse(JSON.parse(await unseal(env, source.secrets, source.id)))
  } catch (cause) {
    logFault('source.unreadable', cause, { source_id: source.id })
    throw new Refusal(503, 'secrets_unreadable', UNREADABLE)
  }
}

export const UNREADABLE =
  'The secrets of this source cannot be read because SECRETS_KEY was changed. Set SECRETS_KEY_PREVIOUS to the old key. If the old key is lost, rotate the URL of the source and enter its secret again.'

/** @returns the secrets, or null if they cannot be unsealed */
export async function tryToOpen(env: Env, source: Sealed): Promise<SourceSecrets | null> {
  try {
    return await openSource(env, source)
  } catch (cause) {
    if (cause instanceof Refusal) return null
    throw cause
  }
}

/** @returns the secrets that are valid at a time, the current one first. @param at epoch milliseconds */
export function liveSecrets(secrets: SourceSecrets, at: number): string[] {
  const { current, previous, previousUntil = 0 } = secrets
  const former = previous !== undefined && at < previousUntil ? [previous] : []
  return current === undefined ? former : [current, ...former]
}

/**
 * Replaces the current secret, which stays valid for `graceMs`.
 * @param next the new secret, or undefined to have none
 */
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

const MAX_FORMER_TOKENS = 10

/** Replaces the token of the address. @param secrets null if they are lost: then only the new token is left */
export function withToken(secrets: SourceSecrets | null, token: string): SourceSecrets {
  if (secrets === null) return { token }
  const formerTokens = [secrets.token, ...(secrets.formerTokens ?? [])].slice(0, MAX_FORMER_TOKENS)
  return { ...secrets, token, formerTokens }
}

/** @returns a mark that tells the addresses of a source apart without revealing them */
export function tokenMark(tokenHash: string | null): string {
  return tokenHash?.slice(0, 16) ?? ''
}

/**
 * @returns the token of the address with this mark, or the current token if that address is too old to be remembered
 */
export async function tokenAt({ token, formerTokens = [] }: SourceSecrets, mark: string): Promise<string> {
  for (const former of formerTokens) {
    if (tokenMark(await hashToken(former)) === mark) return former
  }
  return token
}
