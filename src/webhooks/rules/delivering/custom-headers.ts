import { err, ok, type Result } from '../../../kit/lib/result'
import { CONNECTION_HEADERS } from './connection-headers'

/* Headers that the owner adds to an endpoint's requests, usually a token for a gateway in front of the receiver. */

export const HEADERS_MAX = 16
const HEADER_VALUE_MAX = 1_024
const NAME_MAX = 100

/** A token, as defined in RFC 9110 section 5.6.2. */
const NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
/** Visible ASCII, with spaces only inside the value, so all implementations read the same (RFC 9110 section 5.5). */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/

/** Headers that belong to the connection, the body, or the network, and headers that we set. */
const FORBIDDEN = new Set([
  ...CONNECTION_HEADERS,
  ...['content-encoding', 'content-type', 'date', 'forwarded', 'origin', 'user-agent', 'via', 'x-real-ip'],
])
const FORBIDDEN_FAMILIES = ['webhook-', 'x-hub-', 'x-forwarded-', 'proxy-', 'sec-', 'cf-', 'ce-', 'guesthook-']

/** Shown instead of a value that looks like a secret. If this text is sent back, the stored value is kept. */
export const REDACTED = '••••••••'

export type Headers = Record<string, string>

/** @returns the headers unchanged, or the name of each invalid header and what is wrong with it */
export function checkHeaders(headers: Headers): Result<Headers, { name: string; fault: string }[]> {
  const names = Object.keys(headers)
  const faults = names.flatMap((name) => {
    const fault = faultOf(name, headers[name] ?? '', names)
    return fault === null ? [] : [{ name, fault }]
  })
  if (names.length > HEADERS_MAX) faults.push({ name: '', fault: `An endpoint can have up to ${HEADERS_MAX} headers.` })
  return faults.length > 0 ? err(faults) : ok(headers)
}

function faultOf(name: string, value: string, names: string[]): string | null {
  const lower = name.toLowerCase()
  if (!NAME.test(name) || name.length > NAME_MAX)
    return `A header name can have up to ${NAME_MAX} letters, digits and hyphens.`
  if (FORBIDDEN.has(lower) || FORBIDDEN_FAMILIES.some((family) => lower.startsWith(family)))
    return `The header ${name} cannot be set: it controls the connection, or Guesthook sets it.`
  if (names.some((other) => other !== name && other.toLowerCase() === lower)) return `The header ${name} appears twice.`
  if (value !== REDACTED && !VALUE.test(value))
    return `The value of ${name} may contain only visible ASCII characters, and spaces between them.`
  return value.length > HEADER_VALUE_MAX ? `The value of ${name} can have up to ${HEADER_VALUE_MAX} characters.` : null
}

const SECRET_NAME = /auth|token|secret|passw|key|cookie|credential|signature|session/i
const SECRET_VALUE = /^(basic|bearer|token|digest)\s|^(?=.*\d)(?=.*[a-z])\S{16,}$/i

/** @returns the headers to show, with values that look like secrets replaced */
export function redactHeaders(headers: Headers): Headers {
  const isSecret = (name: string, value: string) => SECRET_NAME.test(name) || SECRET_VALUE.test(value)
  const entries = Object.entries(headers).map(([name, value]) => [name, isSecret(name, value) ? REDACTED : value])
  return Object.fromEntries(entries)
}

/** @param shown JSON of headers to show, or null. @returns whether the value of one is not shown */
export const hasRedacted = (shown: string | null): boolean =>
  Object.values(JSON.parse(shown ?? '{}')).includes(REDACTED)

/** @param next redacted values stand for stored ones. @returns the headers, or the name of one that has none stored */
export function mergeHeaders(before: Headers, next: Headers): Result<Headers, string> {
  const merged: Headers = {}
  for (const [name, value] of Object.entries(next)) {
    const kept = value === REDACTED ? findValue(before, name) : value
    if (kept === undefined) return err(name)
    merged[name] = kept
  }
  return ok(merged)
}

function findValue(headers: Headers, name: string): string | undefined {
  const lower = name.toLowerCase()
  return Object.entries(headers).find(([other]) => other.toLowerCase() === lower)?.[1]
}
