import { Refusal } from '../../kit/http/problem'
import { MAX_FORMER } from '../rules/signing/rotation'

/**
 * Refuses a rotation that would have to drop an old secret or key during its grace period.
 * @param what what is rotated
 * @param until when the first of the old ones expires, in epoch milliseconds
 */
export function tooManyRotations(what: 'secret' | 'key', until: number): Refusal {
  const detail =
    `${MAX_FORMER} old ${what}s are still valid, which is the maximum. Rotate again after ${new Date(until).toISOString()}, ` +
    `when the first of them expires. Or choose a grace period of 0, which replaces this ${what} and all old ${what}s now.`
  return new Refusal(409, 'too_many_rotations', detail)
}
