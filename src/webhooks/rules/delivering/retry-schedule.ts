import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../kit/lib/time'

/**
 * The wait after each failed attempt; the first attempt is immediate. This makes ten attempts in a little over three
 * days, as in the example in the Standard Webhooks specification ("Deliverability and reliability").
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  5_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  DAY_MS,
]
export const MAX_STEPS = RETRY_DELAYS_MS.length + 1
const JITTER = 0.2
/** Retry-After may ask for a longer wait than the schedule, up to this limit. */
export const MAX_RETRY_AFTER_MS = DAY_MS
/** The shortest wait after a 429 without Retry-After. 429s do not use up steps, so the schedule does not limit them. */
const MIN_THROTTLED_MS = MINUTE_MS

/** If a message has not been dispatched after this time, its wake-up was probably lost, so another one is sent. */
export const FIRST_WAKE_MS = MINUTE_MS
/** The wait doubles with each further wake-up, up to this limit. */
export const MAX_WAKE_MS = HOUR_MS

/** @param step used steps, 1 to 10 @param random for jitter: 0 <= random < 1 @returns ms; null after the last step */
export function retryDelayMs(step: number, random: number): number | null {
  const base = RETRY_DELAYS_MS[step - 1]
  return base === undefined ? null : withJitter(base, random)
}

/** In ms. After a 429 without a usable hint: the schedule's delay after that many requests; a day once it has ended. */
export function throttledDelayMs(attempt_count: number, random: number): number {
  const last = RETRY_DELAYS_MS.length - 1
  const base = RETRY_DELAYS_MS[Math.min(attempt_count - 1, last)] ?? MIN_THROTTLED_MS
  return withJitter(Math.max(base, MIN_THROTTLED_MS), random)
}

/** RFC 9110 section 10.2.3: seconds or a date; the past means now. @returns up to 24 hours, in ms; null if invalid */
export function parseRetryAfterMs(text: string | null, now: number): number | null {
  if (text === null) return null
  const value = text.trim()
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1_000, MAX_RETRY_AFTER_MS)
  if (!HTTP_DATE.test(value)) return null
  // The oldest format has no time zone, but every HTTP date is in GMT.
  const at = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), MAX_RETRY_AFTER_MS)
}

/** The three formats in RFC 9110 section 5.6.7. `Date.parse` alone would accept "2026-11" or "Mon, in 5 minutes". */
const HTTP_DATE =
  /^[A-Z][a-z]{2,8}(, \d{1,2}([ -])[A-Z][a-z]{2}\2\d{2,4} \d\d:\d\d:\d\d GMT| [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/

const withJitter = (base: number, random: number): number => Math.round(base * (1 + JITTER * random))
