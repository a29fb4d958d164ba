import * as z from 'zod'
import { SecretsKeyError, seal, unseal } from '../../kit/db/sealing'
import { hashToken } from '../../kit/db/tokens'
import { Refusal } from '../../kit/http/problem'
import { logFault } from '../../log'
import { formerSecrets } from '../rules/signing/rotation'
import type { SourceRow } from './store'

/** The sealed content of `sources.secrets`. */
export const sourceSecrets = z.object({
  /** The token in the URL. It is kept after the source has been deleted, so that messages can still show their URL. */
  token: z.string(),
  /** Tokens of earlier URLs, newest first: some schemes sign the URL that a message was sent to. */
  formerTokens: z.array(z.string()).optional(),
  current: z.string().optional(),
  previous: z.string().optional(),
  /** Epoch milliseconds. */
  previousUntil: z.int().optional(),
  /** Older secrets that are still valid, so that a second rotation does not shorten the first grace period. */
  older: z.array(z.object({ secret: z.string(), until: z.int() })).optional(),
})
export type SourceSecrets = z.infer<typeof sourceSecrets>

export async function sealSource(env: Env, id: string, secrets: SourceSecrets): Promise<string> {
  return seal(env, JSON.stringify(secrets), id)
}

type Sealed = Pick<SourceRow, 'id' | 'secrets'>

/** @throws Refusal 503 when the secrets cannot be unsealed. The operator has to fix this */
export async function openSource(env: Env, source: Sealed): Promise<SourceSecrets> {
  try {
    return sourceSecrets.parse(JSON.parse(await unseal(env, source.secrets, source.id)))
  } catch (cause) {
    logFault('source.unreadable', cause, { source_id: source.id })
    const isUnusable = cause instanceof SecretsKeyError && cause.fault === 'unusable'
    throw new Refusal(503, 'secrets_key_wrong', isUnusable ? cause.message : UNREADABLE)
  }
}

export const UNREADABLE =
  'SECRETS_KEY has changed, so the secrets of this source cannot be read. Set SECRETS_KEY_PREVIOUS to the old key. If it is lost, rotate the URL of this source, then enter its secret again.'

/** @returns the secrets, or null if they cannot be unsealed */
export async function tryToOpen(env: Env, source: Sealed): Promise<SourceSecrets | null> {
  try {
    return await openSource(env, source)
  } catch (cause) {
    if (cause instanceof Refusal) return null
    throw cause
  }
}

/** @returns the secrets that are valid at a given time, with the current secret first. @param at epoch milliseconds */
export function liveSecrets(secrets: SourceSecrets, at: number): string[] {
  const former = formerSecrets(secrets, at).map(({ secret }) => secret)
  return secrets.current === undefined ? former : [secrets.current, ...former]
}

/** @returns the secrets without the signing secrets, old and current */
export const withoutSigningSecrets = ({ token, formerTokens }: SourceSecrets): SourceSecrets => ({
  token,
  formerTokens,
})

const MAX_FORMER_TOKENS = 10

/** Replaces the token in the URL. @param secrets null if they are lost. In that case, only the new token remains */
export function withToken(secrets: SourceSecrets | null, token: string): SourceSecrets {
  if (secrets === null) return { token }
  const formerTokens = [secrets.token, ...(secrets.formerTokens ?? [])].slice(0, MAX_FORMER_TOKENS)
  return { ...secrets, token, formerTokens }
}

/** @returns a mark that distinguishes the URLs of a source without revealing them */
export const tokenMark = (tokenHash: string | null): string => tokenHash?.slice(0, 16) ?? ''

/** @returns the token of the URL with this mark; the current one if that is no longer stored */
export async function tokenAt({ token, formerTokens = [] }: SourceSecrets, mark: string): Promise<string> {
  for (const former of formerTokens) {
    if (tokenMark(await hashToken(former)) === mark) return former
  }
  return token
}
