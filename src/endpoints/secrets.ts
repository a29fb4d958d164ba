import * as z from 'zod'
import type { Bytes } from '../core/bytes'
import {
  formatSigningSecret,
  parseSigningSecret,
  SIGNING_SECRET_BYTES,
} from '../core/signing-secret'
import { randomBytes, seal, unseal } from '../db/keys'
import { privateKeys } from './key-pairs'

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

export interface SigningKeys {
  /** The current one first. */
  secrets: Bytes[]
  /** Of the deployment's key pairs, the newest first. */
  privateKeys: CryptoKey[]
}

/** @returns what a request to the endpoint is signed with at `now` */
export async function signingKeys(
  env: Env,
  endpointId: string,
  sealed: string,
  now: number
): Promise<SigningKeys> {
  const [opened, pairs] = await Promise.all([
    openSecrets(env, endpointId, sealed),
    privateKeys(env, now),
  ])
  return { secrets: validSecrets(opened, endpointId, now), privateKeys: pairs }
}

function validSecrets(opened: SigningSecrets, endpointId: string, now: number): Bytes[] {
  const { current, previous, previousUntil = 0 } = opened
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
