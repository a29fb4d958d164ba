import * as z from 'zod'
import type { Bytes } from '../core/bytes'
import {
  formatSigningSecret,
  parseSigningSecret,
  SIGNING_SECRET_BYTES,
} from '../core/signing-secret'
import { randomBytes, seal, unseal } from '../db/keys'

/** What is sealed in `endpoints.secrets`. While a secret rotates, what we send is signed with both. */
const signingSecrets = z.object({
  current: z.string(),
  previous: z.string().optional(),
  /** Epoch milliseconds. */
  previousUntil: z.int().optional(),
})
export type SigningSecrets = z.infer<typeof signingSecrets>

export function newSigningSecret(): string {
  return formatSigningSecret(randomBytes(SIGNING_SECRET_BYTES))
}

export async function sealSecrets(
  env: Env,
  endpointId: string,
  secrets: SigningSecrets
): Promise<string> {
  return seal(env, JSON.stringify(secrets), endpointId)
}

export async function openSecrets(
  env: Env,
  endpointId: string,
  sealed: string
): Promise<SigningSecrets> {
  return signingSecrets.parse(JSON.parse(await unseal(env, sealed, endpointId)))
}

/** @returns the keys to sign with at `now`, the current one first */
export async function signingKeys(
  env: Env,
  endpointId: string,
  sealed: string,
  now: number
): Promise<Bytes[]> {
  const { current, previous, previousUntil = 0 } = await openSecrets(env, endpointId, sealed)
  const secrets = previous !== undefined && now < previousUntil ? [current, previous] : [current]
  return secrets.map((secret) => {
    const key = parseSigningSecret(secret)
    if (!key.ok) throw new Error(`The stored secret of ${endpointId} is malformed.`)
    return key.value
  })
}

/** The current secret becomes the previous one for as long as `graceMs`; an older one is dropped. */
export function rotated(
  secrets: SigningSecrets,
  next: string,
  graceMs: number,
  now: number
): SigningSecrets {
  if (graceMs === 0) return { current: next }
  return { current: next, previous: secrets.current, previousUntil: now + graceMs }
}
