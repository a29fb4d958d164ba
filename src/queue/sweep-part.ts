import { logFault } from '../log'

/**
 * Runs one part of the sweep. If the part fails, the fault is logged, the other parts still run, and the next sweep
 * tries again.
 * @param otherwise what to return if the part fails
 */
export async function sweepPart<T>(part: string, work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    logFault('sweep.fault', cause, { part })
    return otherwise
  }
}
