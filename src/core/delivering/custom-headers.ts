import { err, ok, type Result } from '../lib/result'

/*
 * Headers that an owner adds to what is sent to an endpoint: a token for a gateway in front of the receiver, most often.
 */

export const HEADERS_MAX = 16
const HEADER_VALUE_MAX = 1_024
const NAME_MAX = 100

/** A token of RFC 9110 section 5.6.2. */
const NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/
/** Visible ASCII, with blanks inside only: what every implementation takes for the same value (RFC 9110 section 5.5). */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/

/** What belongs to the connection, to the body, to the network or to us. */
const FORBIDDEN = new Set([
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-real-ip',
])
const FORBIDDEN_FAMILIES = ['webhook-', 'x-hub-', 'x-forwarded-', 'proxy-', 'sec-', 'cf-', 'ce-']

/** What is shown instead of a value that looks like a secret. Sent back, it means: as it was. */
export const REDACTED = '••••••••'

export type Headers = Record<string, string>

/** @returns the headers as they are, or for each that does not fit its name and what is wrong with it */
export function checkHeaders(headers: Headers): Result<Headers, { name: string; fault: string }[]> {
  const names = Object.keys(headers)
  const faults = names
    .map((name) => ({ name, fault: faultOf(name, headers[name] ?? '', names) }))
    .filter((one): one is { name: string; fault: string } => one.fault !== null)
  if (names.length > HEADERS_MAX)
    faults.push({ name: '', fault: `There may be up to ${HEADERS_MAX} headers.` })
  return faults.length > 0 ? err(faults) : ok(headers)
}

function faultOf(name: string, value: string, names: string[]): string | null {
  const lower = name.toLowerCase()
  if (!NAME.test(name) || name.length > NAME_MAX)
    return 'A header name has letters, digits and hyphens, up to 100.'
  if (FORBIDDEN.has(lower) || FORBIDDEN_FAMILIES.some((family) => lower.startsWith(family)))
    return `The header ${name} is not yours to set: it belongs to the connection, or is set here.`
  if (names.some((other) => other !== name && other.toLowerCase() === lower))
    return `The header ${name} is there twice.`
  if (value !== REDACTED && !VALUE.test(value))
    return `The value of ${name} has visible ASCII characters, and blanks between them.`
  return value.length > HEADER_VALUE_MAX
    ? `The value of ${name} has up to ${HEADER_VALUE_MAX} characters.`
    : null
}

const SECRET_NAME = /auth|token|secret|passw|key|cookie|credential|signature|session/i
const SECRET_VALUE = /^(basic|bearer|token|digest)\s|^(?=.*\d)(?=.*[a-z])\S{16,}$/i

/** As they are shown: what looks like a secret is not. */
export function redactHeaders(headers: Headers): Headers {
  const entries = Object.entries(headers).map(([name, value]) => {
    const isSecret = SECRET_NAME.test(name) || SECRET_VALUE.test(value)
    return [name, isSecret ? REDACTED : value]
  })
  return Object.fromEntries(entries)
}

/**
 * @param next as it was sent: a value that is redacted stays what it was
 * @returns the headers to be, or the name of one that is redacted and was not there
 */
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
