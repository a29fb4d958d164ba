import { splitPlace } from './request'
import type { Scheme } from './scheme'

/* Which headers, and which parts of a query, are secrets. They are stored sealed, and nothing shows or publishes them. */

/** Headers with a secret, whatever the provider says. */
const CREDENTIAL =
  /(^|[-_])(authorization|auth|token|secret|passw(or)?d|passphrase|cookie|credentials?|session([-_]?id)?|jwt)$|(^|[-_])(api|access|auth|app|private|secret|subscription|functions|webhook|account)[-_]?key$/

type Schemes = readonly Scheme[]

function sharedSecrets(schemes: Schemes) {
  return schemes.flatMap((scheme) => (scheme.kind === 'shared-secret' ? [splitPlace(scheme.at)] : []))
}

export function isSecretHeader(name: string, schemes: Schemes): boolean {
  const lower = name.toLowerCase()
  return CREDENTIAL.test(lower) || sharedSecrets(schemes).some(([kind, at]) => kind === 'header' && at === lower)
}

export function hasSecretQuery(schemes: Schemes): boolean {
  return sharedSecrets(schemes).some(([kind]) => kind === 'query')
}

/** @returns a query without the parameters that are secrets */
export function withoutSecretParameters(query: string, schemes: Schemes): string {
  const names = sharedSecrets(schemes).flatMap(([kind, name]) => (kind === 'query' ? [name] : []))
  if (names.length === 0) return query
  const kept = new URLSearchParams(query)
  for (const name of names) kept.delete(name)
  return String(kept)
}
