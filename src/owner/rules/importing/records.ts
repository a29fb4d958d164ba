import type { EntryStatus } from '../../../guestbook/rules/entries/statuses'

/*
 * What `POST /api/import` takes, as lines of NDJSON. The reader of files (browser/import/) makes them of files of other
 * systems, and an export has such lines, too.
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

/** A longer line is skipped. A comment of 64 KB without an id takes twice as much. */
export const MAX_LINE_BYTES = 140_000

/** An entry as a line has it. Its texts are not checked yet. */
export interface ImportRecord {
  /** The id that the other system gave it, unique within `site`; empty if it has none. */
  id: string
  site: string
  /** What identifies an entry without an id. */
  origin: unknown
  /** The id of the entry that it replies to; empty if it is not a reply. */
  parent: string
  /** Whether the owner of the other site wrote it. */
  isOwner: boolean
  name: string
  website: string
  body: string
  /** Epoch milliseconds, or null if the line does not say when it was written. */
  time: number | null
  editedAt: number | null
  editedBy: string
  status: EntryStatus
  isPrivate: boolean
  /** Whether the body is a drawing of characters, which keeps its lines. */
  isPre: boolean
  /** Strokes; empty for none. */
  drawing: string
  reply: string
  repliedAt: number | null
  answers: unknown
  details: unknown
}

/** Why a record is not imported. */
export const SKIP_REASONS = [
  'already_imported',
  'deleted',
  'old_spam',
  'not_a_comment',
  'no_text',
  'not_understood',
  'too_large',
  'rest_not_read',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

/** @returns a value as text; empty for anything but texts, numbers and booleans */
export function recordText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : ''
}

/** Numbers, UUIDs, hashes and our own ids. Some files use names or addresses instead. */
const OPAQUE = /^(\d{1,20}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{24,64}|cmt_[\dA-Z]{26})$/

/** @returns the id of a record as a report keeps it: empty if the id may say who somebody is */
export const reportedId = (id: string): string => (OPAQUE.test(id) ? id : '')
