import { type Bytes, concat, equalBytes, fromBase64, toBase64, utf8 } from '../lib/bytes'
import { hmacSha256 } from '../lib/hmac'
import { err, ok, type Result } from '../lib/result'
import { signEd25519, verifyEd25519 } from './ed25519'

/**
 * Standard Webhooks, `v1` is HMAC-SHA256 with a shared secret, `v1a` is Ed25519:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
const SYMMETRIC = 'v1'
const ASYMMETRIC = 'v1a'
/** The specification leaves the number open; every reference library takes 5 minutes, both ways. */
export const TOLERANCE_SECONDS = 300

/** What is signed. `body` is the text exactly as sent: a string stands for its UTF-8 bytes. */
export interface SignedContent {
  id: string
  /** Seconds since the epoch, of this attempt. */
  timestamp: number
  body: string | Bytes
}

export interface WebhookHeaders {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

export type SignatureRefusal =
  | 'missing_header'
  | 'bad_timestamp'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'signature_mismatch'

/**
 * @param secrets the current one first; while a secret rotates, the previous one too
 * @param privateKeys Ed25519, of the deployment; the libraries of receivers skip what they do not know, so the secrets come first
 * @returns the three headers; `webhook-signature` lists one signature a key, separated by spaces
 */
export async function signContent(
  secrets: Bytes[],
  content: SignedContent,
  privateKeys: CryptoKey[] = []
): Promise<WebhookHeaders> {
  const signed = signedBytes(content)
  const signatures = await Promise.all([
    ...secrets.map(async (secret) => item(SYMMETRIC, await hmacSha256(secret, signed))),
    ...privateKeys.map(async (key) => item(ASYMMETRIC, await signEd25519(key, signed))),
  ])
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestamp),
    'webhook-signature': signatures.join(' '),
  }
}

function item(version: string, signature: Bytes): string {
  return `${version},${toBase64(signature)}`
}

/**
 * Passes when any listed `v1` signature fits any of the secrets, or any `v1a` any of the public keys; other versions are skipped, as the specification says.
 * @param now seconds since the epoch
 * @param publicKeys 32 bytes each
 */
export async function verifyContent(
  secrets: Bytes[],
  headers: Partial<WebhookHeaders>,
  body: string | Bytes,
  now: number,
  publicKeys: Bytes[] = []
): Promise<Result<{ id: string; timestamp: number }, SignatureRefusal>> {
  const id = headers['webhook-id']
  const stamp = headers['webhook-timestamp']
  const listed = headers['webhook-signature']
  if (!id || !stamp || !listed) return err('missing_header')
  const timestamp = checkTimestamp(stamp, now)
  if (!timestamp.ok) return timestamp
  const signed = signedBytes({ id, timestamp: timestamp.value, body })
  const matches =
    (await matchSecrets(secrets, signed, listed)) || (await matchKeys(publicKeys, signed, listed))
  return matches ? ok({ id, timestamp: timestamp.value }) : err('signature_mismatch')
}

function checkTimestamp(text: string, now: number): Result<number, SignatureRefusal> {
  if (!/^[1-9]\d{0,11}$/.test(text)) return err('bad_timestamp')
  const timestamp = Number(text)
  if (timestamp < now - TOLERANCE_SECONDS) return err('timestamp_too_old')
  if (timestamp > now + TOLERANCE_SECONDS) return err('timestamp_too_new')
  return ok(timestamp)
}

async function matchSecrets(secrets: Bytes[], signed: Bytes, listed: string): Promise<boolean> {
  const given = listedAs(SYMMETRIC, listed)
  const expected = await Promise.all(secrets.map((secret) => hmacSha256(secret, signed)))
  return expected.some((mac) => given.some((other) => equalBytes(mac, other)))
}

/** The header is hostile, and an Ed25519 costs more than a comparison: no sender lists more than a few. */
const MAX_ASYMMETRIC = 4

async function matchKeys(publicKeys: Bytes[], signed: Bytes, listed: string): Promise<boolean> {
  const given = listedAs(ASYMMETRIC, listed).slice(0, MAX_ASYMMETRIC)
  const checks = publicKeys.flatMap((key) =>
    given.map((signature) => verifyEd25519(key, signature, signed))
  )
  return (await Promise.all(checks)).some((matches) => matches)
}

/** @returns the signatures of one version that a header lists */
export function listedAs(version: string, listed: string): Bytes[] {
  return listed
    .split(' ')
    .filter((item) => item.startsWith(`${version},`))
    .map((item) => fromBase64(item.slice(version.length + 1)))
    .filter((signature) => signature !== null)
}

function signedBytes({ id, timestamp, body }: SignedContent): Bytes {
  return concat([utf8(`${id}.${timestamp}.`), typeof body === 'string' ? utf8(body) : body])
}
