import { hashOf } from '../../lib/text/hash'
import { changedMeanwhile } from '../problem'

/* A form that was open for long must not put back what has been changed since. Its field `seen` has this hash. */

/** @param fields what the form is filled with */
export const seenIn = (fields: object): string => String(hashOf(JSON.stringify(fields)))

/** @param now what the form would be filled with now. @throws Refusal 409 */
export function requireSame(now: { seen: string }, form: URLSearchParams): void {
  const seen = form.get('seen')
  if (seen && seen !== now.seen) throw changedMeanwhile('This was changed')
}
