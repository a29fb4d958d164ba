import { Refusal } from '../../kit/http/problem'
import { MAX_FORMER } from '../rules/signing/rotation'

/** Refuses to drop an old secret or key in its grace period. @param until when the first expires, epoch milliseconds */
export function tooManyRotations(what: 'secret' | 'key', until: number): Refusal {
  const detail =
    `${MAX_FORMER} old ${what}s are still valid, which is the maximum. Rotate again after ${new Date(until).toISOString()}, ` +
    'or with a grace period of 0, which ends all of them now.'
  return new Refusal(409, 'too_many_rotations', detail)
}
