import { fieldsOf } from '../../kit/lib/json'
import { logFault } from '../../log'
import type { Book } from '../books/book'

/*
 * Cloudflare Turnstile, which guesses whether a person or a program fills in a form. It is optional, because a guest's
 * browser has to load it from another host.
 * https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
 */

const VERIFY_URL = 'https://challenges.cloudflare.com/turnstile/v0/siteverify'
/** The guest is waiting. Without a result, the entry waits for the owner, so nothing is lost. */
const DEADLINE_MS = 3_000
/** https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/ */
const TOKEN_MAX = 2_048

/** @returns whether Turnstile confirms that a person has sent the form; false if it cannot be reached */
export async function isConfirmed(env: Env, token: string): Promise<boolean> {
  if (!hasTurnstile(env) || token === '' || token.length > TOKEN_MAX) return false
  try {
    const body = new URLSearchParams({ secret: env.TURNSTILE_SECRET_KEY ?? '', response: token })
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const response = await fetch(VERIFY_URL, { method: 'POST', body, signal, redirect: 'manual' })
    return fieldsOf(await response.json()).success === true
  } catch (cause) {
    logFault('turnstile.fault', cause)
    return false
  }
}

/** @returns whether the keys for Cloudflare Turnstile are configured */
export const hasTurnstile = (env: Env): boolean => env.TURNSTILE_SITE_KEY !== '' && Boolean(env.TURNSTILE_SECRET_KEY)

/** @returns the site key for the form of a book, or null if the book does not use Turnstile */
export function siteKeyOf(env: Env, book: Pick<Book, 'turnstile'>): string | null {
  return book.turnstile && hasTurnstile(env) ? env.TURNSTILE_SITE_KEY : null
}
