import { doc } from '#doc'
import type { Book } from '../../books/book'
import type { Rules } from '../../core/guestbook/decide'

/*
 * Who can write into a book, and which rules apply to them. A rule applies everywhere, unless the table of doors gives a
 * reason. `test/worker/guestbook/doors.test.ts` tries each rule at each door.
 */

/** In the order in which an entry meets them. */
export const RULES = [
  /** A closed book gets no entries. */
  'open',
  /** One network sends ten entries a minute. */
  'rate',
  /** While the database is almost full, nothing is accepted. */
  'storage',
  /** The questions of the book must be answered. */
  'questions',
  /** Whoever fills in the field that people do not see sends spam. */
  'trap',
  /** The entries of a banned network are spam. */
  'network',
  /** So are those with a banned name, website or text. */
  'bans',
  /** An entry can be for the owner alone. */
  'private',
  /** An entry with a blocked word is spam. */
  'words',
  /** An entry with many links waits. */
  'links',
  /** So does one that was written faster than people write, */
  'too_fast',
  /** one without the solution of the puzzle, */
  'proof',
  /** one that Turnstile does not confirm, */
  'turnstile',
  /** and one whose text was sent shortly before. */
  'repeated',
  /** The first entry of everybody waits, or every entry. */
  'moderation',
  /** The first entry is the one before the owner has approved one. */
  'known',
  /** A book stores so much on one day, and less of one network. */
  'quota',
  /** A book keeps so much spam on one day. */
  'spam_cap',
  /** What is sent twice makes one entry. */
  'once',
  /** Endpoints receive an event. */
  'event',
  /** The audit log of the owner has a row. */
  'audit',
] as const
export type Rule = (typeof RULES)[number]

const BY_OWNER = doc('the owner decides, and needs no permission')
const BY_GUEST = doc('the audit log has what is done for the owner')
const NO_FORM = doc('there is no form')
const CHECKED = doc('checked when the entry was new')
const IN_PLACE = doc('the entry is there already')

const ONLY_LINKS = {
  open: BY_OWNER,
  rate: BY_OWNER,
  questions: BY_OWNER,
  trap: NO_FORM,
  network: BY_OWNER,
  bans: BY_OWNER,
  words: BY_OWNER,
  too_fast: NO_FORM,
  proof: BY_OWNER,
  turnstile: BY_OWNER,
  repeated: BY_OWNER,
  moderation: BY_OWNER,
  known: BY_OWNER,
  quota: BY_OWNER,
  spam_cap: doc('none of it becomes spam'),
}

/** A page cannot fill in a form. `open`, `rate`, `storage` and `quota` apply when its webmention arrives. */
const PAGE_OF_ANOTHER_SITE = {
  questions: NO_FORM,
  trap: NO_FORM,
  network: doc('whoever announces a page need not have written it'),
  private: doc('the page is public'),
  too_fast: NO_FORM,
  proof: NO_FORM,
  turnstile: NO_FORM,
  audit: BY_GUEST,
}

/** The rules that do not apply at each door, with the reason. */
export const DOORS = {
  /** The form of a book: on its own page, and in a frame (`/embed/{slug}`). */
  page: { audit: BY_GUEST },
  /** A program, or a script on another site. It cannot solve the puzzle of a form, so its entries wait. */
  api: { trap: NO_FORM, too_fast: NO_FORM, audit: BY_GUEST },
  /** The API, with the token of the owner. */
  owner: { ...ONLY_LINKS, storage: BY_OWNER },
  /** A source of the owner's that signs. `storage` applies when its request arrives. */
  source: { ...ONLY_LINKS, private: doc('templates have no such field'), audit: doc('its request has a log') },
  /** A page that mentions a book. */
  mention: PAGE_OF_ANOTHER_SITE,
  /** A file of the owner's. Its entries were judged where they come from. */
  import: { ...ONLY_LINKS, storage: BY_OWNER, links: BY_OWNER },
  /** A guest changes the text of their entry. */
  edit: {
    open: doc('a closed book gets no new entries, but guests can still correct what is there'),
    questions: CHECKED,
    trap: CHECKED,
    private: doc('only the text can be changed'),
    too_fast: CHECKED,
    proof: CHECKED,
    turnstile: CHECKED,
    spam_cap: IN_PLACE,
    audit: BY_GUEST,
  },
  /** A page that is shown as a mention has changed. */
  mention_edit: { ...PAGE_OF_ANOTHER_SITE, repeated: doc('the page may change back'), spam_cap: IN_PLACE },
} satisfies Record<string, Partial<Record<Rule, string>>>
export type Door = keyof typeof DOORS

export function applies(rule: Rule, door: Door): boolean {
  return !(rule in DOORS[door])
}

/** @returns the rules of a book as they apply at a door: one from which the door is exempt lets everything pass */
export function rulesAt(door: Door, book: Book): Rules & Pick<Book, 'bans' | 'questions'> {
  const at = <T>(rule: Rule, strict: T, lenient: T) => (applies(rule, door) ? strict : lenient)
  return {
    moderation: at('moderation', book.moderation, 'none'),
    max_links: at('links', book.max_links, Number.POSITIVE_INFINITY),
    blocked_words: at('words', book.blocked_words, []),
    proof_of_work: at('proof', book.proof_of_work, false),
    turnstile: at('turnstile', book.turnstile, false),
    bans: at('bans', book.bans, []),
    questions: at('questions', book.questions, []),
  }
}
