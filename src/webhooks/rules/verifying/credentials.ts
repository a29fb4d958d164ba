import { utf8 } from '../../../kit/lib/bytes'
import { isObject, parseForWriting } from '../../../kit/lib/json'
import { type Content, holdsForm, type InboundRequest, readContent, readJson, splitPlace, textOf } from './request'
import type { Scheme } from './scheme'

/*
 * Which headers, and which parts of a query and a body, are secrets. Nothing shows or publishes them, except to those who
 * may see secrets. Headers and queries are stored sealed.
 */

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

type Path = readonly string[]

/** @returns the paths at which a body contains a secret */
function secretPaths(schemes: Schemes): Path[] {
  return sharedSecrets(schemes).flatMap(([kind, at]) => (kind === 'body' ? [at.split('.')] : []))
}

/** Whether the body itself contains the secret. */
export const hasSecretBody = (schemes: Schemes): boolean => secretPaths(schemes).length > 0

/** @returns the parsed body without its secret, for what reads values of it and shows them */
export function withoutSecretValues(content: Content, schemes: Schemes): Content {
  return secretPaths(schemes).reduce((rest, path) => replaceIn(rest, path, undefined), content)
}

/**
 * @returns the request with `hidden` in place of the secret in its body, which is written anew. If a body cannot be
 *   parsed, the secret can be anywhere in it, so `hidden` stands for all of it
 */
export function withoutSecretBody(request: InboundRequest, schemes: Schemes, hidden: string): InboundRequest {
  const paths = secretPaths(schemes)
  if (paths.length === 0 || request.body.length === 0) return request
  return { ...request, body: utf8(textWithout(request, paths, hidden)) }
}

function textWithout(request: InboundRequest, paths: Path[], hidden: string): string {
  if (readContent(request) === null) return hidden
  const without = (value: unknown) => paths.reduce((rest, path) => replaceIn(rest, path, hidden), value)
  if (!holdsForm(request)) return JSON.stringify(without(readJson(request)))
  const fields = [...new URLSearchParams(textOf(request))].map(([name, value]): [string, string] => {
    // A field of a form can contain JSON.
    const parsed = parseForWriting(value)
    if (typeof parsed === 'object' && parsed !== null) {
      const [after] = Object.values(without({ [name]: parsed }) as object)
      return [name, JSON.stringify(after)]
    }
    return [name, paths.some(([first]) => first === name) ? hidden : value]
  })
  return String(new URLSearchParams(fields))
}

/** The values in a field `payload` can be read as if they were the body: see `readContent`. */
function replaceIn(content: unknown, path: Path, hidden: string | undefined): unknown {
  const replaced = replaceAt(content, path, hidden)
  if (!isObject(replaced) || !isObject(replaced.payload)) return replaced
  return { ...replaced, payload: replaceAt(replaced.payload, path, hidden) }
}

function replaceAt(value: unknown, [step, ...rest]: Path, hidden: string | undefined): unknown {
  if (step === undefined) return hidden
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) && step.startsWith('*')) return value.map((item) => replaceAt(item, rest, hidden))
  if (Array.isArray(value) || !Object.hasOwn(value, step)) return value
  return { ...value, [step]: replaceAt((value as Record<string, unknown>)[step], rest, hidden) }
}
