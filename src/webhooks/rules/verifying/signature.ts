import { type Bytes, equalBytes, fromBase64Url, fromHex, toBase64, toHex, utf8 } from '../../../kit/lib/bytes'
import { err, ok, type Result } from '../../../kit/lib/result'
import { cut } from '../../../kit/lib/text/shorten'
import { type Arrival, blankCheck, mayHash, type SchemeCheck, type VerificationReason, whyMissing } from './check'
import { computeMac, isMacKey, parsePublic, verifyWith } from './keys'
import { describePlaces, extract, textsAtFirst } from './places'
import { type Content, firstTextAt, headerOf, type InboundRequest, textsAt, type ValuePlace } from './request'
import {
  type Encoding,
  type HmacScheme,
  nameScheme,
  type PublicKeyScheme,
  type Scheme,
  type SignatureScheme,
} from './scheme'
import { headersIn, signedBytes } from './signed-text'
import { readTimestamp } from './timestamp'

/** A request may contain many signatures, and checking each one takes CPU time. DocuSign sends up to 100. */
const MAX_HMAC_SIGNATURES = 100
/** Verifying with a public key takes more time than comparing an HMAC. */
const MAX_PUBLIC_KEY_SIGNATURES = 10
/** The maximum number of characters that the inspector shows of a value that does not look like a signature. */
const MAX_SHOWN_CHARACTERS = 200
/** If nothing looks like a signature, the expected one is only shown. To compute it for longer texts takes too long. */
const MAX_TEXT_TO_SHOW = 64 * 1_024

/** Checks an HMAC, or a signature made with a private key. */
export async function checkSignature(
  scheme: SignatureScheme,
  secrets: readonly string[],
  arrival: Arrival
): Promise<SchemeCheck> {
  const { request, content } = arrival
  const { at } = scheme.signature
  const max = scheme.kind === 'hmac' ? MAX_HMAC_SIGNATURES : MAX_PUBLIC_KEY_SIGNATURES
  const given = extract(request, content, scheme.signature).slice(0, max)
  const found = textsAtFirst(request, content, at).map((text) => cut(text, MAX_SHOWN_CHARACTERS))
  const received = given.length > 0 ? given : found
  const readable = given.length > 0
  const { signed } = scheme
  const base = { ...blankCheck(nameScheme(scheme), describePlaces(at)), received, readable, signed }
  if (secrets.length === 0) return { ...base, reason: 'no_secret' }
  if (received.length === 0) return { ...base, reason: whyMissing(at, arrival) }
  const { timestamp, reason } = readTimestamp(scheme.timestamp, arrival)
  const text = await textToSign(scheme, arrival, timestamp?.text ?? '')
  if (!text.ok) return { ...base, timestamp, reason: text.error }
  if (!readable && text.value.length > MAX_TEXT_TO_SHOW) return { ...base, timestamp, reason: 'signature_mismatch' }
  const signatures = given.flatMap((item) => decode(scheme.encoding, item) ?? [])
  const match = await (scheme.kind === 'hmac'
    ? matchMacs(scheme, secrets, signatures, text.value, arrival)
    : matchPublicKeys(scheme, secrets, signatures, text.value, arrival))
  return { ...base, timestamp, computed: match.computed, reason: match.reason ?? reason }
}

/** @returns what a request proves itself with, in one spelling: without prefixes, and signatures in hex */
export function proofsIn(scheme: Scheme, request: InboundRequest, content: Content): string[] {
  if (scheme.kind === 'unsigned') return []
  if (scheme.kind === 'shared-secret') return textsAt(request, content, scheme.at)
  return extract(request, content, scheme.signature).map((item) => {
    const signature = decode(scheme.encoding, item)
    return signature ? toHex(signature) : item
  })
}

/** Some senders use base64url, or leave out the padding. */
function decode(encoding: Encoding, text: string): Bytes | null {
  return encoding === 'hex' ? fromHex(text) : fromBase64Url(text)
}

export function encode(encoding: Encoding, bytes: Bytes): string {
  return encoding === 'hex' ? toHex(bytes) : toBase64(bytes)
}

/** @returns the bytes that the signature must cover, or the reason why the request cannot be verified */
async function textToSign(
  scheme: SignatureScheme,
  arrival: Arrival,
  timestamp: string
): Promise<Result<Bytes, VerificationReason>> {
  const { request, content, form } = arrival
  if (scheme.unless && firstTextAt(request, content, [scheme.unless]) !== null) return err('signature_mismatch')
  if (scheme.timestamp && timestamp === '') return err(whyMissing(scheme.timestamp.at, arrival))
  if (scheme.kind === 'hmac' && scheme.objectOnly && !isObject(request.body)) return err('body_not_signed')
  if (headersIn(scheme.signed).some((name) => !headerOf(request, name)?.trim())) return err('missing_header')
  const bodyHash = scheme.kind === 'hmac' ? scheme.bodyHash : undefined
  const reason = bodyHash ? await whyNotCovered(bodyHash, arrival) : null
  if (reason) return err(reason)
  if (scheme.signed.includes('{form}') && form() === null) return err('body_too_large')
  return ok(signedBytes(scheme.signed, { ...arrival, timestamp }))
}

/** Whether the first character that is not white space is a brace. */
const isObject = (body: Bytes): boolean => body.find((byte) => byte > 0x20) === 0x7b

/** Twilio signs form fields, or else a hash in the URL. https://www.twilio.com/docs/usage/webhooks/webhooks-security */
async function whyNotCovered(bodyHash: ValuePlace, arrival: Arrival): Promise<VerificationReason | null> {
  const { request, content, form } = arrival
  const given = firstTextAt(request, content, [bodyHash])
  if (given !== null) {
    const isSame = equalBytes(utf8(given.toLowerCase()), utf8(await arrival.bodyHash()))
    return isSame ? null : 'signature_mismatch'
  }
  return form() !== '' || request.body.length === 0 ? null : 'body_not_signed'
}

/** Whether a secret and a signature match. */
type SecretMatch = Pick<SchemeCheck, 'computed' | 'reason'>

async function matchMacs(
  scheme: HmacScheme,
  secrets: readonly string[],
  given: Bytes[],
  text: Bytes,
  arrival: Arrival
): Promise<SecretMatch> {
  const keys = secrets.filter((secret) => isMacKey(scheme, secret))
  if (keys.length === 0) return { computed: [], reason: 'bad_secret' }
  const hashed = keys.filter(() => mayHash(arrival, text))
  const results = await Promise.all(hashed.map((key) => computeMac(scheme, key, text)))
  const macs = results.filter((mac) => mac !== null)
  const computed = macs.map((mac) => encode(scheme.encoding, mac))
  const matches = macs.map((mac) => given.some((other) => equalBytes(mac, other)))
  return { computed, reason: matches.includes(true) ? null : whyUnmatched(hashed, keys) }
}

async function matchPublicKeys(
  scheme: PublicKeyScheme,
  secrets: readonly string[],
  given: Bytes[],
  text: Bytes,
  arrival: Arrival
): Promise<SecretMatch> {
  const parsed = await Promise.all(secrets.map((secret) => parsePublic(scheme, secret)))
  const keys = parsed.filter((key) => key !== null)
  if (keys.length === 0) return { computed: [], reason: 'bad_secret' }
  const pairs = given.flatMap((signature) => keys.map((key) => ({ signature, key })))
  const hashed = pairs.filter(() => mayHash(arrival, text))
  const checks = hashed.map(({ signature, key }) => verifyWith(scheme, key, signature, text))
  const matches = (await Promise.all(checks)).includes(true)
  return { computed: [], reason: matches ? null : whyUnmatched(hashed, pairs) }
}

/** If not everything has been compared, the rest may match. */
function whyUnmatched(compared: unknown[], all: readonly unknown[]): VerificationReason {
  return compared.length < all.length ? 'body_too_large' : 'signature_mismatch'
}
