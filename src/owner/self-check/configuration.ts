import { explainAdminToken } from '../../access/admin-token'
import { readAccessSettings } from '../../access/rules/assertion'
import { findStale } from '../../kit/db/reseal-statements'
import { openingKeys, SecretsKeyError, sealedPrefix, unseal } from '../../kit/db/sealing'
import { first } from '../../kit/db/statements'
import { explainPublicUrl } from '../../kit/http/origin'
import { sources } from '../../webhooks/tables/incoming'
import { endpoints, signingKeys } from '../../webhooks/tables/outgoing'

/** What `/healthz` checks. `ACCESS` stands for both settings of Cloudflare Access, `DB` for the tables. */
export const CONFIGURED = ['ADMIN_TOKEN', 'SECRETS_KEY', 'PUBLIC_URL', 'ACCESS', 'DB'] as const

/** Something in the configuration that only the owner can correct. */
export interface ConfigurationFault {
  name: (typeof CONFIGURED)[number]
  /** What is wrong and what to do. It never contains the value. */
  message: string
}

/** @returns what is missing or malformed */
export function findFaults(env: Env): ConfigurationFault[] {
  const access = readAccessSettings(env.ACCESS_TEAM_DOMAIN, env.ACCESS_AUD)
  const faults = [
    { name: 'ADMIN_TOKEN', message: explainAdminToken(env) },
    { name: 'SECRETS_KEY', message: explainSecretsKeys(env) },
    { name: 'PUBLIC_URL', message: explainPublicUrl(env) },
    { name: 'ACCESS', message: access.ok ? null : access.error },
  ] as const
  return faults.flatMap(({ name, message }) => (message === null ? [] : [{ name, message }]))
}

/** Also checks SECRETS_KEY_PREVIOUS, if it is set. */
function explainSecretsKeys(env: Env): string | null {
  try {
    Array.from(openingKeys(env))
    return null
  } catch (cause) {
    if (cause instanceof SecretsKeyError) return cause.message
    throw cause
  }
}

/** One row of each table is enough: if the key is wrong, it can decrypt none of them. */
const STALE_ROWS = [
  findStale(endpoints, 'id', 'secrets'),
  // The owner can no longer replace the secrets of a deleted source.
  findStale(sources, 'id', 'secrets', "status <> 'deleted'"),
  findStale(signingKeys, 'kid', 'seed'),
]

/** @returns a fault if SECRETS_KEY is well-formed but cannot decrypt what is stored */
export async function findStoredFault(env: Env): Promise<ConfigurationFault | null> {
  const prefix = await sealedPrefix(env)
  const found = await Promise.all(STALE_ROWS.map((find) => first(find(env, { prefix, limit: 1 }))))
  try {
    for (const one of found) if (one) await unseal(env, one.sealed, one.id)
    return null
  } catch (cause) {
    if (!(cause instanceof SecretsKeyError)) throw cause
    const message =
      'SECRETS_KEY cannot decrypt the stored secrets. If SECRETS_KEY has changed, set SECRETS_KEY_PREVIOUS to the old key.'
    return { name: 'SECRETS_KEY', message }
  }
}
