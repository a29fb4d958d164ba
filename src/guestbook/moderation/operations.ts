import { COMMENT_ACTS } from '../../access/acts'
import { requireOwner } from '../../access/owner-auth'
import { json, OWNER } from '../../kit/http/openapi'
import { isChanged } from '../../kit/lib/changed'
import { action } from '../../kit/operation'
import { commentChange, commentOut, replyIn, toComment } from '../schemas'
import { EDITABLE } from '../signing/guest'
import { changeComment, deleteComment } from './moderate'
import type { ChangedEntry } from './plan-events'

/* The acts of the owner on one entry. A guest's changes of their own entry have the same calls: see own-changes/api.ts. */

const updated = { 200: json(commentOut, 'The updated entry.') }
const forAuthor = [...OWNER, { author: [] }]
const QUEUE = 'The forms of the queue act on several entries, and can be undone: see queue-pages.tsx.'

const hasChanged = ({ before, after }: ChangedEntry): boolean => isChanged(before, after)

export const changeEntry = action({
  call: 'PATCH /api/comments/{id}',
  may: 'moderate',
  act: 'comment.updated',
  guard: requireOwner,
  security: forAuthor,
  summary: 'Change or moderate an entry',
  description: `The owner can change everything. With its \`edit_token\`, a guest can change the text of their own entry for ${EDITABLE}. If the change affects the public page, endpoints receive an event.`,
  refusals: [403, 409, 429, 503],
  noForm: QUEUE,
  takes: commentChange,
  gives: updated,
  run: (asked, change) => changeComment(asked, asked.params.id, change),
  changes: hasChanged,
  // A new status and a new text are two acts.
  acts: ({ before, after }) => {
    if (after.status === before.status) return []
    const edited = before.edited_at === after.edited_at ? [] : ['comment.updated']
    return [COMMENT_ACTS[after.status], ...edited].map((act) => ({ act, subject: after.id }))
  },
  show: ({ after }, { linkOrigin }) => toComment(after, linkOrigin()),
})

export const deleteEntry = action({
  call: 'DELETE /api/comments/{id}',
  may: 'moderate',
  act: 'comment.deleted',
  guard: requireOwner,
  security: forAuthor,
  summary: 'Delete an entry for good',
  description: `This cannot be undone. With its \`edit_token\`, a guest can delete their own entry for ${EDITABLE}. The payloads of the events about the entry are erased, and these events are never sent again. If a webhook created the entry, the \`Link\` header of the response names the request (\`rel="via"\`), which still contains the text.`,
  refusals: [403, 409, 429],
  noForm: QUEUE,
  gives: { 204: { description: 'Deleted.' } },
  run: async (asked) => ({ inbound_id: await deleteComment(asked, asked.params.id), origin: asked.linkOrigin() }),
  send: (c, { inbound_id, origin }) => {
    if (inbound_id) c.header('Link', linkToRequest(origin, inbound_id))
    return c.body(null, 204)
  },
})

/** @returns a header that names the request that created an entry */
export const linkToRequest = (origin: string, inbound_id: string): string =>
  `<${origin}/api/inbound/${inbound_id}>; rel="via"`

export const replyToEntry = action({
  call: 'PUT /api/comments/{id}/reply',
  may: 'moderate',
  act: 'reply.saved',
  guard: requireOwner,
  summary: 'Reply to an entry',
  description:
    'The reply is shown below the entry. If the entry is on the page, endpoints receive `comment.updated`. A private entry takes no reply.',
  refusals: [409],
  noForm: QUEUE,
  takes: replyIn,
  gives: updated,
  run: (asked, { body }) => changeComment(asked, asked.params.id, { reply: body }),
  changes: hasChanged,
  show: ({ after }, { linkOrigin }) => toComment(after, linkOrigin()),
})

export const removeReply = action({
  call: 'DELETE /api/comments/{id}/reply',
  may: 'moderate',
  act: 'reply.removed',
  guard: requireOwner,
  summary: 'Remove the reply',
  refusals: [409],
  noForm: QUEUE,
  gives: updated,
  run: (asked) => changeComment(asked, asked.params.id, { reply: null }),
  changes: hasChanged,
  show: ({ after }, { linkOrigin }) => toComment(after, linkOrigin()),
})
