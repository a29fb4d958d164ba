import { perDatabase } from '../../env'
import { HOUR_MS } from '../../kit/lib/time'
import { fold } from '../rules/entries/fold'
import { digestText } from '../rules/entries/text'

/*
 * Spam often sends the same text many times. Each isolate remembers the texts of the last hour. Accepted: another
 * isolate does not know them, because a lookup would cost every entry a query. Only hashes are kept: folding can make a
 * text many times longer.
 */

const REMEMBERED_MS = HOUR_MS
const MAX_TEXTS = 500

/** When each text was sent last, and when before that. */
const textsIn = perDatabase(() => new Map<string, number[]>())

const keyOf = (book: string, text: string): string => `${book} ${digestText(fold(text))}`

/**
 * Remembers a text. Call it only after the rate limit and the checks of the text.
 * @returns whether the same text was sent to this book within the last hour
 */
export function isRepeatedText(env: Env, book: string, text: string, now: number): boolean {
  const texts = textsIn(env.DB)
  const key = keyOf(book, text)
  const [before] = texts.get(key) ?? []
  texts.delete(key)
  texts.set(key, before === undefined ? [now] : [now, before])
  const [oldest] = texts.keys()
  if (texts.size > MAX_TEXTS && oldest !== undefined) texts.delete(oldest)
  return before !== undefined && now - before < REMEMBERED_MS
}

/** Forgets that a text was sent once, because it was not stored, or because its guest has changed it. */
export function forgetText(env: Env, book: string, text: string): void {
  const texts = textsIn(env.DB)
  const key = keyOf(book, text)
  const earlier = texts.get(key)?.slice(1) ?? []
  if (earlier.length > 0) texts.set(key, earlier)
  else texts.delete(key)
}

/** @returns whether two texts count as the same */
export const isSameText = (one: string, other: string): boolean => fold(one) === fold(other)
