import * as z from 'zod'
import { toBook } from '../../../guestbook/books/book'
import { planImported } from '../../../guestbook/bulk/insert'
import { freshId } from '../../../kit/db/ids'
import { batch, first, isNullViolation } from '../../../kit/db/statements'
import { concat, fromBase64 } from '../../../kit/lib/bytes'
import { aSpanOf, DAY_MS, MINUTE_MS } from '../../../kit/lib/time'
import type { Budget } from '../../../kit/sweep/subrequest-budget'
import { log } from '../../../log'
import { wakeInserted } from '../../../webhooks/send/publish/publish'
import { sendOwn } from '../../../webhooks/work/send-orders'
import { type LinesState, readLines } from '../../rules/importing/read-lines'
import { planRecords } from './plan-records'
import {
  ADVANCE_IMPORT,
  CHUNK_BYTES,
  endImport,
  FIND_DUE_IMPORT,
  insertRecords,
  REMOVE_UPLOADED_CHUNKS,
  readStep,
  reportOf,
} from './store'

/*
 * Each step reads a part of the file and writes its entries. The position moves in the same batch as the entries, so a
 * step has happened once or not at all, even if the process is killed.
 */

/** If the next wake-up is lost, the sweep goes on after this time. */
const LOST_MS = MINUTE_MS
/** An import that has not ended after a day never will. Its file is not kept longer than that. */
const MAX_MS = DAY_MS
/** Does one step, and wakes the next one. Does nothing if the import has ended, or if another consumer was faster. */
async function stepImport(env: Env, id: string, now: number): Promise<void> {
  const { step, chunks } = await readStep(env, id)
  if (step?.state !== 'running') return
  if (step.title === null) return fail(env, id, 'The book was deleted.', now)
  const state: LinesState = JSON.parse(step.parser)
  const book = toBook({ slug: step.book, title: step.title, settings: step.settings })
  const bytes = concat(chunks.map(({ content }) => fromBase64(content) ?? new Uint8Array()))
  const start = step.position % CHUNK_BYTES
  const end = step.position - start + bytes.length
  const part = { bytes: bytes.subarray(start), position: step.position, isEnd: end >= step.size, now }
  const read = readLines({ ...part, state })
  const plan = await planRecords(env, step, read.found, { state: read.state, report: reportOf(step) }, now)
  const { messages, statements } = planImported(env, book, plan, step.webhooks === 1 ? step.origin : null, now)
  const isWritten = step.dry_run === 0
  const next = { rev: step.rev, next_rev: freshId('imp', now), position: read.position, now }
  const stored = { parser: JSON.stringify(plan.state), report: JSON.stringify(plan.report) }
  const results = await ifStillFirst(() =>
    batch(env, [
      ADVANCE_IMPORT(env, { id, ...next, ...stored, run_at: read.isDone ? null : now + LOST_MS }),
      ...(isWritten && plan.records.length > 0 ? [insertRecords(env, plan.records, now)] : []),
      ...(read.isDone ? [REMOVE_UPLOADED_CHUNKS(env, { id })] : []),
      ...(isWritten ? statements : []),
    ])
  )
  if (!results) return
  log('import.advanced', { import_id: id, position: read.position, read: plan.report.read, is_done: read.isDone })
  if (isWritten && messages.length > 0) await wakeInserted(env, messages, results.at(-1)?.results ?? [])
  if (!read.isDone) await wakeImport(env, id)
}

/** @returns null if another consumer did this step in the meantime. Then nothing was written */
async function ifStillFirst<T>(write: () => Promise<T>): Promise<T | null> {
  try {
    return await write()
  } catch (cause) {
    if (isNullViolation(cause, 'imports.rev')) return null
    throw cause
  }
}

async function fail(env: Env, id: string, error: string, now: number): Promise<void> {
  await endImport(env, id, { state: 'failed', rev: freshId('imp', now), error }, now)
}

export const endUpload = (env: Env, id: string, now: number): Promise<void> =>
  fail(env, id, 'The upload was interrupted. Send the file again.', now)

/** The number of calls of one step: three queries to read, up to seven to write, and two wake-ups. */
const STEP_CALLS = 12
/** One to end an import, and one to remove its file. */
const END_CALLS = 2

/** Goes on with an import whose wake-up was lost, or ends one that hangs. */
export async function sweepImports(env: Env, now: number, budget: Budget): Promise<void> {
  const due = budget.take(1) ? await first(FIND_DUE_IMPORT(env, { now })) : null
  if (!due || !budget.take(END_CALLS)) return
  if (due.state === 'uploading') return endUpload(env, due.id, now)
  if (due.created_at < now - MAX_MS)
    return fail(env, due.id, `The import did not finish within ${aSpanOf(MAX_MS)}.`, now)
  // If deliveries leave no room for a step, a later sweep does it.
  if (budget.take(STEP_CALLS - END_CALLS)) await stepImport(env, due.id, now)
}

/** Handles a message of the queue. @returns false if the order is of another kind */
export async function consumeImport(env: Env, order: unknown, now: number): Promise<boolean> {
  const step = importOrder.safeParse(order)
  if (step.success) await stepImport(env, step.data.import_id, now)
  return step.success
}

const KIND = 'import'

/** A message in the `patient` queue: the next step of an import. */
const importOrder = z.object({ kind: z.literal(KIND), import_id: z.string() })

/** Triggers the next step of an import. @returns false if the wake-up was lost */
export function wakeImport(env: Env, import_id: string): Promise<boolean> {
  return sendOwn<z.infer<typeof importOrder>>(env, [{ kind: KIND, import_id }])
}
