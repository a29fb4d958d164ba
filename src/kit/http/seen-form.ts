import { hashOf } from '../lib/text/hash'
import { Refusal } from './problem'

/*
 * A form that was open for long must not put back what has been changed since. Its field `seen` is a hash of what it was
 * filled with.
 */

const CHANGED = 'This was changed in the meantime. Open the form again, then repeat your changes.'

/** @param fields what the form is filled with */
export const seenIn = (fields: object): string => String(hashOf(JSON.stringify(fields)))

/** @param now what the form would be filled with now. @throws Refusal 409 */
export function requireSame(now: { seen: string }, form: URLSearchParams): void {
  const seen = form.get('seen')
  if (seen && seen !== now.seen) throw new Refusal(409, 'changed_meanwhile', CHANGED)
}
