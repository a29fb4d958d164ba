import { logFault } from '../../log'

/** @returns false if the key is over the limit. If the limiter fails, the request is allowed. */
export async function withinLimit(limit: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limit.limit({ key })).success
  } catch (cause) {
    logFault('rate_limit.fault', cause)
    return true
  }
}
