import type { Book } from '../books/book'
import type { Rules } from '../rules/entries/decide'

/*
 * Who can write into a book, and which rules apply to them. A rule applies everywhere, unless the table of doors gives
 * a reason. `test/worker/guestbook/signing/doors.test.ts` tries each rule at each door.
 */

/** In about the order in which an entry meets them. */
export const RULES = [
  'open', // A closed book gets no entries.
  'rate', // One network sends ten entries a minute.
  'storage', // While the database is almost full, nothing is accepted.
  'questions', // The questions of the book must be answered.
  'trap', // Whoever fills in the field that people do not see sends spam.
  'network', // The entries of a banned network are spam,
  'bans', // like those with a banned name, website or text.
  'words', // An entry with a blocked word is spam.
  'private', // An entry can be for the owner alone, if the book allows it. The rules below do not make it wait.
  'links', // An entry waits if it has many links,
  'too_fast', // if it was written faster than people write,
  'proof', // if it comes without the solution of the puzzle,
  'turnstile', // if Turnstile does not confirm it,
  'repeated', // or if its text was sent shortly before.
  'moderation', // The first entry of everybody waits, or every entry,
  'known', // and the first one is over once the owner has approved one.
  'quota', // A book stores so much on one day, and less of one network.
  'spam_cap', // A book keeps so much spam on one day.
  'once', // What is sent twice makes one entry.
  'event', // Endpoints receive an event.
  'audit', // The audit log of the owner has a row.
] as const
export type Rule = (typeof RULES)[number]

/** @param reason why these rules do not apply */
function without(reason: string, ...rules: Rule[]): Partial<Record<Rule, string>> {
  return Object.fromEntries(rules.map((rule) => [rule, reason]))
}

const NO_FORM = without('there is no form', 'trap', 'too_fast')
const NO_OWNER = without('the audit log has what is done for the owner', 'audit')
const NO_NEW_ENTRY = without('the entry is there already', 'spam_cap')
const BY_OWNER = {
  ...without('the owner decides', 'open', 'rate', 'questions', 'network', 'bans', 'words', 'proof', 'turnstile'),
  ...without('the owner decides', 'repeated', 'moderation', 'known', 'quota'),
  ...without('nothing becomes spam', 'spam_cap'),
  ...NO_FORM,
}
const FULL_BY_OWNER = without('only the owner can make room', 'storage')
/** `open`, `rate`, `storage` and `quota` apply when the webmention arrives. */
const BY_PAGE = {
  ...without('a page cannot answer or solve anything', 'questions', 'proof', 'turnstile'),
  ...without('whoever announces a page need not have written it', 'network'),
  ...without('the page is public', 'private'),
  ...NO_FORM,
  ...NO_OWNER,
}

/** The rules that do not apply at each door, with the reason. */
export const DOORS = {
  /** The form of a book: on its own page, and in a frame (`/embed/{slug}`). */
  page: NO_OWNER,
  /** A program, or a script on another site. It cannot solve the puzzle of a form, so its entries wait. */
  api: { ...NO_FORM, ...NO_OWNER },
  owner: { ...BY_OWNER, ...FULL_BY_OWNER },
  /** A source of the owner's that signs. `storage` applies when its request arrives. */
  source: {
    ...BY_OWNER,
    ...without('templates have no such field', 'private'),
    ...without('its request has a log', 'audit'),
  },
  mention: BY_PAGE,
  import: { ...BY_OWNER, ...FULL_BY_OWNER, ...without('an entry keeps the status that it had', 'links') },
  edit: {
    ...without('a closed book gets no new entries, but guests can still correct theirs', 'open'),
    ...without('checked when the entry was new', 'questions', 'trap', 'too_fast', 'proof', 'turnstile'),
    ...without('only the text can be changed', 'private'),
    ...NO_NEW_ENTRY,
    ...NO_OWNER,
  },
  /** A page that is shown as a mention has changed. */
  mention_edit: { ...BY_PAGE, ...without('a page may change back', 'repeated'), ...NO_NEW_ENTRY },
} satisfies Record<string, Partial<Record<Rule, string>>>
export type Door = keyof typeof DOORS

export const applies = (rule: Rule, door: Door): boolean => !(rule in DOORS[door])

/** @returns the rules of a book as they apply at a door: one from which the door is exempt lets everything pass */
export function rulesAt(door: Door, book: Book): Rules & Pick<Book, 'bans'> {
  const at = <T>(rule: Rule, strict: T, lenient: T) => (applies(rule, door) ? strict : lenient)
  return {
    moderation: at('moderation', book.moderation, 'none'),
    max_links: at('links', book.max_links, Number.POSITIVE_INFINITY),
    blocked_words: at('words', book.blocked_words, []),
    proof_of_work: at('proof', book.proof_of_work, false),
    turnstile: at('turnstile', book.turnstile, false),
    drawings: at('moderation', book.drawings, 'on'),
    bans: at('bans', book.bans, []),
  }
}
