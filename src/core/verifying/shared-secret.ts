import { type Bytes, equalBytes, fromBase64, utf8 } from '../lib/bytes'
import { type Arrived, blankCheck, type Check, nameOf, whyMissing } from './check'
import { textsAt } from './request'
import type { SharedSecretScheme } from './scheme'

/** Whether what was sent along is the secret itself. */
export function checkShared(
  scheme: SharedSecretScheme,
  secrets: readonly string[],
  { request, content }: Arrived
): Check {
  const received = textsAt(request, content, scheme.at)
  const base = {
    ...blankCheck(SHARED_NAMES[scheme.format], nameOf(scheme.at)),
    received: received.map(masked),
    readable: received.length > 0,
  }
  if (secrets.length === 0) return { ...base, reason: 'no_secret' }
  if (received.length === 0) return { ...base, reason: whyMissing(scheme.at, request) }
  const given = received.map((text) => readShared(scheme.format, text))
  const fits = secrets.some((secret) => given.every((bytes) => bytes && sameText(bytes, secret)))
  return { ...base, reason: fits ? null : 'signature_mismatch' }
}

/** What came is the secret itself, or nearly: enough of it to tell two apart. */
function masked(text: string): string {
  return `${text.slice(0, 2)}… (${text.length} characters)`
}

export const SHARED_NAMES = {
  plain: 'Shared secret',
  bearer: 'Bearer token',
  basic: 'User name and password (Basic)',
}

function sameText(bytes: Bytes, secret: string): boolean {
  // On its way in a header, a secret loses the spaces around it.
  return equalBytes(bytes, utf8(secret)) || equalBytes(bytes, utf8(secret.trim()))
}

function readShared(format: SharedSecretScheme['format'], text: string): Bytes | null {
  if (format === 'plain') return utf8(text)
  const credentials = /^(bearer|basic) +(.*)$/is.exec(text)
  if (credentials?.[1]?.toLowerCase() !== format) return null
  const value = credentials[2] ?? ''
  return format === 'bearer' ? utf8(value) : fromBase64(value.trim())
}
