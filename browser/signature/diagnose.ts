import { type Bytes, equalBytes, fromBase64, toBase64, utf8 } from '../../src/kit/lib/bytes'
import { hmacSha256, sha256Hex } from '../../src/kit/lib/hmac'
import { cut } from '../../src/kit/lib/text/shorten'
import { spanOf } from '../../src/kit/lib/time'
import { parsePublicKey, verifyEd25519 } from '../../src/webhooks/rules/signing/ed25519'
import { parseSigningSecret } from '../../src/webhooks/rules/signing/secret'
import { faultAtEnd } from './end-of-body'

/*
 * Explains why a webhook signature does not verify. Checks each part on its own, then tries common mistakes to find one
 * that produces the given signature.
 */

/** The specification does not define a tolerance. Every reference library allows 5 minutes in both directions. */
const TOLERANCE_SECONDS = 300

export interface Evidence {
  /** `whsec_...` for v1, or `whpk_...` for v1a. */
  secret: string
  id: string
  timestamp: string
  signature: string
  body: string
}

export type Sent = Omit<Evidence, 'secret'>

export interface Finding {
  part: 'headers' | 'timestamp' | 'secret' | 'signature' | 'body' | 'result'
  /** `off`: the part could not be checked, or proves nothing. */
  verdict: 'good' | 'bad' | 'off'
  /** What was found, and what to do about it. */
  text: string
}

/**
 * @param evidence what a person has pasted, which may be anything
 * @param now seconds since the epoch
 * @param sent a request that we sent, perhaps long ago, if one is known
 * @returns one finding for each part that was given, followed by the result
 */
export async function diagnose(evidence: Evidence, now: number, sent: Sent | null = null): Promise<Finding[]> {
  const isSent = sent !== null && evidence.timestamp === sent.timestamp && evidence.signature === sent.signature
  const timestamp = checkTimestamp(evidence, now, isSent)
  const result = await compare(evidence)
  const signature = checkSignature(evidence)
  // What only looks like a signature must not have the mark of one that matches.
  if (signature?.verdict === 'good' && result.verdict !== 'good') signature.verdict = 'off'
  const body = result.part === 'result' && result.verdict === 'bad' && sent ? checkBody(evidence, sent) : null
  const secret = body && sent && isAsSent(evidence, sent) ? WRONG_SECRET : checkSecret(evidence)
  const parts = [checkHeaders(evidence), timestamp, secret, signature, body, result]
  return parts.filter((finding) => finding !== null)
}

function good(part: Finding['part'], text: string): Finding {
  return { part, verdict: 'good', text }
}

function bad(part: Finding['part'], text: string): Finding {
  return { part, verdict: 'bad', text }
}

function checkHeaders({ id, timestamp, signature }: Evidence): Finding {
  const given = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
  const missing = Object.entries(given).flatMap(([name, value]) => (value ? [] : [name]))
  if (missing.length === 0) return good('headers', 'All three headers are present.')
  return bad('headers', `Missing: ${missing.join(', ')}. Check whether a proxy removes headers.`)
}

function checkTimestamp({ timestamp }: Evidence, now: number, isSent: boolean): Finding | null {
  if (!timestamp) return null
  if (/^\d{13}$/.test(timestamp)) return bad('timestamp', 'The timestamp is in milliseconds. It must be in seconds.')
  if (!/^[1-9]\d{0,11}$/.test(timestamp))
    return bad('timestamp', 'The timestamp must be a number of seconds since 1970.')
  const age = now - Number(timestamp)
  const signed = `Signed ${spanAround(Math.abs(age))} ${age < 0 ? 'in the future' : 'ago'}`
  const limit = `the limit of ${spanOf(TOLERANCE_SECONDS * 1_000)}`
  if (Math.abs(age) <= TOLERANCE_SECONDS) return good('timestamp', `${signed}, within ${limit}.`)
  if (isSent)
    return { part: 'timestamp', verdict: 'off', text: `${signed}. Receivers accept a request only within ${limit}.` }
  return bad(
    'timestamp',
    `${signed}, which exceeds ${limit}. Verify requests as soon as they arrive, and check the clock.`
  )
}

/** @returns how long it is, to the second as long as it may be about the limit */
function spanAround(seconds: number): string {
  const unit = [86_400, 3_600].find((size) => seconds >= 2 * size) ?? (seconds < 2 * TOLERANCE_SECONDS ? 1 : 60)
  return spanOf(Math.round(seconds / unit) * unit * 1_000)
}

function checkSecret({ secret }: Evidence): Finding {
  if (secret !== secret.trim())
    return bad('secret', 'Remove the white space around the secret, both here and in the receiver.')
  if (secret.startsWith('whpk_')) {
    const key = parsePublicKey(secret)
    if (!key.ok) return bad('secret', key.error)
    return good('secret', 'This is a public key. It verifies v1a signatures.')
  }
  const key = parseSigningSecret(secret)
  if (!key.ok) return bad('secret', key.error)
  return good('secret', `This secret is ${key.value.length} bytes long. It verifies v1 signatures.`)
}

function checkSignature({ signature }: Evidence): Finding | null {
  if (!signature) return null
  const items = signature.trim().split(/\s+/).map(readItem)
  const fault = items.find((item) => item.fault !== null)?.fault
  if (fault) return bad('signature', fault)
  return good('signature', `The header lists ${items.map(({ version }) => version).join(', ')}.`)
}

/** If the body is as it was sent, what remains is the secret, and the headers that are not as they were sent. */
function checkBody(evidence: Evidence, sent: Sent): Finding | null {
  if (evidence.body !== sent.body) return null
  const changed = changedHeaders(evidence, sent)
  const found = 'The body is exactly the one that was sent'
  if (changed.length === 0) return good('body', `${found}.`)
  return good(
    'body',
    `${found}, but these headers are not: ${changed.join(', ')}. One of them is wrong, or the secret.`
  )
}

function changedHeaders(evidence: Evidence, sent: Sent): string[] {
  const named = { ID: 'id', timestamp: 'timestamp', signature: 'signature' } as const
  return Object.entries(named).flatMap(([name, key]) => (evidence[key] === sent[key] ? [] : [name]))
}

const WRONG_SECRET = bad(
  'secret',
  'This is not the secret with which the request was signed. Its body and its headers are exactly as they were sent.'
)

/**
 * @returns whether only the secret can be wrong. A public key may be right: the header may list no signature for it, or
 *   the browser cannot check it
 */
function isAsSent(evidence: Evidence, sent: Sent): boolean {
  const isSame = evidence.body === sent.body && changedHeaders(evidence, sent).length === 0
  return isSame && keyOf(evidence.secret) !== null && signaturesOf('v1', sent.signature).length > 0
}

const SIGNATURE_BYTES: Record<string, number> = { v1: 32, v1a: 64 }

function readItem(item: string): { version: string; fault: string | null } {
  const [version = '', text] = item.split(/,(.*)/s)
  const length = SIGNATURE_BYTES[version]
  if (text === undefined) {
    const shown = cut(item, 40)
    return { version, fault: `"${shown}" does not have the form "version,base64". Was it cut off at a comma?` }
  }
  if (length === undefined || fromBase64(text)?.length === length) return { version, fault: null }
  if (/^[0-9a-f]+$/i.test(text) && text.length === 2 * length)
    return { version, fault: `The ${version} signature is hexadecimal. It must be base64.` }
  return { version, fault: `The ${version} signature must be ${length} bytes in base64.` }
}

async function compare(evidence: Evidence): Promise<Finding> {
  const { id, timestamp, body } = evidence
  const signed = `${id}.${timestamp}.${body}`
  if (evidence.secret.trim().startsWith('whpk_')) return comparePublicKey(evidence)
  const key = keyOf(evidence.secret)
  if (key && (await matches(evidence, { key, signed })))
    return good('result', 'The signature matches the secret, the ID, the timestamp, and the body.')
  for (const { explanation, reading } of commonMistakes(evidence, key))
    if (await matches(evidence, reading)) return explanation
  return bad('result', await describeMismatch(key, signed, body))
}

/** Tolerates white space and a missing prefix, which `checkSecret` reports, so that the rest can still be compared. */
function keyOf(secret: string): Bytes | null {
  const text = secret.trim()
  const key = parseSigningSecret(text.startsWith('whsec_') ? text : `whsec_${text}`)
  return key.ok ? key.value : null
}

async function comparePublicKey({ secret, id, timestamp, signature, body }: Evidence) {
  const key = parsePublicKey(secret.trim())
  if (!key.ok) return bad('result', 'Enter a valid public key to check the signature against.')
  if (!(await knowsEd25519())) return bad('result', 'This browser cannot check v1a signatures (Ed25519). Update it.')
  const signatures = signaturesOf('v1a', signature)
  for (const text of [body, ...changedBodies(body)]) {
    const signed = utf8(`${id}.${timestamp}.${text}`)
    const checks = signatures.map((one) => verifyEd25519(key.value, one, signed))
    if (!(await Promise.all(checks)).some(Boolean)) continue
    if (text !== body) return bodyChanged(text, body)
    return good('result', 'The signature matches the key, the ID, the timestamp, and the body.')
  }
  return bad(
    'result',
    'No v1a signature matches this key. Check that the key belongs to this guestbook and that the body is unchanged.'
  )
}

/** Chrome has Ed25519 since 137 (2025), Firefox since 129, Safari since 17. */
async function knowsEd25519(): Promise<boolean> {
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', false, ['verify'])
    return true
  } catch (cause) {
    // Another error is about the key.
    return !(cause instanceof DOMException && cause.name === 'NotSupportedError')
  }
}

/** One way in which the signature may have been computed. */
interface Reading {
  key: Bytes
  signed: string
}

async function matches({ signature }: Evidence, { key, signed }: Reading): Promise<boolean> {
  const mac = await hmacSha256(key, utf8(signed))
  return signaturesOf('v1', signature).some((other) => equalBytes(mac, other))
}

/** @returns the signatures of one version in a `webhook-signature` header */
function signaturesOf(version: string, signature: string): Bytes[] {
  return signature
    .trim()
    .split(/\s+/)
    .filter((item) => item.startsWith(`${version},`))
    .map((item) => fromBase64(item.slice(version.length + 1)))
    .filter((bytes) => bytes !== null)
}

const BODY_CHANGED =
  'The body was changed after signing: it was parsed and serialized again, or its line endings were converted. Sign and verify the raw bytes, before anything parses them.'
const bodyChanged = (signed: string, body: string) => bad('body', faultAtEnd(signed, body) ?? BODY_CHANGED)

const TEXT_AS_KEY = bad(
  'secret',
  'The text of the secret was used as the key. To get the key, remove "whsec_" and decode the rest from base64.'
)

function commonMistakes({ secret, id, timestamp, body }: Evidence, key: Bytes | null) {
  const withKey = (explanation: Finding, signed: string) => (key ? [{ explanation, reading: { key, signed } }] : [])
  const texts = [secret.trim(), secret.trim().replace(/^whsec_/, '')].filter((text) => text !== '')
  const signed = `${id}.${timestamp}.${body}`
  return [
    ...changedBodies(body).flatMap((changed) => withKey(bodyChanged(changed, body), `${id}.${timestamp}.${changed}`)),
    ...withKey(bad('result', 'Only the body was signed. Sign id.timestamp.body.'), body),
    ...withKey(bad('result', 'The ID was not signed. Sign id.timestamp.body.'), `${timestamp}.${body}`),
    ...texts.map((text) => ({ explanation: TEXT_AS_KEY, reading: { key: utf8(text), signed } })),
  ]
}

/** Changes that frameworks and editors commonly make to a body. */
function changedBodies(body: string): string[] {
  const bodies = [
    `${body}\n`,
    body.replace(/\r?\n$/, ''),
    body.trim(),
    body.replaceAll('\r\n', '\n'),
    body.replaceAll('\n', '\r\n'),
    ...serializedAgain(body),
  ]
  return [...new Set(bodies)].filter((one) => one !== body)
}

function serializedAgain(body: string): string[] {
  try {
    const value = JSON.parse(body)
    return [JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(value, null, 4)]
  } catch (cause) {
    if (cause instanceof SyntaxError) return []
    throw cause
  }
}

async function describeMismatch(key: Bytes | null, signed: string, body: string): Promise<string> {
  const bytes = utf8(body)
  const seen = `The body above is ${bytes.length} bytes long, and its SHA-256 hash is ${await sha256Hex(bytes)}.`
  if (!key) return `Enter a valid secret to check the signature against. ${seen}`
  const expected = toBase64(await hmacSha256(key, utf8(signed)))
  return `This secret, ID, timestamp, and body give v1,${expected}, which the header does not list. Check that the secret belongs to this endpoint and has not been rotated since the request was signed. ${seen}`
}
