const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * What follows each failed attempt; the first attempt is made at once. Ten attempts in a little over three days,
 * the example of the Standard Webhooks specification ("Deliverability and reliability").
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]
export const MAX_STEPS = RETRY_DELAYS_MS.length + 1
const JITTER = 0.2
/** A receiver may ask for more patience than the schedule has, but not for more than this. */
export const MAX_RETRY_AFTER_MS = 24 * HOUR
/** A throttled delivery uses up no step, so without a hint it waits at least this long. */
const MIN_THROTTLED_MS = MINUTE

/** A message that is not dispatched after this long has lost its wake-up, and is woken again. */
export const FIRST_WAKE_MS = MINUTE
/** Each wait for the next wake-up is twice the last, up to this. */
export const MAX_WAKE_MS = HOUR

/**
 * @param step how many steps of the schedule are used up, the failed attempt included (1 to 10)
 * @param random 0 <= random < 1
 * @returns milliseconds until the next attempt, with up to 20 % more and never less, so that a retry is never early; null when
 *   the schedule is spent
 */
export function retryDelayMs(step: number, random: number): number | null {
  const base = RETRY_DELAYS_MS[step - 1]
  return base === undefined ? null : withJitter(base, random)
}

/**
 * The wait after a 429 without a usable hint: as the schedule has it for that many requests made, then daily.
 * @param attemptCount requests made so far (>= 1)
 */
export function throttledDelayMs(attemptCount: number, random: number): number {
  const last = RETRY_DELAYS_MS.length - 1
  const base = RETRY_DELAYS_MS[Math.min(attemptCount - 1, last)] ?? MIN_THROTTLED_MS
  return withJitter(Math.max(base, MIN_THROTTLED_MS), random)
}

/**
 * Retry-After, RFC 9110 section 10.2.3: seconds or an HTTP date. What is neither is ignored; what is past means now.
 * @param now epoch milliseconds
 * @returns milliseconds from now, at most 24 hours; null when there is no usable hint
 */
export function parseRetryAfterMs(text: string | null, now: number): number | null {
  if (text === null) return null
  const value = text.trim()
  if (/^\d+$/.test(value)) return Math.min(Number(value) * SECOND, MAX_RETRY_AFTER_MS)
  if (!HTTP_DATE.test(value)) return null
  // The oldest form names no zone; every HTTP date is in GMT.
  const at = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`)
  return Number.isNaN(at) ? null : Math.min(Math.max(at - now, 0), MAX_RETRY_AFTER_MS)
}

/** The three forms of RFC 9110 section 5.6.7; `Date.parse` alone would take "2026-11" or "Mon, in 5 minutes". */
const HTTP_DATE =
  /^[A-Z][a-z]{2,8}(, \d{1,2}([ -])[A-Z][a-z]{2}\2\d{2,4} \d\d:\d\d:\d\d GMT| [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/

function withJitter(base: number, random: number): number {
  return Math.round(base * (1 + JITTER * random))
}
