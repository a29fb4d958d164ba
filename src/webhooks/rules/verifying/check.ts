import type { Bytes } from '../../../kit/lib/bytes'
import { placesOf } from './places'
import type { Content, InboundRequest } from './request'
import type { Extract } from './scheme'

/** Why a request is not verified. webhooks/receive/messages/explain-reason.ts has a sentence for each reason. */
export type VerificationReason =
  | 'no_secret'
  | 'bad_secret'
  | 'missing_header'
  | 'bad_timestamp'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'body_not_signed'
  | 'body_too_large'
  | 'signature_mismatch'
  | 'unknown_scheme'

/** The result of checking one scheme, with the details that a person needs to see why a request was rejected. */
export interface SchemeCheck {
  /** The scheme's name, for display. */
  scheme: string
  /** Where the signature or secret is expected, for display. Empty if the scheme uses neither. */
  at: string
  /** The values that were found there. Shared secrets are masked. */
  received: string[]
  /** Whether these values have the format that the scheme expects. */
  readable: boolean
  /** The template of the signed text, or null if nothing is signed. */
  signed: string | null
  /** The expected signature for each secret. Empty for a public-key scheme, because a public key cannot sign. */
  computed: string[]
  /** `age` and `tolerance` are in seconds. `age` is negative for a time after arrival, and null for an invalid time. */
  timestamp: { text: string; age: number | null; tolerance: number } | null
  /** Null if the request passed this check. */
  reason: VerificationReason | null
}

/** The input of a check. */
export interface Arrival {
  request: InboundRequest
  content: Content
  /** Epoch milliseconds. */
  received_at: number
  /** The signed text of a form: see signed-text.ts. It is computed once for all checks, and only if one needs it. */
  form: () => string | null
  /** Whether the body is too large to be parsed. It is computed once for all checks, and only if one needs it. */
  isTooLarge: () => boolean
  /** The SHA-256 of the body, in hex. It is computed once for all checks, and only if one needs it. */
  bodyHash: () => Promise<string>
  /** How many bytes of signed text may still be hashed. */
  hashing: { left: number }
}

/** How much signed text is hashed for one request: enough for the longest body twice, as during a rotation. */
export const MAX_HASHED_BYTES = 16.5 * 1_024 * 1_024

/** @returns whether a text may still be hashed */
export function mayHash({ hashing }: Pick<Arrival, 'hashing'>, text: Bytes): boolean {
  if (text.length > hashing.left) return false
  hashing.left -= text.length
  return true
}

/** @returns a check that has found nothing yet */
export function blankCheck(scheme: string, at: string): SchemeCheck {
  const nothing = { received: [], readable: false, signed: null, computed: [], timestamp: null }
  return { scheme, at, ...nothing, reason: null }
}

/** @returns why a required value was not found; a large body is not parsed, so its values cannot be read */
export function whyMissing(at: Extract['at'], { isTooLarge }: Pick<Arrival, 'isTooLarge'>): VerificationReason {
  const isInBody = placesOf(at).some((place) => place.startsWith('body:'))
  return isInBody && isTooLarge() ? 'body_too_large' : 'missing_header'
}
