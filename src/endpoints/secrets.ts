import * as z from 'zod'
import type { Bytes } from '../core/lib/bytes'
import {
  formatSigningSecret,
  parseSigningSecret,
  SIGNING_SECRET_BYTES,
} from '../core/signing/secret'
import { randomBytes } from '../db/ids'
import { seal, unseal } from '../db/sealing'
import { privateKeys } from '../signing-keys/store'

/** What is sealed in `endpoints.secrets`: one box for all that must not be read. While a secret rotates, what we send is signed with both. */
const signingSecrets = z.object({
  current: z.string(),
  previous: z.string().optional(),
  /** Epoch milliseconds. */
  previousUntil: z.int().optional(),
  /** Those of before, while they still sign: who rotates twice breaks no promise. */
  older: z.array(z.object({ secret: z.string(), until: z.int() })).optional(),
  /** What the owner adds to each request: it may hold a password for a gateway. */
  headers: z.record(z.string(), z.string()).optional(),
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

export interface SigningMaterial {
  keys: {
    /** The current one first. */
    secrets: Bytes[]
    /** Of the deployment's key pairs, the newest first. */
    privateKeys: CryptoKey[]
  }
  /** The current one as text. */
  secret: string
  /** What the owner adds to each request. */
  headers: Record<string, string>
}

/** @returns what a request to the endpoint is signed with at `now`. @throws Error when its box does not open */
export async function signingMaterial(
  env: Env,
  endpoint: { id: string; secrets: string },
  now: number
): Promise<SigningMaterial> {
  const [opened, pairs] = await Promise.all([
    openSecrets(env, endpoint.id, endpoint.secrets),
    privateKeys(env, now),
  ])
  const keys = { secrets: validSecrets(opened, endpoint.id, now), privateKeys: pairs }
  return { keys, secret: opened.current, headers: opened.headers ?? {} }
}

function validSecrets(opened: SigningSecrets, endpointId: string, now: number): Bytes[] {
  const live = formerSecrets(opened, now).map(({ secret }) => secret)
  return [opened.current, ...live].map((secret) => {
    const key = parseSigningSecret(secret)
    if (!key.ok) throw new Error(`The stored secret of ${endpointId} is malformed.`)
    return key.value
  })
}

/** Secrets of before that still sign, the latest first. */
function formerSecrets(secrets: SigningSecrets, now: number) {
  const { previous, previousUntil = 0, older = [] } = secrets
  const former =
    previous === undefined ? older : [{ secret: previous, until: previousUntil }, ...older]
  return former.filter(({ until }) => now < until)
}

/** Each is one signature more in every request. */
const MAX_OLDER = 3

/** The current secret becomes the previous one for as long as `graceMs`; with 0, no other signs any more. */
export function rotated(
  secrets: SigningSecrets,
  next: string,
  graceMs: number,
  now: number
): SigningSecrets {
  const { previous, previousUntil, older, current, ...rest } = secrets
  if (graceMs === 0) return { ...rest, current: next }
  return {
    ...rest,
    current: next,
    previous: current,
    previousUntil: now + graceMs,
    older: formerSecrets(secrets, now).slice(0, MAX_OLDER),
  }
}
