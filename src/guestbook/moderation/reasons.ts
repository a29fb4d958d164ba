import { spanInWords } from '../../kit/lib/time'
import { MIN_FORM_AGE_MS, type Reason } from '../rules/entries/decide'

interface ReasonTexts {
  /** Beside the name of the entry. */
  short: string
  /** On the page of the entry, as a sentence. */
  why: string
  /** Where in the settings of the book the rule is, if the owner can change it. */
  setting?: string
}

/** Why an entry waits, is spam or is private, in words. */
export const REASONS: Record<Reason | 'imported', ReasonTexts> = {
  honeypot: { short: 'hidden field', why: 'The hidden field of the form was filled in.' },
  banned: { short: 'banned', why: 'The guest is banned.', setting: '/bans' },
  word: { short: 'blocked text', why: 'The entry contains text that the book blocks.', setting: '#blocked_words' },
  private: { short: 'only for you', why: 'The guest wrote the entry only for you.' },
  links: { short: 'many links', why: 'The entry has more links than the book allows.', setting: '#max_links' },
  too_fast: {
    short: 'sent too fast',
    why: `The form was sent within ${spanInWords(MIN_FORM_AGE_MS)} of being opened, or its timestamp was missing or wrong.`,
  },
  no_proof: {
    short: 'puzzle not solved',
    why: 'The browser did not solve the puzzle of the form.',
    setting: '#proof_of_work',
  },
  turnstile: {
    short: 'Turnstile',
    why: 'Turnstile did not confirm that a person wrote the entry, or could not be reached.',
    setting: '#turnstile',
  },
  repeated: { short: 'repeated text', why: 'The same text was sent within the last hour.' },
  drawing: { short: 'drawing', why: 'The entry has a drawing.', setting: '#drawings' },
  first: { short: 'first entry', why: 'This is the first entry of this guest.', setting: '#moderation' },
  moderation: {
    short: 'all entries wait',
    why: 'When it was signed, every entry in this book waited for approval.',
    setting: '#moderation',
  },
  imported: { short: 'imported', why: 'The entry was waiting when it was imported.' },
}

/** @param reason as stored, which may be one of an earlier version */
export const textsOfReason = (reason: string): ReasonTexts =>
  REASONS[reason as keyof typeof REASONS] ?? { short: reason, why: reason }
