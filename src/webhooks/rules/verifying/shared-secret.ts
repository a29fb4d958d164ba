import { type Bytes, equalBytes, fromBase64, utf8 } from '../../../kit/lib/bytes'
import { cut } from '../../../kit/lib/text/shorten'
import { type Arrival, blankCheck, type SchemeCheck, whyMissing } from './check'
import { describePlaces } from './places'
import { textsAt } from './request'
import { nameScheme, type SharedSecretScheme } from './scheme'

/** Checks that the request contains one of the secrets. If several values are found, all of them must match. */
export function checkShared(scheme: SharedSecretScheme, secrets: readonly string[], arrival: Arrival): SchemeCheck {
  const { request, content } = arrival
  const found = textsAt(request, content, scheme.at)
  const received = found.some((text) => text.trim() !== '') ? found : []
  const base = {
    ...blankCheck(nameScheme(scheme), describePlaces(scheme.at)),
    received: received.map(mask),
    readable: received.length > 0,
  }
  if (secrets.length === 0) return { ...base, reason: 'no_secret' }
  if (received.length === 0) return { ...base, reason: whyMissing(scheme.at, arrival) }
  const given = received.map((text) => readShared(scheme.format, text))
  const matches = secrets.some((secret) => given.every((bytes) => bytes && isSecret(bytes, secret)))
  return { ...base, reason: matches ? null : 'signature_mismatch' }
}

/** The received value may be the secret itself, so only enough of it is shown to tell secrets apart. */
const mask = (text: string): string => `${cut(text, 2)}… (${text.length} characters)`

/** HTTP strips the spaces around a header value. */
function isSecret(bytes: Bytes, secret: string): boolean {
  return equalBytes(bytes, utf8(secret)) || equalBytes(bytes, utf8(secret.trim()))
}

function readShared(format: SharedSecretScheme['format'], text: string): Bytes | null {
  if (format === 'plain') return utf8(text)
  const credentials = /^(bearer|basic) +(.*)$/is.exec(text)
  if (credentials?.[1]?.toLowerCase() !== format) return null
  const value = credentials[2] ?? ''
  return format === 'bearer' ? utf8(value) : fromBase64(value.trim())
}
