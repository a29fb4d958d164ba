import { action } from '../../../kit/operation'
import { removeInbound } from '../../../webhooks/receive/messages/remove'

export const deleteInbound = action({
  call: 'DELETE /api/inbound/{id}',
  may: 'write',
  act: 'inbound.deleted',
  summary: 'Delete a request and its body',
  description:
    'A guestbook entry that the request created is kept. An event that it published is erased, and no longer sent. If the provider sends the webhook again, that request counts as new.',
  noTool: 'setup',
  gives: { 204: { description: 'The request was deleted.' } },
  run: ({ env, now, params }) => removeInbound(env, params.id, now),
  form: { at: '/inbound/:id/delete', next: () => '/admin/inbound?done=removed' },
})
