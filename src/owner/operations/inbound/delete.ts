import { action, doc } from '../../../kit/operation'
import { removeInbound } from '../../../webhooks/receive/messages/remove'

export const deleteInbound = action({
  call: 'DELETE /api/inbound/{id}',
  act: 'inbound.deleted',
  tag: doc('Inbound'),
  summary: doc('Delete an inbound message and its body'),
  description: doc(
    'The guestbook entry or event that the message created is kept. If the provider sends the webhook again, it counts as new.'
  ),
  gives: { 204: { description: doc('The message was deleted.') } },
  refusals: doc([401, 404]),
  run: ({ env, now, params }) => removeInbound(env, params.id, now),
  form: { at: '/inbound/:id/delete', next: () => '/admin/inbound?done=removed' },
  noTool: doc('setup'),
})
