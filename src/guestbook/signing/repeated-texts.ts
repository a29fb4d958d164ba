import { fold } from '../../core/guestbook/fold'
import { digestText } from '../../core/guestbook/text'

/*
 * Spam often sends the same text many times. Each isolate remembers the texts of the last hour. Accepted: another
 * isolate does not know them, because a lookup would cost every entry a query. Only hashes are kept: folding can make a
 * text many times longer.
 */

const REMEMBERED_MS = 60 * 60_000
const MAX_TEXTS = 500

const seen = new WeakMap<D1Database, Map<string, number>>()

/**
 * Remembers a text. Call it only after the rate limit and the checks of the text.
 * @returns whether the same text was sent to this book within the last hour
 */
export function isRepeatedText(env: Env, book: string, text: string, now: number): boolean {
  const texts = seen.get(env.DB) ?? new Map<string, number>()
  seen.set(env.DB, texts)
  const key = `${book} ${digestText(fold(text))}`
  const before = texts.get(key) ?? Number.NEGATIVE_INFINITY
  texts.delete(key)
  texts.set(key, now)
  const [oldest] = texts.keys()
  if (texts.size > MAX_TEXTS && oldest !== undefined) texts.delete(oldest)
  return now - before < REMEMBERED_MS
}
