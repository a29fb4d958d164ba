import { placesOf } from './places'
import { type Content, type InboundRequest, MAX_PARSED_BODY_BYTES } from './request'
import type { Extract } from './scheme'

/** Why a request is not verified. inbound/messages/explain-reason.ts has a sentence for each reason. */
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
export interface Check {
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
}

/** @returns a check that has found nothing yet */
export function blankCheck(scheme: string, at: string): Check {
  const nothing = { received: [], readable: false, signed: null, computed: [], timestamp: null }
  return { scheme, at, ...nothing, reason: null }
}

/** @returns why a required value was not found; a large body is not parsed, so its values cannot be read */
export function whyMissing(at: Extract['at'], { body }: InboundRequest): VerificationReason {
  const isInBody = placesOf(at).some((place) => place.startsWith('body:'))
  return isInBody && body.length > MAX_PARSED_BODY_BYTES ? 'body_too_large' : 'missing_header'
}
