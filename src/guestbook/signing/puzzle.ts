import { utf8 } from '../../core/lib/bytes'
import { DAY_MS } from '../../core/lib/time'

/*
 * A puzzle for browsers: find a number such that the SHA-256 hash of the stamp of the form, the text of the entry and
 * the number starts with zeros. public/guestbook.js solves it. Another text needs another solution.
 */

/** How many bytes of the hash must be zero. A browser tries about 65,000 numbers, which takes it a second or two. */
export const PUZZLE_BYTES = 2

/** A form that is older than this does not count, so that nobody can solve puzzles in advance. */
const MAX_AGE_MS = 2 * DAY_MS

/**
 * @param form `stamp` was made `ageMs` ago: see `formAge`. `body` is the text as it was sent. `proof` is the number
 * @returns whether the number solves the puzzle
 */
export async function isSolved(form: { stamp: string; ageMs: number; body: string; proof: string }): Promise<boolean> {
  const { stamp, ageMs, proof } = form
  if (!/^\d{1,12}$/.test(proof) || ageMs <= 0 || ageMs > MAX_AGE_MS) return false
  // Browsers send line breaks as CRLF, but the script sees LF.
  const body = form.body.replaceAll('\r\n', '\n')
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(`${stamp}\n${body}\n${proof}`)))
  return hash.subarray(0, PUZZLE_BYTES).every((byte) => byte === 0)
}
