import { freshId } from '../../kit/db/ids'
import type { Bound } from '../../kit/db/statements'
import { maskNetwork } from '../../kit/http/visitor'
import { fieldsOf } from '../../kit/lib/json'
import { ok, type Result } from '../../kit/lib/result'
import { type Clock, dayOf } from '../../kit/lib/time'
import { log } from '../../log'
import { type Message, planMessage, wakeListeners } from '../../webhooks/send/publish/publish'
import { effectOf } from '../rules/entries/statuses'
import { type CommentOut, commentEvent, toComment } from '../schemas'
import { insertComment, insertSpam, type NewComment } from '../store'
import { applies } from './doors'
import { rememberDropped } from './dropped-spam'
import { formUsed, MAX_FORM_AGE_MS, type StampedForm } from './form-stamp'
import { type Circumstances, decideOn, type EntryFault, readEntry, type Written } from './judge'
import { findApproved, type GuestProof } from './known-guest'
import { isSolved } from './puzzle'
import { bytesOf, quotaUse, withinQuota } from './quota'
import { isRepeatedText } from './repeated-texts'
import { admit } from './require-signing'
import type { FreshSignForm } from './sign-form'
import { isConfirmed } from './turnstile'

/*
 * The one way into a book, for every new entry but those of a file: judge, plan, write, wake. `doors.ts` says which
 * rules apply to whom. A door says who speaks, and gives what it has received.
 */

export interface EntryDraft extends Written, Circumstances {
  /** The form that a guest has sent, and what its stamp says; null if the stamp is not ours. */
  form?: FreshSignForm & { made: StampedForm | null }
  /** What may show that the author is known. */
  proof?: GuestProof
  inbound_id?: string
  /** How many guestbooks the event has passed through. */
  hops?: number
  /** How many bytes the request stores besides the entry. */
  stored?: number
  /** Whether the entry is inserted only if the previous statement in its batch changed a row. */
  ifChanged?: boolean
  origin: string
  /** For a door that waits for Turnstile: the entry has the time at which that has ended. */
  clock?: Clock
}

export interface Planned {
  row: NewComment
  comment: CommentOut
  /** The message to publish; null for spam, for private entries, and in the demo guestbook. */
  message: Message | null
  /** Run in one batch, in this order. */
  statements: Bound<unknown>[]
}

/** Writes the statements, and what else the door has to write, in one batch. No results: nothing was written. */
type Write<T> = (planned: Planned) => Promise<T & { results: readonly D1Result[] }>

/**
 * Signs a book.
 * @param inBackground takes what need not be waited for
 * @returns the entry and what `write` has returned, or what is wrong with the input
 * @throws Refusal 403, 409, 429 or 503
 */
export async function sign<T>(
  env: Env,
  draft: EntryDraft,
  write: Write<T>,
  inBackground?: (work: Promise<void>) => void
) {
  const planned = await planEntry(env, draft)
  if (!planned.ok) return planned
  // Step 3: if the batch fails, for example because of the quota, nothing is stored.
  const written = await withinQuota(env, planned.value.comment, () => write(planned.value), draft.now)
  noteDropped(env, draft, planned.value.row, written.results)
  const work = wake(env, draft, planned.value, written.results)
  if (inBackground) inBackground(work)
  else await work
  return ok({ ...planned.value, ...written })
}

/** Remembers the spam of a guest that was not stored: see dropped-spam.ts. */
function noteDropped(env: Env, { visitor, form }: EntryDraft, row: NewComment, results: readonly D1Result[]): void {
  const isStored = results.some(({ results: [first] }) => fieldsOf(first).id === row.id)
  if (visitor && row.status === 'spam' && results.length > 0 && !isStored)
    rememberDropped(env, row, form?.made?.form_id)
}

/** Runs the first two steps only, for a caller that adds more to the batch: see webhooks/receive/process/settle.ts. */
export async function planEntry(env: Env, draft: EntryDraft): Promise<Result<Planned, EntryFault[]>> {
  const row = await judge(env, draft)
  return row.ok ? ok(plan(env, { ...draft, now: row.value.created_at }, row.value)) : row
}

/** Step 1: checks whether the author may sign now, checks the input, and decides whether the entry is published. */
async function judge(env: Env, draft: EntryDraft): Promise<Result<NewComment, EntryFault[]>> {
  const { door, book, visitor, form, input, proof, inbound_id = null } = draft
  if (visitor) await admit(env, { door, book, visitor })
  if (form?.made && form.made.ageMs > MAX_FORM_AGE_MS) throw formUsed()
  const entry = readEntry(draft)
  if (!entry.ok) return entry
  const known_by = await findApproved(env, book, proof)
  const is_private = input.is_private === true
  const form_facts = await learnFromForm(env, draft)
  const now = draft.clock?.() ?? draft.now
  // Remembers the text, so it comes after what takes long: a guest may send the form again in the meantime.
  const isRepeated = isRepeatedDraft(env, draft, entry.value.body)
  const known = { isKnown: known_by !== null, isPrivate: is_private, isRepeated, ...form_facts }
  const id = freshId('cmt', now)
  return ok({
    ...entry.value,
    ...(await decideOn(draft, entry.value, known)),
    id,
    book: book.slug,
    created_at: now,
    // A network has another key on the next day. Turnstile may have answered after midnight.
    author_key: visitor && dayOf(now) === dayOf(draft.now) ? await maskNetwork(visitor, id) : null,
    country: visitor?.country ?? null,
    inbound_id,
    is_private: Number(is_private),
    message_ids: '[]',
    known_by,
  })
}

/** Several pages of a site can mention the book without a text. Then their entries show the name of the site. */
function isRepeatedDraft(env: Env, { door, book, mention, now }: EntryDraft, body: string): boolean {
  return applies('repeated', door) && mention?.has_text !== false && isRepeatedText(env, book.slug, body, now)
}

/** What the form says about the guest. Some of it costs time, so the limits and the input are checked first. */
async function learnFromForm(env: Env, { book, form, input }: EntryDraft) {
  if (!form) return {}
  const { stamp, proof, token, isTrapped, made } = form
  return {
    isTrapped,
    formAgeMs: made?.ageMs ?? 0,
    hasProof: book.proof_of_work && made !== null && (await isSolved({ stamp, body: input.body, proof })),
    isConfirmed: book.turnstile && (await isConfirmed(env, token)),
  }
}

/** Step 2: the entry, its event, and the statements that store both. */
function plan(env: Env, draft: EntryDraft, row: NewComment): Planned {
  const { book, visitor = null, form, stored = 0, ifChanged = false, origin, now } = draft
  const comment = toComment({ ...row, edited_at: null, reply: null, replied_at: null }, origin)
  const event = planEvent(env, draft, comment)
  const bytes = bytesOf(row, event?.message.payload) + stored
  const sent = { form_id: form?.made?.form_id ?? null, oldest_form: String(now - MAX_FORM_AGE_MS) }
  const use = { ...quotaUse(book, bytes, visitor, now), ...sent }
  if (row.status === 'spam') {
    return { row, comment, message: null, statements: insertSpam(env, row, use, ifChanged) }
  }
  const message_ids = JSON.stringify(event ? [event.message.id] : [])
  const inserts = insertComment(env, { ...row, message_ids }, use, ifChanged)
  return {
    row,
    comment,
    message: event?.message ?? null,
    statements: [...inserts, ...(event ? [event.statement] : [])],
  }
}

function planEvent(env: Env, { book, hops = 0, ifChanged = false, now }: EntryDraft, comment: CommentOut) {
  const type = effectOf('none', comment.status).event
  const data = type && commentEvent(type, comment, book)
  return data && planMessage(env, type, data, now, { book: book.slug, hops, ifChanged })
}

/** Step 4: after the batch was written, endpoints learn about the entry. */
async function wake(env: Env, { door }: EntryDraft, { comment, message }: Planned, results: readonly D1Result[]) {
  if (results.length === 0) return
  const event = door === 'mention' ? 'webmention.shown' : 'comment.accepted'
  log(event, { id: comment.id, status: comment.status, message_id: message?.id })
  await wakeListeners(env, message, results)
}
