import { err } from '../../lib/result'
import { cut } from '../../lib/shorten'

/** What is wrong with a sheet. `at` is the index of the first character of a token, or null if there is no token. */
export interface Fault {
  at: number | null
  message: string
}

/** @param token the token that shows the fault, or undefined if something is missing */
export function fault(token: { 2: number } | undefined, message: string): { ok: false; error: Fault } {
  return err({ at: token?.[2] ?? null, message })
}

/** @returns the beginning of a text that the owner wrote, to quote in an error message */
export function quoted(text: string): string {
  return `"${cut(text, 40)}"`
}
