import { DAY_MS } from '../../../kit/lib/time'
import type { Drawings } from './drawing'
import { type EntryTexts, foldEntry, foldRules, says } from './fold'
import type { EntryStatus } from './statuses'

/*
 * Whether a new entry is published, waits for the owner, or is spam. The owner sees each entry with the reason, and can
 * publish it. Only a part of a flood of spam is not kept: see `COUNT_SPAM` in guestbook/books/quota/store.ts.
 */

/** The owner can look at spam for this long. Then it is removed. */
export const SPAM_KEPT_MS = 30 * DAY_MS

export const MODERATION_MODES = ['none', 'first', 'all'] as const
export type ModerationMode = (typeof MODERATION_MODES)[number]

/** The rules of a book. */
export interface Rules {
  /** `first`: the first entry of each guest waits. */
  moderation: ModerationMode
  /** Entries with more links than this wait. */
  max_links: number
  /** Entries that contain one of these texts are spam. See `fold` for what does not matter. */
  blocked_words: string[]
  /** Entries wait if the browser has not solved a puzzle. */
  proof_of_work: boolean
  /** Entries wait if Turnstile has not confirmed that a person wrote them. */
  turnstile: boolean
  /** `held`: entries with a drawing wait. */
  drawings: Drawings
}

/** What is known about an entry besides its text. What is left out is not the case. */
export interface Facts {
  /** Whether the hidden field of the form was filled in. People do not see this field, but bots do. */
  isTrapped?: boolean
  /** How long the guest has had the form, in milliseconds; null if there was no form. */
  formAgeMs?: number | null
  /** Whether an earlier entry of this guest was published. */
  isKnown?: boolean
  isBanned?: boolean
  /** Whether the browser has solved the puzzle: see signing/puzzle.ts. */
  hasProof?: boolean
  /** Whether Turnstile has confirmed that a person wrote the entry. */
  isConfirmed?: boolean
  /** Whether the same text was sent shortly before. */
  isRepeated?: boolean
  hasDrawing?: boolean
  /** Whether the guest wants only the owner to read the entry. */
  isPrivate?: boolean
}

export type Reason =
  | 'honeypot'
  | 'banned'
  | 'word'
  | 'private'
  | 'links'
  | 'too_fast'
  | 'no_proof'
  | 'turnstile'
  | 'repeated'
  | 'drawing'
  | 'first'
  | 'moderation'

export type Decision = { status: EntryStatus; reason: Reason | null }

/** People need longer than this to write an entry. */
export const MIN_FORM_AGE_MS = 3_000

export function decide(said: EntryTexts, rules: Rules, facts: Facts): Decision {
  if (facts.isTrapped) return { status: 'spam', reason: 'honeypot' }
  if (facts.isBanned) return { status: 'spam', reason: 'banned' }
  if (findBlocked(said, rules.blocked_words) !== null) return { status: 'spam', reason: 'word' }
  // It need not wait: nobody but the owner reads it.
  if (facts.isPrivate) return { status: 'hidden', reason: 'private' }
  const reason = whyHeld(said, rules, facts)
  return { status: reason === null ? 'published' : 'held', reason }
}

function whyHeld(
  { body, more = [] }: EntryTexts,
  { moderation, max_links, ...rules }: Rules,
  facts: Facts
): Reason | null {
  if (countLinks([body, ...more].join('\n')) > max_links) return 'links'
  if (typeof facts.formAgeMs === 'number' && facts.formAgeMs < MIN_FORM_AGE_MS) return 'too_fast'
  if (rules.proof_of_work && !facts.hasProof) return 'no_proof'
  if (rules.turnstile && !facts.isConfirmed) return 'turnstile'
  if (facts.isRepeated) return 'repeated'
  if (rules.drawings === 'held' && facts.hasDrawing) return 'drawing'
  if (moderation === 'all') return 'moderation'
  return moderation === 'first' && !facts.isKnown ? 'first' : null
}

/** @returns the first blocked text that an entry contains, or null */
export function findBlocked(said: EntryTexts, words: readonly string[]): string | null {
  if (words.length === 0) return null
  const entry = foldEntry(said)
  return foldRules(words, (word) => word).find((word) => says(entry, word))?.rule ?? null
}

/** How a link begins, as a regular expression. */
export const LINK_START = String.raw`https?://(?:www\.)?|www\.`

const LINK_STARTS = new RegExp(LINK_START, 'gi')
export const countLinks = (text: string): number => text.match(LINK_STARTS)?.length ?? 0
