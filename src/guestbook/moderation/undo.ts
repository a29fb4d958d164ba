import type { Publishing } from '../../kit/context'
import { isSigned, signText } from '../../kit/db/signed'
import { decodeUtf8, fromBase64Url, toBase64Url, utf8 } from '../../kit/lib/bytes'
import { canHave } from '../rules/entries/statuses'
import { type CommentRow, findComments } from '../store'
import { APPROVE_AGAIN } from './change-store'
import { changeAll, type EntryChanges, MAX_AT_ONCE } from './moderate'
import type { ChangedEntry } from './plan-events'
import { entryOfVersion, versionOf } from './versions'

/*
 * Takes back a decision about entries. Everything that the decision has changed becomes as it was: the status, the
 * reason, the reply, and who is known. Nothing is stored for this. The page that shows the decision carries what was
 * before, signed, so an address that somebody else made undoes nothing.
 */

type Status = CommentRow['status']
type ReplyBefore = Pick<CommentRow, 'reply' | 'replied_at'> & { saved_at: number | null }

/** An entry before the decision. A list, because an address must have room for 60 of them. `reply` if it was set. */
type Before = [version: string, status: Status, reason: string | null, approved_at: number | null, reply?: ReplyBefore]

export interface Undo {
  /** The status that the decision gave the entries. */
  to: Status
  entries: Before[]
  /** The other entries whose approval ended. */
  ended: string[]
  /** The ban that was made together with the decision, or empty. */
  ban: string
}

/** @returns what undoes a decision, as signed text; empty if it changed nothing, or if SECRETS_KEY is unusable */
export async function writeUndo(env: Env, to: Status, { pairs, ended }: EntryChanges, ban: string): Promise<string> {
  const entries = pairs.flatMap(({ before, after }): Before[] => {
    const { status, reason, approved_at, reply, replied_at } = before
    const isSameReply = reply === after.reply
    if (status === to && isSameReply) return []
    const earlier = [versionOf(before), status, reason, approved_at] as const
    return [isSameReply ? [...earlier] : [...earlier, { reply, replied_at, saved_at: after.replied_at }]]
  })
  if (entries.length === 0) return ''
  const undo: Undo = { to, entries, ended, ban }
  const text = toBase64Url(utf8(JSON.stringify(undo)))
  const signature = await signText(env, 'undo', text)
  return signature && `${text}.${signature}`
}

/** @returns null if this guestbook did not write the text */
export async function readUndo(env: Env, given: string): Promise<Undo | null> {
  const [text = '', signature = ''] = given.split('.')
  const bytes = fromBase64Url(text)
  if (!bytes || !(await isSigned(env, 'undo', text, signature))) return null
  return JSON.parse(decodeUtf8(bytes) ?? '')
}

/**
 * Leaves entries alone that have another status by now. An entry that was edited is not published again.
 * @returns the ids of the entries that are as they were
 */
export async function undoDecision(context: Publishing, { to, entries, ended }: Undo): Promise<string[]> {
  const ids = entries.map(([version]) => entryOfVersion(version))
  const rows = new Map((await findComments(context.env, ids)).map((row) => [row.id, row]))
  const pairs = entries.flatMap((entry) => {
    const row = rows.get(entryOfVersion(entry[0]))
    return row?.status === to ? planUndo(row, entry) : []
  })
  const lists = { ended: JSON.stringify(ended), ids: JSON.stringify(ids) }
  const approvals = ended.length > 0 ? APPROVE_AGAIN(context.env, { ...lists, now: context.now }) : null
  const undone: string[] = []
  for (let i = 0; i < pairs.length; i += MAX_AT_ONCE) {
    const part = await changeAll(context, pairs.slice(i, i + MAX_AT_ONCE), { approvals })
    undone.push(...part.pairs.map(({ after }) => after.id))
  }
  return undone
}

function planUndo(row: CommentRow, [version, status, reason, approved_at, earlier]: Before): ChangedEntry[] {
  if (!canHave(row, status) || (status === 'published' && version !== versionOf(row))) return []
  // A reply that was written since then stays.
  const { reply, replied_at } = earlier?.saved_at === row.replied_at ? earlier : row
  return [{ before: row, after: { ...row, status, reason, approved_at, reply, replied_at } }]
}
