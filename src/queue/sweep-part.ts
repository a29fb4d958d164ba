import { whatIsUsedUp } from '../db/unavailable'
import { logFault } from '../log'

/**
 * Runs one part of the sweep. If the part fails, the fault is logged, the other parts still run, and the next sweep
 * tries again. If D1 refuses everything until the end of the day, the other parts would fail, too, so they do not run.
 * @throws the error of D1 in that case
 * @param otherwise what to return if the part fails
 */
export async function sweepPart<T>(part: string, work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (whatIsUsedUp(cause)) throw cause
    logFault('sweep.fault', cause, { part })
    return otherwise
  }
}
