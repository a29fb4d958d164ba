import { type Bytes, equalBytes, fromBase64, toBase64, utf8 } from './bytes'
import { err, ok, type Result } from './result'

/**
 * Standard Webhooks, symmetric scheme `v1`:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
const VERSION = 'v1'
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
 * @param keys secret bytes, the current one first; while a secret rotates, the previous one too
 * @returns the three headers; `webhook-signature` lists one signature a key, separated by spaces
 */
export async function signContent(keys: Bytes[], content: SignedContent): Promise<WebhookHeaders> {
  const signed = signedBytes(content)
  const signatures = await Promise.all(keys.map((key) => signOnce(key, signed)))
  return {
    'webhook-id': content.id,
    'webhook-timestamp': String(content.timestamp),
    'webhook-signature': signatures.join(' '),
  }
}

/**
 * Passes when any listed `v1` signature fits any of the keys; other versions are skipped, as the specification says.
 * @param now seconds since the epoch
 */
export async function verifyContent(
  keys: Bytes[],
  headers: Partial<WebhookHeaders>,
  body: string | Bytes,
  now: number
): Promise<Result<{ id: string; timestamp: number }, SignatureRefusal>> {
  const id = headers['webhook-id']
  const stamp = headers['webhook-timestamp']
  const listed = headers['webhook-signature']
  if (!id || !stamp || !listed) return err('missing_header')
  const timestamp = checkTimestamp(stamp, now)
  if (!timestamp.ok) return timestamp
  const signed = signedBytes({ id, timestamp: timestamp.value, body })
  const matches = await matchAny(keys, signed, listed)
  return matches ? ok({ id, timestamp: timestamp.value }) : err('signature_mismatch')
}

function checkTimestamp(text: string, now: number): Result<number, SignatureRefusal> {
  if (!/^[1-9]\d{0,11}$/.test(text)) return err('bad_timestamp')
  const timestamp = Number(text)
  if (timestamp < now - TOLERANCE_SECONDS) return err('timestamp_too_old')
  if (timestamp > now + TOLERANCE_SECONDS) return err('timestamp_too_new')
  return ok(timestamp)
}

async function matchAny(keys: Bytes[], signed: Bytes, listed: string): Promise<boolean> {
  const given = listed
    .split(' ')
    .filter((item) => item.startsWith(`${VERSION},`))
    .map((item) => fromBase64(item.slice(VERSION.length + 1)))
  const expected = await Promise.all(keys.map((key) => hmacSha256(key, signed)))
  return expected.some((mac) => given.some((other) => other !== null && equalBytes(mac, other)))
}

async function signOnce(key: Bytes, signed: Bytes): Promise<string> {
  return `${VERSION},${toBase64(await hmacSha256(key, signed))}`
}

function signedBytes({ id, timestamp, body }: SignedContent): Bytes {
  const head = utf8(`${id}.${timestamp}.`)
  const tail = typeof body === 'string' ? utf8(body) : body
  const all = new Uint8Array(head.length + tail.length)
  all.set(head)
  all.set(tail, head.length)
  return all
}

/** HMAC-SHA256 (RFC 2104). */
export async function hmacSha256(key: Bytes, data: Bytes): Promise<Bytes> {
  const hmac = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  return new Uint8Array(await crypto.subtle.sign('HMAC', hmac, data))
}
