import { ENTRY_STATUSES } from '../../../guestbook/rules/entries/statuses'
import { readMentionTime } from '../../../guestbook/rules/webmentions/mention-text'
import { decodeUtf8 } from '../../../kit/lib/bytes'
import { fieldsOf, parseForReading } from '../../../kit/lib/json'
import { type ImportRecord, MAX_LINE_BYTES, recordText, SKIP_REASONS, type SkipReason } from './records'

/* Reads some lines of an import. How many is bounded, so that one step takes a few milliseconds. */

/** What an import remembers between two steps, as JSON. */
export interface LinesState {
  /** Whether the start of the part belongs to a line that is too long. */
  isInside?: boolean
  /** The time of the last entry, in epoch milliseconds. */
  last?: number
  /** Whether the file begins with the oldest entry, once two entries with different times have shown it. */
  isOldestFirst?: boolean
}

export interface Part {
  bytes: Uint8Array
  position: number
  /** Whether the file ends with this part. Otherwise, the part is longer than a line can be. */
  isEnd: boolean
  state: LinesState
  now: number
}

/** An entry that was found, or the reason why it is skipped. */
export type Found = { position: number } & ({ record: ImportRecord } | { skip: SkipReason; id: string })

interface LinesRead {
  found: Found[]
  /** Where the next part starts. */
  position: number
  state: LinesState
  isDone: boolean
}

const MAX_RECORDS = 25
/** Lines of an export that are no entries count only here. */
const MAX_LINES = 200
const LINE_FEED = 0x0a

export function readLines({ bytes, position, isEnd, state, now }: Part): LinesRead {
  const found: Found[] = []
  let { isInside = false } = state
  let at = 0
  const isFull = () => found.filter((one) => 'record' in one).length >= MAX_RECORDS
  for (let lines = 0; lines < MAX_LINES && at < bytes.length && !isFull(); lines++) {
    const end = bytes.indexOf(LINE_FEED, at)
    const isWhole = end >= 0 || isEnd
    const line = bytes.subarray(at, end < 0 ? bytes.length : end)
    const isLong = line.length > MAX_LINE_BYTES
    if (!isWhole && !isLong && !isInside) break
    if (!isInside) found.push(...(isLong ? [tooLarge(position + at)] : readLine(line, position + at, now)))
    isInside = !isWhole
    at += line.length + (end < 0 ? 0 : 1)
  }
  const isDone = isEnd && at >= bytes.length
  return { found, position: position + at, state: { ...state, isInside }, isDone }
}

const tooLarge = (position: number): Found => ({ position, skip: 'too_large', id: '' })

/** The reader of files says where in the file of the other system a record was. */
function readLine(bytes: Uint8Array, at: number, now: number): Found[] {
  const text = decodeUtf8(bytes)
  if (text?.trim() === '') return []
  // A mark at the start of the file counts as white space.
  const fields = text === null ? null : parseForReading(text.trim())
  if (typeof fields !== 'object' || fields === null) return [{ position: at, skip: 'not_understood', id: '' }]
  const { type, id, reason, position: given } = fieldsOf(fields)
  const position = typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 ? given : at
  if (type === 'entry') return [{ position, record: toRecord(fieldsOf(fields), now) }]
  const skip = type === 'skipped' && SKIP_REASONS.find((one) => one === reason)
  return skip ? [{ position, skip, id: recordText(id) }] : []
}

function toRecord(fields: Record<string, unknown>, now: number): ImportRecord {
  const text = (name: string) => recordText(fields[name])
  return {
    id: text('id'),
    site: text('site'),
    origin: fields.origin,
    parent: text('parent'),
    isOwner: fields.by_owner === true,
    name: text('name'),
    website: text('website'),
    body: text('body'),
    time: readMentionTime(text('created_at'), now),
    editedAt: readMentionTime(text('edited_at'), now),
    editedBy: text('edited_by'),
    // What an unknown word means is for the owner to say, so nothing is published by mistake.
    status: ENTRY_STATUSES.find((status) => status === (fields.status ?? 'published')) ?? 'held',
    isPre: fields.pre === true,
    drawing: recordText(fields.drawing),
    isPrivate: (fields.is_private ?? false) !== false,
    reply: text('reply'),
    repliedAt: readMentionTime(text('replied_at'), now),
    answers: fields.answers,
    details: fields.extra,
  }
}
