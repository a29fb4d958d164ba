import { columnsOf, type RowOf } from '../../kit/db/rows'
import { statement } from '../../kit/db/statements'
import { insertingMessages, replacingMessages } from '../../webhooks/send/publish/publish'
import type { CommentRow } from '../store'
import { comments } from '../tables'

/*
 * Statements that change several comments at once, publish an event for each, and count what is on the page. They run
 * in one batch, in this order. If a comment has changed since it was read, or its book was deleted and the change needs
 * it, nothing happens to the comment: the update leaves it alone, so its `message_ids` do not name the new message, and
 * the other statements pass over it.
 */

const CHANGED = columnsOf(
  comments,
  'status',
  'reason',
  'name',
  'website',
  'body',
  'answers',
  'extra',
  'pre',
  'drawing',
  'edited_at',
  'edited_by',
  'reply',
  'replied_at',
  'approved_at'
)

/**
 * The new state of one comment. `message_id` is the event about the change of the page. `held_id` is the event that
 * says that the comment waits. Each is null if there is no such event.
 */
export interface Change extends RowOf<typeof CHANGED>, Pick<CommentRow, 'id' | 'known_by'> {
  before: CommentRow
  message_id: string | null
  held_id: string | null
  /** By how much the number of published entries changes. */
  delta: number
  /** 1 if the change is not made in a book that was deleted: see `needsBook`. */
  needs_book: 0 | 1
}

/** What no other request may have changed. */
const COMPARED = ['status', 'name', 'website', 'body', 'answers', 'extra', 'pre', 'drawing', 'reply']

/** The condition that a comment is still as it was read, and that its book allows the change, which is `j.value`. */
function isAllowed(comment: string): string {
  const unchanged = COMPARED.map((column) => `${comment}.${column} is j.value ->> '$.before.${column}'`)
  const book = `exists (select 1 from books b where b.slug = ${comment}.book and b.deleted_at is null)`
  return [...unchanged, `(j.value ->> 'needs_book' = 0 or ${book})`].join('\n    and ')
}

/**
 * Deletes the delayed messages about an earlier edit, because the next event reports it, too, or because nobody should
 * read it any more. A change that reports nothing, such as the same edit sent twice, leaves them alone. Runs before
 * `UPDATE`. @param changes as for `UPDATE`
 */
export const REPLACE_EVENTS = replacingMessages<{ changes: string }>(`
    select c.message_ids ->> '$[#-1]'
    from json_each(:changes) j
    cross join comments c on c.id = j.value ->> 'id'
    where coalesce(j.value ->> 'message_id', j.value ->> 'held_id', nullif(j.value ->> 'status', c.status)) is not null
      and ${isAllowed('c')}`)

/** Adds the id of a message to a list, if there is one. */
function noting(list: string, name: 'message_id' | 'held_id'): string {
  return `iif(j.value ->> '${name}' is null, ${list}, json_insert(${list}, '$[#]', j.value ->> '${name}'))`
}

/** @param changes a JSON list of `Change` */
export const UPDATE = statement<{ changes: string }, { id: string }>(`
  update comments
  set ${CHANGED.assigned()},
    message_ids = ${noting(noting('message_ids', 'message_id'), 'held_id')}
  from json_each(:changes) j
  where comments.id = j.value ->> 'id'
    and ${isAllowed('comments')}
  returning id`)

/** Messages with the `comment_id` that they report. A message is inserted if the update has noted it. */
export const INSERT_EVENTS = insertingMessages(`exists (
    select 1 from comments c
    where c.id = j.value ->> 'comment_id' and instr(c.message_ids, j.value ->> 'id') > 0)`)

/** The messages about removals. The status may have changed since it was read, so it is checked again. */
export const INSERT_REMOVALS = insertingMessages(`exists (
    select 1 from comments c where c.id = j.value ->> 'comment_id' and c.status = 'published')`)

/** The condition that the owner has marked the entry `c` as spam. */
const IS_MARKED = "c.status = 'spam' and c.reason is null"

/** When an entry becomes spam, the approved entry that it relied on no longer counts. @param changes as for `UPDATE` */
export const END_APPROVALS = statement<{ changes: string }, { id: string }>(`
  update comments
  set approved_at = null
  where status <> 'spam' and approved_at is not null and id in (
    select c.known_by
    from json_each(:changes) j
    cross join comments c on c.id = j.value ->> 'id'
    where ${IS_MARKED} and j.value ->> '$.before.status' <> 'spam')
  returning id`)

/**
 * Approves the entries `ended` again whose approval a decision has ended, if it was undone for each of the entries `ids`
 * that relied on them. @param ended a JSON list, as `ids`
 */
export const APPROVE_AGAIN = statement<{ ended: string; ids: string; now: number }, { id: string }>(`
  update comments
  set approved_at = :now
  where status <> 'spam' and approved_at is null and id in (select value from json_each(:ended))
    and not exists (
      select 1
      from json_each(:ids) j
      cross join comments c on c.id = j.value
      where ${IS_MARKED} and c.known_by = comments.id)
  returning id`)

/** @param ids a JSON list */
export const REMOVE_ENTRIES = statement<{ ids: string }, { id: string }>(`
  delete from comments where id in (select value from json_each(:ids)) returning id`)
