/*
 * What all formats are read into. A file is read piece by piece: a cutter finds the next record, and a reader says what
 * the record is. Both are pure, never throw, and take time that is linear in what they read.
 */

export const IMPORT_FORMATS = [
  'disqus',
  'wordpress',
  'isso',
  'remark42',
  'artalk',
  'waline',
  'cusdis',
  'commento',
  'staticman',
  'csv',
  'guesthook',
  'html',
] as const
export type ImportFormat = (typeof IMPORT_FORMATS)[number]

/** A comment as another system has stored it. Its texts are not checked yet. */
export interface ImportRecord {
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
  status: 'published' | 'held' | 'hidden' | 'spam'
  /** What only our own export has. */
  own?: { isPrivate: boolean; reply: string; repliedAt: number | null; answers: unknown; details: unknown }
}

/** Why a record is not imported. */
export type SkipReason =
  | 'already_imported'
  | 'deleted'
  | 'old_spam'
  | 'not_a_comment'
  | 'no_text'
  | 'not_understood'
  | 'too_large'
  | 'rest_not_read'

/** What a reader makes of a piece: a comment, a reason not to import it, or null if it contains no comment. */
export type Reading = ImportRecord | { skip: SkipReason; id?: string } | null

/** What the parser remembers between two steps, as JSON. */
export interface ParserState {
  /** After a record that is too long: the text behind which the next record is searched. */
  skipTo?: string
  /** How a file is written whose format can be written in several ways. */
  shape?: 'lines' | 'json' | 'objects' | 'yaml' | 'rows'
  /** JSON: the open brackets, each with the name before it. */
  stack?: string[]
  /** JSON: the last string, which may be the name of what follows. */
  key?: string
  /** Files that name the people at the end are read twice: first for the people, then for the comments. */
  isSecondPass?: boolean
  /** People by their id: name, website, and whether they own the site. */
  people?: Record<string, [name: string, website: string, isOwner: boolean]>
  site?: string
  /** CSV. */
  columns?: string[]
  delimiter?: string
  /** HTML: what separates the entries. */
  separator?: string
  /** The time of the last record that had one, in epoch milliseconds. */
  last?: number
}

/** A part of a file as text, one character for each byte. Cutters move `at` beyond what they have read. */
export interface Window {
  readonly text: string
  at: number
  /** Whether the file ends with this part. */
  readonly isEnd: boolean
  readonly state: ParserState
}

export interface Piece {
  /** What the piece is, for formats with several kinds of records. */
  kind: string
  start: number
  end: number
}

/** Finds the next record. @returns null if the window ends before the record does, or if there are no more */
export type Cutter = (window: Window) => Piece | null
type Fields = Record<string, unknown>

/** @returns a value as text; empty for anything but texts, numbers and booleans */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : ''
}

/** @returns the first of some fields that is not empty, as text */
export function pick(fields: Fields, ...names: string[]): string {
  for (const name of names) {
    const text = Object.hasOwn(fields, name) ? textOf(fields[name]) : ''
    if (text.trim() !== '') return text
  }
  return ''
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

export function isTrue(text: string): boolean {
  return /^(true|1|yes)$/i.test(text.trim())
}

/** Numbers, UUIDs, hashes and our own ids. Some files use names or addresses instead. */
const OPAQUE = /^(\d{1,20}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{24,64}|cmt_[\dA-Z]{26})$/

/** @returns the id of a record as a report keeps it: empty if the id may say who somebody is */
export function reportedId(id: string): string {
  return OPAQUE.test(id) ? id : ''
}
