import { type Content, type InboundRequest, type Place, READ_MAX, splitPlace } from './request'
import type { Extract } from './scheme'

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

/** One scheme tried, step by step, for whoever must see why. */
export interface Check {
  scheme: string
  /** Where the signature was looked for, and what stood there. */
  at: string
  received: string[]
  /** What stood there is written as this scheme has it. */
  readable: boolean
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
  received_at: number
}

/** A check that has not looked at anything yet. */
export function blankCheck(scheme: string, at: string): Check {
  const nothing = { received: [], readable: false, signed: null, computed: [], timestamp: null }
  return { scheme, at, ...nothing, reason: null }
}

/** Why nothing was found there: a body that is not read for its parts holds none of them. */
export function whyMissing(at: Extract['at'], { body }: InboundRequest): VerificationReason {
  const inBody = placesOf(at).some((place) => place.startsWith('body:'))
  return inBody && body.length > READ_MAX ? 'body_too_large' : 'missing_header'
}

/** Where something was looked for, in words. */
export function nameOf(at: Extract['at']): string {
  return placesOf(at)
    .map((place) => splitPlace(place).join(' '))
    .join(' or ')
}

export function placesOf(at: Extract['at']): readonly Place[] {
  return typeof at === 'string' ? [at] : at
}
