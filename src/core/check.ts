import { type Content, type InboundRequest, splitPlace } from './inbound-request'
import type { Extract } from './providers/provider'

export type VerificationReason =
  | 'no_secret'
  | 'bad_secret'
  | 'missing_header'
  | 'bad_timestamp'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'body_not_signed'
  | 'signature_mismatch'
  | 'unknown_scheme'

/** One scheme tried, step by step, for whoever must see why. */
export interface Check {
  scheme: string
  /** Where the signature was looked for, and what stood there. */
  at: string
  received: string[]
  /** The template of what is signed; null when nothing is. */
  signed: string | null
  /** What it should have been, under each secret; not for public keys, which cannot compute it. */
  computed: string[]
  /** `age`: seconds between it and the arrival. */
  timestamp: { text: string; age: number | null; tolerance: number } | null
  reason: VerificationReason | null
}

/** A request, what it holds, and when it came (epoch milliseconds). */
export interface Arrived {
  request: InboundRequest
  content: Content
  receivedAt: number
}

/** A check that has not looked at anything yet. */
export function blankCheck(scheme: string, at: string): Check {
  return { scheme, at, received: [], signed: null, computed: [], timestamp: null, reason: null }
}

/** Where something was looked for, in words. */
export function nameOf(at: Extract['at']): string {
  const places = typeof at === 'string' ? [at] : at
  return places.map((place) => splitPlace(place).join(' ')).join(' or ')
}
