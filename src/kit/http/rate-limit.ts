import { logFault } from '../../log'
import { aSpanOf, MINUTE_MS, spanInWords } from '../lib/time'

/** The period of every limit in wrangler.toml. */
export const LIMIT_PERIOD_MS = MINUTE_MS
/** Says what was too many, after `Too many requests`. */
export const IN_ONE_PERIOD = `in ${spanInWords(LIMIT_PERIOD_MS)}`
/** Says what to do then. */
export const WAIT = `Wait ${aSpanOf(LIMIT_PERIOD_MS)}`
export const TOO_MANY_TESTS = `Too many tests. Try again in ${aSpanOf(LIMIT_PERIOD_MS)}.`

/** @returns false if the key is over the limit. If the limiter fails, the request is allowed. */
export async function withinLimit(limit: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limit.limit({ key })).success
  } catch (cause) {
    logFault('rate_limit.fault', cause)
    return true
  }
}
