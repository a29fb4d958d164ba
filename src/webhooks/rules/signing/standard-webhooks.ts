import { type Bytes, concat, toBase64, utf8 } from '../../../kit/lib/bytes'
import { hmacSha256 } from '../../../kit/lib/hmac'
import { signEd25519 } from './ed25519'

/*
 * Standard Webhooks signatures: `v1` is HMAC-SHA256 with a shared secret, `v1a` is Ed25519.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */

interface SignedContent {
  id: string
  /** When this attempt is sent, in seconds since the epoch. */
  timestamp: number
  /** The exact bytes that are sent. A string is encoded as UTF-8. */
  body: string | Bytes
}

export type WebhookHeaders = { 'webhook-id': string; 'webhook-timestamp': string; 'webhook-signature': string }

/** @param secrets the current one first @returns headers with a signature for each secret, then for each private key */
export async function signContent(
  secrets: Bytes[],
  { id, timestamp, body }: SignedContent,
  privateKeys: CryptoKey[] = []
): Promise<WebhookHeaders> {
  const signed = concat([utf8(`${id}.${timestamp}.`), typeof body === 'string' ? utf8(body) : body])
  const signatures = await Promise.all([
    ...secrets.map(async (secret) => item('v1', await hmacSha256(secret, signed))),
    ...privateKeys.map(async (key) => item('v1a', await signEd25519(key, signed))),
  ])
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') }
}

const item = (version: string, signature: Bytes): string => `${version},${toBase64(signature)}`
