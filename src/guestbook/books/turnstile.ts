import type { Book } from './book'

/** @returns whether the keys for Cloudflare Turnstile are configured */
export function hasTurnstile(env: Env): boolean {
  return env.TURNSTILE_SITE_KEY !== '' && Boolean(env.TURNSTILE_SECRET_KEY)
}

/** @returns the site key for the form of a book, or null if the book does not use Turnstile */
export function siteKeyOf(env: Env, book: Pick<Book, 'turnstile'>): string | null {
  return book.turnstile && hasTurnstile(env) ? env.TURNSTILE_SITE_KEY : null
}
