import { type Place, splitPlace } from './request'
import type { Scheme } from './scheme'

/* Which parts of a request are secrets. They are stored sealed, and nothing that others can read is made of them. */

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

/** @returns whether an owner's setting names a place with a secret. What it reads there would be shown and published */
export function isSecretPlace(place: Place, schemes: Schemes): boolean {
  const [kind, name] = splitPlace(place)
  return kind === 'header' ? isSecretHeader(name, schemes) : kind === 'query' && hasSecretQuery(schemes)
}
