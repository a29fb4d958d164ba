import { logFault } from '../log'

/** @returns false when over the limit of that binding. It is a brake, so where it fails nobody is stopped. */
export async function withinLimit(limit: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limit.limit({ key })).success
  } catch (cause) {
    logFault('rate_limit.fault', cause)
    return true
  }
}
