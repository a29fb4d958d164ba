import { splitPlace } from './request'
import type { Scheme } from './scheme'

/* Which headers, and which parts of a query, are secrets. They are stored sealed, and nothing shows or publishes them. */

/** Headers with a secret, whatever the provider says. */
const CREDENTIAL =
  /(^|[-_])(authorization|auth|token|secret|passw(or)?d|passphrase|cookie|credentials?|session([-_]?id)?|jwt|assertion)$|(^|[-_])(api|access|auth|app|private|secret|subscription|functions|webhook|account)[-_]?key$/

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

/** @returns a query without the parameter that is a secret; null if the query has none */
export function withoutSecretParameter(query: string, schemes: Schemes): string | null {
  const [, name] = sharedSecrets(schemes).find(([kind]) => kind === 'query') ?? []
  const parameters = new URLSearchParams(query)
  if (name === undefined || !parameters.has(name)) return null
  parameters.delete(name)
  return String(parameters)
}
