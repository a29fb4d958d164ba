import type { books } from '../../../guestbook/tables'
import { portable } from '../../../kit/db/portable'
import { columnsOf, columnsWithout, type RowOf } from '../../../kit/db/rows'
import { all, type Bound, batch, first, statement } from '../../../kit/db/statements'
import { Refusal, refuseIfNull } from '../../../kit/http/problem'
import { toBase64 } from '../../../kit/lib/bytes'
import { DAY_MS } from '../../../kit/lib/time'
import { walking } from '../../../kit/sweep/retention'
import type { SkipReason } from '../../rules/importing/records'
import { importedRecords, imports } from '../../tables'

/* Only one import runs at a time, so two files never import the same record at the same moment. */

export type ImportRow = typeof imports.$inferSelect

/** What an import has done so far. `examples` are the first records that were skipped. */
export interface Report {
  read: number
  imported: number
  replies: number
  shortened: number
  skipped: Partial<Record<SkipReason, number>>
  examples: { position: number; id: string; reason: SkipReason }[]
  error?: string
}

/** One chunk is this many bytes, and a third more characters. */
export const CHUNK_BYTES = 75_000
const CHUNK_CHARS = 100_000
/** How many chunks one statement inserts. A value can have up to 2 MB in D1. */
const CHUNKS_AT_ONCE = 12
/** How many chunks one step reads: at least two whole ones behind its position. */
const CHUNKS_READ = 3

const NEW = columnsWithout(imports, 'position', 'finished_at', 'report')
export type NewImport = RowOf<typeof NEW>

/** If another import is running, the statement sets `format` to NULL and fails: see `refuseIfNull`. */
const INSERT = NEW.insert<NewImport>({
  format: 'iif(exists (select 1 from imports indexed by imports_running where run_at is not null), null, :format)',
})

/** Cuts a long text into chunks. An import that has ended gets none. @param numbers a JSON list from 0 */
const INSERT_CHUNKS = statement<{ id: string; start: number; content: string; numbers: string }>(`
  insert into import_chunks (import_id, number, content)
  select :id, :start + j.value, substr(:content, j.value * ${CHUNK_CHARS} + 1, ${CHUNK_CHARS})
  from json_each(:numbers) j
  where exists (select 1 from imports where id = :id and state = 'uploading')`)

/** How many old imports one upload removes from the list. */
const MAX_REMOVED = 100

/** Removes what is no longer listed: everything but the latest. */
const REMOVE_OLD = statement<{ limit: number }>(`
  delete from imports
  where run_at is null
    and id in (select id from imports where id < '~' order by id desc limit ${MAX_REMOVED} offset :limit)`)

/** Earlier versions kept what the parser knew, and ids that were names, of imports that have ended. */
const FORGET_PEOPLE = statement<Record<never, never>>(`
  update imports
  set parser = '{}', report = json_set(report, '$.examples', json('[]'))
  where id > '' and run_at is null and parser <> '{}'`)

/** How many imports are listed. */
const MAX_LISTED = 100

export const START_IMPORT = statement<{ id: string; now: number }>(`
  update imports set state = 'running', run_at = :now where id = :id and state = 'uploading'`)

/** @throws Refusal 409 if another import is running */
export async function insertImport(env: Env, row: NewImport): Promise<void> {
  const detail = 'Another import is running. Wait until it has finished, or cancel it.'
  const refusal = () => new Refusal(409, 'import_running', detail)
  await refuseIfNull({ 'imports.format': refusal }, () =>
    batch(env, [INSERT(env, row), REMOVE_OLD(env, { limit: MAX_LISTED }), FORGET_PEOPLE(env, {})])
  )
}

/** @returns the statements that store a file. Each inserts up to a megabyte */
export function insertChunks(env: Env, id: string, bytes: Uint8Array) {
  const statements: Bound<never>[] = []
  const size = CHUNKS_AT_ONCE * CHUNK_BYTES
  for (let at = 0; at < bytes.length; at += size) {
    const some = bytes.subarray(at, at + size)
    const numbers = Array.from({ length: Math.ceil(some.length / CHUNK_BYTES) }, (_, i) => i)
    const values = { start: at / CHUNK_BYTES, content: toBase64(some), numbers: JSON.stringify(numbers) }
    statements.push(INSERT_CHUNKS(env, { id, ...values }))
  }
  return statements
}

const FIND = columnsOf(imports).from<{ id: string }>('imports where id = :id')
export const findImport = async (env: Env, id: string): Promise<ImportRow | null> => first(FIND(env, { id }))

const LIST = columnsOf(imports).from<{ before: string; limit: number }>(`
  imports where id < :before order by id desc limit :limit`)

/** Newest first. */
export async function listImports(env: Env, before: string | undefined, limit: number): Promise<ImportRow[]> {
  return all(LIST(env, { before: before ?? '~', limit }))
}

type BookRow = typeof books.$inferSelect
/** `title` is null if the book has been deleted. */
type Step = ImportRow & { title: string | null } & Pick<BookRow, 'settings'> & { book_since: number }

const READ_STEP = statement<{ id: string }, Step>(`
  select i.id, i.state, i.format, i.book, i.dry_run, i.webhooks, i.origin, i.size, i.position, i.rev, i.created_at,
    i.finished_at, i.run_at, i.report, i.parser, b.title, b.settings, b.created_at as book_since
  from imports i
  left join books b on b.slug = i.book and b.deleted_at is null
  where i.id = :id`)

const READ_CHUNKS = statement<{ id: string }, { number: number; content: string }>(`
  select number, content
  from import_chunks
  where import_id = :id and number >= (select position / ${CHUNK_BYTES} from imports where id = :id)
  order by number
  limit ${CHUNKS_READ}`)

/** Reads what the next step needs, in one round trip. */
export async function readStep(env: Env, id: string) {
  const [step, chunks] = await Promise.all([first(READ_STEP(env, { id })), all(READ_CHUNKS(env, { id }))])
  return { step, chunks }
}

/** What is known about a record: the entry that it became, and whether this entry exists, has a reply, and is private. */
interface Known {
  key: string
  comment_id: string
  is_there: number
  has_reply: number
  is_private: number
  /** Whether the entry goes when its book does, which was deleted. */
  is_going: number
}

const FIND_KNOWN = statement<{ keys: string; ids: string }, Known>(`
  select r.id as key, r.comment_id, c.id is not null as is_there, c.reply is not null as has_reply,
    coalesce(c.is_private, 0) as is_private, 0 as is_going
  from json_each(:keys) j
  cross join imported_records r on r.id = j.value
  left join comments c on c.id = r.comment_id
  union all
  select c.id, c.id, 1, c.reply is not null, c.is_private,
    exists (select 1 from books b where b.slug = c.book and b.deleted_at is not null)
  from json_each(:ids) j
  cross join comments c on c.id = j.value`)

/** @param ids of entries, which are their own keys */
export async function findKnown(env: Env, keys: string[], ids: string[]): Promise<Map<string, Known>> {
  const rows =
    ids.length === 0 ? [] : await all(FIND_KNOWN(env, { keys: JSON.stringify(keys), ids: JSON.stringify(ids) }))
  return new Map(rows.map((row) => [row.key, row]))
}

const INSERT_RECORDS = statement<{ records: string; now: number }>(`
  insert into imported_records (id, comment_id, imported_at)
  select j.value ->> 0, j.value ->> 1, :now
  from json_each(:records) j
  where true
  on conflict (id) do nothing`)

/** @param records the key of each record, and the id of the entry that it became */
export function insertRecords(env: Env, records: [key: string, comment_id: string][], now: number): Bound<never> {
  return INSERT_RECORDS(env, { records: JSON.stringify(records), now })
}

type Advance = Pick<ImportRow, 'id' | 'rev' | 'position' | 'parser' | 'report' | 'run_at'> & {
  next_rev: string
  now: number
}

/**
 * If another consumer was faster, the statement sets `rev` to NULL: the whole batch fails, and nothing is written.
 * `run_at` is when the sweep looks after the import, or null if this was the last step.
 */
export const ADVANCE_IMPORT = statement<Advance>(`
  update imports
  set rev = iif(rev = :rev and state = 'running', :next_rev, null),
    position = :position,
    parser = iif(:run_at is null, '{}', :parser),
    report = :report,
    run_at = :run_at,
    state = iif(:run_at is null, 'done', state),
    finished_at = iif(:run_at is null, :now, null)
  where id = :id`)

export const REMOVE_UPLOADED_CHUNKS = statement<{ id: string }>(`delete from import_chunks where import_id = :id`)

const END = statement<{ id: string; state: 'canceled' | 'failed'; rev: string; error: string | null; now: number }>(`
  update imports
  set state = :state, rev = :rev, run_at = null, finished_at = :now, parser = '{}',
    report = iif(:error is null, report, json_set(report, '$.error', :error))
  where id = :id and run_at is not null`)

/** Ends an import that is not done, and removes its file. An import that has ended is left as it is. */
export async function endImport(
  env: Env,
  id: string,
  end: { state: 'canceled' | 'failed'; rev: string; error: string | null },
  now: number
): Promise<void> {
  await batch(env, [END(env, { id, ...end, now }), REMOVE_UPLOADED_CHUNKS(env, { id })])
}

export const FIND_DUE_IMPORT = statement<{ now: number }, Pick<ImportRow, 'id' | 'state' | 'created_at'>>(`
  select id, state, created_at
  from imports indexed by imports_running
  where run_at is not null and run_at <= :now
  order by run_at
  limit 1`)

export function reportOf({ report }: Pick<ImportRow, 'report'>): Report {
  return { read: 0, imported: 0, replies: 0, shortened: 0, skipped: {}, examples: [], ...JSON.parse(report) }
}

/** With them, what the owner has deleted does not come back with the next import after a restore. */
export const PORTABLE_IMPORTED_RECORDS = portable(importedRecords, ['id', 'comment_id', 'imported_at'])

/** Forgets records whose entries were deleted. Until then, such an entry does not come back with another import. */
export const removeOldRecords = walking(importedRecords, {
  at: 'imported_at',
  condition: 'not exists (select 1 from comments c where c.id = imported_records.comment_id)',
  kept: 365 * DAY_MS,
})
