import * as z from 'zod'
import { randomBytes } from '../../kit/db/ids'
import { seal, unseal } from '../../kit/db/sealing'
import { invalidField } from '../../kit/http/problem'
import type { Bytes } from '../../kit/lib/bytes'
import { isChanged } from '../../kit/lib/changed'
import { type Headers, mergeHeaders, redactHeaders } from '../rules/delivering/custom-headers'
import { formerSecrets } from '../rules/signing/rotation'
import { formatSigningSecret, parseSigningSecret, SIGNING_SECRET_BYTES } from '../rules/signing/secret'
import { privateKeys } from '../signing-keys/store'

/** The sealed content of `endpoints.secrets`. During a rotation, requests are also signed with the old secrets. */
export const signingSecrets = z.object({
  current: z.string(),
  previous: z.string().optional(),
  /** When the previous secret expires, in epoch milliseconds. */
  previousUntil: z.int().optional(),
  /** Older secrets that still sign requests, so that a second rotation does not shorten the first grace period. */
  older: z.array(z.object({ secret: z.string(), until: z.int() })).optional(),
  /** Custom headers. They are secret, because they may contain a password. */
  headers: z.record(z.string(), z.string()).optional(),
})
export type SigningSecrets = z.infer<typeof signingSecrets>

export const newSigningSecret = (): string => formatSigningSecret(randomBytes(SIGNING_SECRET_BYTES))

export async function sealSecrets(env: Env, endpointId: string, secrets: SigningSecrets): Promise<string> {
  return seal(env, JSON.stringify(secrets), endpointId)
}

export async function openSecrets(env: Env, endpointId: string, sealed: string): Promise<SigningSecrets> {
  return signingSecrets.parse(JSON.parse(await unseal(env, sealed, endpointId)))
}

/**
 * @param before the stored headers, whose redacted values may be sent back
 * @throws Refusal 422 for a redacted value that stands for no stored one
 */
export function requireHeaders(before: Headers, next: Headers): Headers {
  const merged = mergeHeaders(before, next)
  if (merged.ok) return merged.value
  const message = `The header ${merged.error} has no stored value to keep. Enter its value.`
  throw invalidField(`headers.${merged.error}`, message)
}

/** @returns the column that the owner sees, where values that look like secrets are redacted */
export function shownCustomHeaders(headers: Headers): string | null {
  return Object.keys(headers).length === 0 ? null : JSON.stringify(redactHeaders(headers))
}

/**
 * Seals header values with the secrets.
 * @param kept whether a redacted value stands for the stored one
 * @returns undefined if these values are stored already
 * @throws Refusal 422
 */
export async function headerColumns(env: Env, before: { id: string; secrets: string }, next: Headers, kept: boolean) {
  const secrets = await openSecrets(env, before.id, before.secrets)
  const headers = requireHeaders((kept && secrets.headers) || {}, next)
  if (!isChanged({ headers: secrets.headers ?? {} }, { headers })) return undefined
  return { headers: shownCustomHeaders(headers), secrets: await sealSecrets(env, before.id, { ...secrets, headers }) }
}

export interface SigningMaterial {
  keys: {
    /** The signing secrets as bytes, newest first. */
    secrets: Bytes[]
    /** The deployment's Ed25519 keys, newest first. */
    privateKeys: CryptoKey[]
  }
  /** The current secret as text, `whsec_...`. */
  secret: string
  /** The custom headers that are set for the endpoint. */
  headers: Record<string, string>
}

/** @returns everything needed to sign a request at `now`. @throws Error if the secrets cannot be unsealed */
export async function signingMaterial(env: Env, endpoint: { id: string; secrets: string }, now: number) {
  const [opened, pairs] = await Promise.all([openSecrets(env, endpoint.id, endpoint.secrets), privateKeys(env, now)])
  const keys = { secrets: validSecrets(opened, endpoint.id, now), privateKeys: pairs }
  return { keys, secret: opened.current, headers: opened.headers ?? {} }
}

function validSecrets(opened: SigningSecrets, endpointId: string, now: number): Bytes[] {
  const live = formerSecrets(opened, now).map(({ secret }) => secret)
  return [opened.current, ...live].map((secret) => {
    const key = parseSigningSecret(secret)
    if (!key.ok) throw new Error(`The stored secret for ${endpointId} is malformed.`)
    return key.value
  })
}
