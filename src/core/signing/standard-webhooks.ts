import { type Bytes, concat, equalBytes, fromBase64, toBase64, utf8 } from '../lib/bytes'
import { hmacSha256 } from '../lib/hmac'
import { err, ok, type Result } from '../lib/result'
import { signEd25519, verifyEd25519 } from './ed25519'

/*
 * Signatures of Standard Webhooks: `v1` is HMAC-SHA256 with a shared secret, `v1a` is Ed25519.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */

const SYMMETRIC = 'v1'
const ASYMMETRIC = 'v1a'
/** The specification does not define a tolerance. Every reference library allows 5 minutes in both directions. */
export const TOLERANCE_SECONDS = 300

export interface SignedContent {
  id: string
  /** When this attempt is sent, in seconds since the epoch. */
  timestamp: number
  /** The exact bytes that are sent. A string stands for its UTF-8 bytes. */
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
 * @param secrets the current secret, then the previous ones during a rotation
 * @param privateKeys the deployment's Ed25519 keys
 * @returns the three headers; `webhook-signature` lists one signature for each secret, then one for each private key
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
 * Accepts the request if a `v1` signature matches one of the secrets or a `v1a` signature one of the public keys.
 * Ignores other versions, as the specification requires.
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
  const matches = (await matchSecrets(secrets, signed, listed)) || (await matchKeys(publicKeys, signed, listed))
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

/** An attacker can list any number of signatures, and each Ed25519 verification is expensive. */
const MAX_ASYMMETRIC = 4

async function matchKeys(publicKeys: Bytes[], signed: Bytes, listed: string): Promise<boolean> {
  const given = listedAs(ASYMMETRIC, listed).slice(0, MAX_ASYMMETRIC)
  const checks = publicKeys.flatMap((key) => given.map((signature) => verifyEd25519(key, signature, signed)))
  return (await Promise.all(checks)).some((matches) => matches)
}

/** @returns the signatures of one version in a `webhook-signature` header */
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
