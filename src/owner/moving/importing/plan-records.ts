import { BARE, type BulkEntry, type BulkReply } from '../../../guestbook/bulk/insert'
import { concat, toBase64Url, utf8 } from '../../../kit/lib/bytes'
import { firstIdAt, ID_RANDOM_BYTES, isId, newId } from '../../../kit/lib/ids'
import type { Found, LinesState } from '../../rules/importing/read-lines'
import { type ImportFormat, type ImportRecord, reportedId, type SkipReason } from '../../rules/importing/records'
import { type ImportedEntry, toEntry } from '../../rules/importing/to-entry'
import { findKnown, type Report } from './store'

/*
 * Decides what becomes of the records of one step: a new entry, a reply below an entry, or nothing. The id of an entry
 * is made of its time, its place in the file and where it comes from, so a file that is sent again gives the same ids.
 */

interface Import {
  format: ImportFormat
  book: string
  /** When the book was created: a new book with the same slug is another book. */
  book_since: number
  created_at: number
}

interface Plan {
  entries: BulkEntry[]
  replies: BulkReply[]
  /** What has been imported: the key of each record, and the id of its entry. */
  records: [key: string, comment_id: string][]
  state: LinesState
  report: Report
}

interface Keyed {
  record: ImportRecord
  entry: ImportedEntry
  key: string
  parentKey: string
  /** The id in the file, if it is one of ours. */
  id: string
  /** An id that is made of where the record comes from. */
  ownId: string
  time: number
}

export const MAX_EXAMPLES = 100
const KEY_BYTES = 16

/** @param before what earlier steps have left. It is changed here */
export async function planRecords(
  env: Env,
  job: Import,
  found: Found[],
  before: Pick<Plan, 'state' | 'report'>,
  now: number
): Promise<Plan> {
  const plan: Plan = { entries: [], replies: [], records: [], ...before }
  const keyed: (Keyed & { position: number })[] = []
  const isOldestFirst = plan.state.isOldestFirst ?? findOrder(found, plan.state.last)
  if (isOldestFirst !== undefined) plan.state.isOldestFirst = isOldestFirst
  for (const one of found) {
    plan.report.read += 1
    if ('skip' in one) skip(plan, one.position, one.id, one.skip)
    else {
      const made = await toKeyed(job, one.record, plan, now)
      if (typeof made === 'string') skip(plan, one.position, one.record.id, made)
      else keyed.push({ ...made, position: one.position })
    }
  }
  const keys = keyed.flatMap(({ key, parentKey }) => (parentKey === '' ? [key] : [key, parentKey]))
  const ids = keyed.flatMap(({ id, ownId }) => [id, ownId])
  const known = await findKnown(env, keys, ids)
  const done = new Set<string>()
  for (const read of keyed) {
    // An entry of a deleted book, or of another site in the file, may have the same id.
    const isTaken = done.has(read.id) || known.get(read.id)?.is_going === 1
    const one = isTaken ? { ...read, id: read.ownId } : read
    if ([one.key, one.id].some((key) => known.has(key) || done.has(key)))
      skip(plan, one.position, one.record.id, 'already_imported')
    else accept(plan, job, one, known.get(one.parentKey))
    done.add(one.key).add(one.id)
  }
  return plan
}

function skip({ report }: Plan, position: number, id: string, reason: SkipReason): void {
  report.skipped[reason] = (report.skipped[reason] ?? 0) + 1
  if (report.examples.length < MAX_EXAMPLES) report.examples.push({ position, id: reportedId(id), reason })
}

/** @param last the time of the entry before them @returns whether older entries come first; undefined if that is unknown */
function findOrder(found: Found[], last: number | undefined): boolean | undefined {
  let previous = last
  for (const one of found) {
    const time = 'record' in one ? one.record.time : null
    if (time === null) continue
    if (previous !== undefined && time !== previous) return time > previous
    previous = time
  }
  return undefined
}

/** A record without a time gets one right before the record in front of it: most pages show the latest entry first. */
async function toKeyed(
  job: Import,
  record: ImportRecord,
  { state, report }: Pick<Plan, 'state' | 'report'>,
  now: number
): Promise<Keyed | SkipReason> {
  const time = record.time ?? (state.last ?? job.created_at) - 1
  state.last = time
  const entry = toEntry(record, time, now)
  if (!entry.ok) return entry.error
  const { id, site, parent, name, website, body } = record
  const origin = id === '' ? JSON.stringify(record.origin ?? [record.time, name, website, body]) : id
  const hash = await digest(job, id === '' ? 'text' : site, origin)
  const ownId = newId('cmt', time, concat([placeOf(report.read, state), hash.subarray(PLACE_BYTES, ID_RANDOM_BYTES)]))
  return {
    record,
    entry: entry.value,
    time,
    key: keyOf(hash),
    parentKey: parent === '' || !record.isOwner ? '' : keyOf(await digest(job, site, parent)),
    id: hasTime(id, time) ? id : ownId,
    ownId,
  }
}

const PLACE_BYTES = 4

/** Entries with the same time, such as those of a day, stay in the order of the file. @param nth of all its records */
function placeOf(nth: number, { isOldestFirst = false }: LinesState): Uint8Array {
  const place = new Uint8Array(PLACE_BYTES)
  new DataView(place.buffer).setUint32(0, isOldestFirst ? nth : 2 ** (8 * PLACE_BYTES) - 1 - nth)
  return place
}

/** Our own export has ids of ours. One that does not fit the time would change the order of the book. */
function hasTime(id: string, time: number): boolean {
  return isId('cmt', id) && id.slice(0, 14) === firstIdAt('cmt', time).slice(0, 14)
}

async function digest(job: Import, site: string, origin: string): Promise<Uint8Array> {
  const text = JSON.stringify([job.book, job.book_since, job.format, site, origin])
  return new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text)))
}

const keyOf = (hash: Uint8Array): string => toBase64Url(hash.subarray(0, KEY_BYTES))

/**
 * The first answer by the owner to an entry becomes its reply. All other answers are entries. A private entry takes no
 * reply, and its answer must not become public, so it is a private entry, too.
 */
function accept(
  plan: Plan,
  job: Import,
  one: Keyed,
  parent: { comment_id: string; is_there: number; has_reply: number; is_private: number } | undefined
) {
  const { time } = one
  const here = plan.records.find(([key]) => key === one.parentKey)?.[1]
  const above = plan.entries.find(({ id }) => id === here)
  const id = above?.id ?? (parent?.is_there === 1 && parent.has_reply === 0 ? parent.comment_id : undefined)
  const isTaken = above ? above.reply !== null : plan.replies.some((reply) => reply.id === id)
  const isPrivate = one.parentKey !== '' && (above ?? parent)?.is_private === 1
  const entry = isPrivate ? { ...one.entry, status: 'hidden' as const, is_private: 1 } : one.entry
  plan.report.imported += 1
  if (entry.isShortened) plan.report.shortened += 1
  if (one.parentKey === '' || id === undefined || isTaken || entry.status !== 'published') {
    plan.records.push([one.key, one.id])
    plan.entries.push(toRow(job, { ...one, entry }))
    return
  }
  plan.report.replies += 1
  plan.records.push([one.key, id])
  if (above) Object.assign(above, { reply: entry.body, replied_at: time })
  else plan.replies.push({ id, reply: entry.body, replied_at: time })
}

function toRow(job: Import, { entry, id, time }: Keyed): BulkEntry {
  const { isShortened: _, ...columns } = entry
  return {
    ...BARE,
    ...columns,
    number: null,
    id,
    book: job.book,
    reason: entry.status === 'held' ? 'imported' : entry.is_private === 1 ? 'private' : null,
    created_at: time,
  }
}
