import { utf8 } from '../../kit/lib/bytes'

/*
 * A puzzle for browsers: find a number such that the SHA-256 hash of the stamp of the form, the text of the entry and
 * the number starts with zeros. public/guestbook.js solves it. Another text needs another solution.
 */

/** How many bytes of the hash must be zero. A browser tries about 65,000 numbers, which takes it a second or two. */
export const PUZZLE_BYTES = 2

/**
 * A stamp is ours, belongs to one book and works once (see form-stamp.ts), so nobody can solve puzzles in advance.
 * @param form `body`: the text as it was sent. `proof`: the number @returns whether the number solves the puzzle
 */
export async function isSolved(form: { stamp: string; body: string; proof: string }): Promise<boolean> {
  const { stamp, body, proof } = form
  if (!/^\d{1,12}$/.test(proof)) return false
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(`${stamp}\n${body}\n${proof}`)))
  return hash.subarray(0, PUZZLE_BYTES).every((byte) => byte === 0)
}
