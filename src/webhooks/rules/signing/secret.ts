import { type Bytes, fromBase64, toBase64 } from '../../../kit/lib/bytes'
import { err, ok, type Result } from '../../../kit/lib/result'

/* Symmetric Standard Webhooks secrets: `whsec_` followed by 24 to 64 random bytes in base64. */

/** The length of the secrets that we generate. */
export const SIGNING_SECRET_BYTES = 32
const PREFIX = 'whsec_'
const MIN_BYTES = 24
const MAX_BYTES = 64

/** @param random 24 to 64 random bytes */
export const formatSigningSecret = (random: Uint8Array): string => PREFIX + toBase64(random)

/** @returns the key bytes of a `whsec_...` secret, or an error message that does not repeat the secret */
export function parseSigningSecret(text: string): Result<Bytes, string> {
  if (!text.startsWith(PREFIX)) return err(`A signing secret starts with "${PREFIX}".`)
  const key = fromBase64(text.slice(PREFIX.length))
  if (!key) return err(`The part after "${PREFIX}" must be standard base64 with padding.`)
  if (key.length < MIN_BYTES || key.length > MAX_BYTES) {
    return err(`A signing secret must be ${MIN_BYTES} to ${MAX_BYTES} bytes long. This one has ${key.length} bytes.`)
  }
  return ok(key)
}
