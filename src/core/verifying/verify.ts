import { type Bytes, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '../lib/bytes'
import { sha256Hex } from '../lib/hmac'
import { err, ok, type Result } from '../lib/result'
import {
  type Arrived,
  blankCheck,
  type Check,
  nameOf,
  placesOf,
  type VerificationReason,
  whyMissing,
} from './check'
import { computeMac, parsePublic, verifyWith } from './keys'
import {
  type Content,
  firstTextAt,
  headerOf,
  type InboundRequest,
  type Place,
  textsAt,
} from './request'
import type {
  Encoding,
  Extract,
  HmacScheme,
  Provider,
  PublicKeyScheme,
  Scheme,
  Timestamp,
} from './scheme'
import { checkShared, SHARED_NAMES } from './shared-secret'
import { headersIn, type SignedText, signedBytes } from './signed-text'
import { toMilliseconds } from './timestamp'

/*
 * Whether a request is from whom it says, by a scheme that is data (core/providers). What is not known fails: no scheme, no secret, an
 * algorithm that does not fit. Comparisons take the same time wherever they differ.
 */

export interface Verification {
  /** Somebody vouches for it. Where nothing is signed, nobody does, and it is let pass all the same. */
  verified: boolean
  /** Why it is refused; null when it is not. */
  reason: VerificationReason | null
  checks: Check[]
}

/**
 * @param secrets as the provider shows them, the current one first; while one rotates, the previous one too
 * @param receivedAt epoch milliseconds: how old a timestamp is was decided when it arrived, however much later it is looked at
 */
export async function verify(
  schemes: readonly Scheme[],
  secrets: readonly string[],
  request: InboundRequest,
  content: Content,
  receivedAt: number
): Promise<Verification> {
  const tries = schemes.map((scheme) =>
    check(scheme, secrets, { request, content, received_at: receivedAt })
  )
  const checks = await Promise.all(tries)
  const passed = checks.find(({ reason }) => reason === null)
  if (passed) return { verified: passed.received.length > 0, reason: null, checks: [passed] }
  const [told] = checks.toSorted((a, b) => weightOf(b) - weightOf(a))
  return { verified: false, reason: told?.reason ?? 'unknown_scheme', checks }
}

/** Of several schemes that refuse, the one that came the farthest says why: the sender meant that one. */
function weightOf({ reason, received, readable }: Check): number {
  if (reason === 'timestamp_too_old' || reason === 'timestamp_too_new') return 4
  if (readable) return reason === 'signature_mismatch' || reason === 'body_not_signed' ? 3 : 2
  return Math.min(received.length, 1)
}

async function check(scheme: Scheme, secrets: readonly string[], arrived: Arrived): Promise<Check> {
  switch (scheme.kind) {
    case 'unsigned':
      return { ...blankCheck('No signature', ''), reason: null }
    case 'shared-secret':
      return checkShared(scheme, secrets, arrived)
    case 'hmac':
    case 'ed25519':
    case 'ecdsa-p256':
    case 'rsa-sha256':
      return checkSigned(scheme, secrets, arrived)
    default:
      // A row of a newer version, or one that was tampered with: what nobody knows how to check has not passed.
      return { ...blankCheck('Unknown', ''), reason: 'unknown_scheme' }
  }
}

function decode(encoding: Encoding, text: string): Bytes | null {
  return encoding === 'hex' ? fromHex(text) : fromBase64(standard(text))
}

/** Some write base64 for URLs, without padding. */
function standard(text: string): string {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/')
  return plain.padEnd(Math.ceil(plain.length / 4) * 4, '=')
}

export function encode(encoding: Encoding, bytes: Bytes): string {
  return encoding === 'hex' ? toHex(bytes) : toBase64(bytes)
}

/** The header is hostile, and each signature costs: a comparison for an HMAC (DocuSign sends up to 100), a verification for a public key. */
const MAX_MACS = 100
const MAX_SIGNATURES = 10
/** Of RSA with 4,096 bits there are 1,024 in hex. */
const MAX_SIGNATURE = 4_096

async function checkSigned(
  scheme: HmacScheme | PublicKeyScheme,
  secrets: readonly string[],
  arrived: Arrived
): Promise<Check> {
  const { request, content, received_at: receivedAt } = arrived
  const max = scheme.kind === 'hmac' ? MAX_MACS : MAX_SIGNATURES
  const given = extract(request, content, scheme.signature).slice(0, max)
  const raw = firstTexts(request, content, scheme.signature.at)
  // Something stands there, though none of ours: it is shown, and does not match.
  const received = given.length > 0 ? given : raw.map((text) => text.slice(0, 200))
  const base = {
    ...blankCheck(nameScheme(scheme), nameOf(scheme.signature.at)),
    received,
    readable: given.length > 0,
    signed: scheme.signed,
  }
  if (secrets.length === 0) return { ...base, reason: 'no_secret' }
  if (received.length === 0) {
    return { ...base, reason: whyMissing(scheme.signature.at, request) }
  }
  const stamp = readTimestamp(scheme.timestamp, request, content, receivedAt)
  const timestamp = stamp.shown
  const text = await textToSign(scheme, request, content, timestamp?.text ?? '')
  if (!text.ok) return { ...base, timestamp, reason: text.error }
  const signatures = given.flatMap((item) => decode(scheme.encoding, item) ?? [])
  const match = await matchSecrets(scheme, secrets, signatures, text.value)
  const { computed } = match
  return { ...base, timestamp, computed, reason: match.reason ?? stamp.reason }
}

/** What stands at the first of the places that holds something. */
function firstTexts(request: InboundRequest, content: Content, at: Extract['at']): string[] {
  return (
    placesOf(at)
      .map((place) => textsAt(request, content, place))
      .find((texts) => texts.length > 0) ?? []
  )
}

function extract(request: InboundRequest, content: Content, from: Extract): string[] {
  const { list, prefix = '' } = from
  return firstTexts(request, content, from.at)
    .flatMap((text) => (list === undefined ? [text] : text.split(list)))
    .map((item) => item.trim())
    .filter((item) => item !== '' && item.length <= MAX_SIGNATURE)
    .filter((item) => item.toLowerCase().startsWith(prefix.toLowerCase()))
    .map((item) => item.slice(prefix.length))
}

function readTimestamp(
  timestamp: Timestamp | undefined,
  request: InboundRequest,
  content: Content,
  receivedAt: number
): { shown: Check['timestamp']; reason: VerificationReason | null } {
  if (!timestamp) return { shown: null, reason: null }
  const { tolerance, unit } = timestamp
  const [text] = extract(request, content, timestamp)
  if (text === undefined) return { shown: null, reason: whyMissing(timestamp.at, request) }
  const at = toMilliseconds(unit, text)
  if (at === null) return { shown: { text, age: null, tolerance }, reason: 'bad_timestamp' }
  const age = Math.round((receivedAt - at) / 1_000)
  const late = receivedAt - at > tolerance * 1_000 ? ('timestamp_too_old' as const) : null
  const early = at - receivedAt > tolerance * 1_000 ? ('timestamp_too_new' as const) : null
  return { shown: { text, age, tolerance }, reason: late ?? early }
}

async function textToSign(
  scheme: HmacScheme | PublicKeyScheme,
  request: InboundRequest,
  content: Content,
  timestamp: string
): Promise<Result<Bytes, VerificationReason>> {
  if (scheme.timestamp && timestamp === '') return err(whyMissing(scheme.timestamp.at, request))
  if (scheme.kind === 'hmac' && scheme.objectOnly && !isObject(request.body)) {
    return err('body_not_signed')
  }
  if (headersIn(scheme.signed).some((name) => headerOf(request, name) === null)) {
    return err('missing_header')
  }
  const parts: SignedText = { request, content, timestamp }
  const hash = scheme.kind === 'hmac' && scheme.bodyHash
  if (hash) {
    const covered = await bodyIsCovered(hash, parts)
    if (covered !== null) return err(covered)
  }
  return ok(signedBytes(scheme.signed, parts))
}

/** Nothing but white space before its brace. */
function isObject(body: Bytes): boolean {
  return body.find((byte) => byte > 0x20) === 0x7b
}

/** Twilio: https://www.twilio.com/docs/usage/webhooks/webhooks-security */
async function bodyIsCovered(
  place: Place,
  { request, content }: SignedText
): Promise<VerificationReason | null> {
  const given = firstTextAt(request, content, [place])
  if (given !== null) {
    const same = equalBytes(utf8(given.toLowerCase()), utf8(await sha256Hex(request.body)))
    return same ? null : 'signature_mismatch'
  }
  return signedBytes('{form}', { request, content, timestamp: '' }).length > 0 ||
    request.body.length === 0
    ? null
    : 'body_not_signed'
}

interface Match {
  computed: string[]
  reason: VerificationReason | null
}

async function matchSecrets(
  scheme: HmacScheme | PublicKeyScheme,
  secrets: readonly string[],
  given: Bytes[],
  text: Bytes
): Promise<Match> {
  return scheme.kind === 'hmac'
    ? matchMacs(scheme, secrets, given, text)
    : matchPublicKeys(scheme, secrets, given, text)
}

async function matchMacs(
  scheme: HmacScheme,
  secrets: readonly string[],
  given: Bytes[],
  text: Bytes
): Promise<Match> {
  const macs = (
    await Promise.all(secrets.map((secret) => computeMac(scheme, secret, text)))
  ).filter((mac) => mac !== null)
  if (macs.length === 0) return { computed: [], reason: 'bad_secret' }
  const computed = macs.map((mac) => encode(scheme.encoding, mac))
  const matches = macs.map((mac) => given.some((other) => equalBytes(mac, other)))
  return { computed, reason: matches.includes(true) ? null : 'signature_mismatch' }
}

async function matchPublicKeys(
  scheme: PublicKeyScheme,
  secrets: readonly string[],
  given: Bytes[],
  text: Bytes
): Promise<Match> {
  const parsed = await Promise.all(secrets.map((secret) => parsePublic(scheme, secret)))
  const keys = parsed.filter((key) => key !== null)
  if (keys.length === 0) return { computed: [], reason: 'bad_secret' }
  const checks = keys.flatMap((key) => given.map((each) => verifyWith(scheme, key, each, text)))
  const matches = (await Promise.all(checks)).includes(true)
  return { computed: [], reason: matches ? null : 'signature_mismatch' }
}

/** How a provider is verified with these secrets: one that signs nothing by itself need not have any. */
export function schemesFor(
  { schemes, secret }: Pick<Provider, 'schemes' | 'secret'>,
  secrets: readonly string[]
): readonly Scheme[] {
  return secret.optional && secrets.length === 0 ? [{ kind: 'unsigned' }] : schemes
}

/** Where a signature and its time stand. */
export function proofPlaces(scheme: Scheme): Place[] {
  if (scheme.kind === 'unsigned') return []
  if (scheme.kind === 'shared-secret') return [scheme.at]
  return [...placesOf(scheme.signature.at), ...placesOf(scheme.timestamp?.at ?? [])]
}

export function nameScheme(scheme: Scheme): string {
  switch (scheme.kind) {
    case 'hmac':
      return `HMAC with ${scheme.hash}, in ${scheme.encoding}`
    case 'ed25519':
      return `Ed25519, in ${scheme.encoding}`
    case 'ecdsa-p256':
      return `ECDSA (P-256, SHA-256), in ${scheme.encoding}`
    case 'rsa-sha256':
      return `RSA with SHA-256, in ${scheme.encoding}`
    case 'shared-secret':
      return SHARED_NAMES[scheme.format]
    case 'unsigned':
      return 'No signature'
  }
}
