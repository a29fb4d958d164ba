import type { EntryStatus } from '../../src/guestbook/rules/entries/statuses'
import { recordText, type SkipReason } from '../../src/owner/rules/importing/records'

/** A comment as another system has stored it. Its texts are not checked yet. */
export interface Comment {
  /** The id that the other system gave it, unique within `site`; empty if it has none. */
  id: string
  site?: string
  /** The id of the comment that it replies to; empty if it is not a reply. */
  parent: string
  /** Whether the owner of the other site wrote it. */
  isOwner: boolean
  name: string
  website: string
  text: string
  /** `html`: white space does not count. `lines`: lines count, and there may be tags. */
  textKind: 'html' | 'lines' | 'plain'
  /** Epoch milliseconds, or null if the record does not say when it was written. */
  time: number | null
  status: EntryStatus
}

/** What a reader makes of a record: a comment, a reason not to import it, or null if it contains no comment. */
export type Reading = Comment | { skip: SkipReason; id?: string } | { line: Fields } | null

/** What was found at a position, in characters. A line of our own export stays as it is. */
export type Found = { position: number } & ({ comment: Comment } | { line: Fields } | { skip: SkipReason; id: string })

/** What is known about a file besides the record. */
export interface Context {
  /** Epoch milliseconds. */
  now: number
  /** People by their id: name, website, and whether they own the site. */
  people: Map<string, { name: string; website: string; isOwner: boolean }>
  /** WordPress: the address of the site, and whether everybody can see the page with the comments. */
  site: string
  isPublic: boolean
}

export type Fields = Record<string, unknown>

/** @param kind for JSON, the name of the array that contains the record @returns what the fields of a record mean */
export type FieldReader = (fields: Fields, kind: string, context: Context) => Reading

/** What follows so many comments is not read. */
export const MAX_FOUND = 100_000

/** A longer record is skipped. */
export const MAX_RECORD = 64_000

/** @returns the reading with its position, or nothing if there is no comment */
export function foundAt(position: number, reading: Reading): Found[] {
  if (reading === null) return []
  if ('skip' in reading) return [{ position, skip: reading.skip, id: reading.id ?? '' }]
  return 'line' in reading ? [{ position, line: reading.line }] : [{ position, comment: reading }]
}

/** @returns the first of some fields that is not empty, as text */
export function pick(fields: Fields, ...names: string[]): string {
  for (const name of names) {
    const text = Object.hasOwn(fields, name) ? recordText(fields[name]) : ''
    if (text.trim() !== '') return text
  }
  return ''
}

/** WordPress and its shops store mentions and notes as comments of other types. */
export const COMMENT_TYPE = /^(?:comment|review|)$/

/** @returns whether a text means yes */
export function isTrue(text: string): boolean {
  return /^(true|t|1|yes|y)$/i.test(text.trim())
}
