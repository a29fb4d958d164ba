import { parseUrl } from '../../kit/lib/url'
import type { Book } from '../books/book'

/**
 * Checks where a guest wants to return after signing.
 * @returns the URL, or null if the owner has not allowed its site, so that no link can use the guestbook to redirect
 *   people to another site
 */
export function returnTarget({ return_origins }: Book, text: string): string | null {
  const url = parseUrl(text)
  return url && return_origins.includes(url.origin) && url.username === '' ? url.href : null
}
