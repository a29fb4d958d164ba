import { statement } from '../../db/statements'
import { insertingMessages } from '../../outbound/publish/publish'
import type { CommentRow } from '../store'

/*
 * Statements that change several comments at once, publish an event for each, and count what is on the page. They run in
 * one batch, in this order. If a comment has changed since it was read, nothing happens to it: the update leaves it
 * alone, so its `message_ids` do not name the new message, and the other statements pass over it.
 */

/** One comment, as it is to be. `message_id` is the message that reports the change, or null if the page stays the same. */
export interface Change
  extends Pick<
    CommentRow,
    'id' | 'status' | 'reason' | 'name' | 'website' | 'body' | 'edited_at' | 'edited_by' | 'reply' | 'replied_at'
  > {
  before: Pick<CommentRow, 'status' | 'name' | 'website' | 'body' | 'reply'>
  message_id: string | null
  /** By how much the number of published entries changes. */
  delta: number
}

/** @param changes a JSON list of `Change` */
export const UPDATE = statement<{ changes: string }, { id: string }>(`
  update comments
  set status = j.value ->> 'status',
    reason = j.value ->> 'reason',
    name = j.value ->> 'name',
    website = j.value ->> 'website',
    body = j.value ->> 'body',
    edited_at = j.value ->> 'edited_at',
    edited_by = j.value ->> 'edited_by',
    reply = j.value ->> 'reply',
    replied_at = j.value ->> 'replied_at',
    message_ids = iif(j.value ->> 'message_id' is null, message_ids,
      json_insert(message_ids, '$[#]', j.value ->> 'message_id'))
  from json_each(:changes) j
  where comments.id = j.value ->> 'id'
    and comments.status = j.value ->> '$.before.status'
    and comments.name = j.value ->> '$.before.name'
    and comments.website is j.value ->> '$.before.website'
    and comments.body = j.value ->> '$.before.body'
    and comments.reply is j.value ->> '$.before.reply'
  returning id`)

/** Messages with the `comment_id` that they report. A message is inserted if the update has noted it. */
export const INSERT_EVENTS = insertingMessages(`exists (
    select 1 from comments c
    where c.id = j.value ->> 'comment_id' and instr(c.message_ids, j.value ->> 'id') > 0)`)

/** The messages about removals. The status may have changed since it was read, so it is checked again. */
export const INSERT_REMOVALS = insertingMessages(`exists (
    select 1 from comments c where c.id = j.value ->> 'comment_id' and c.status = 'published')`)

/** @param ids a JSON list */
export const REMOVE = statement<{ ids: string }, { id: string }>(`
  delete from comments where id in (select value from json_each(:ids)) returning id`)
