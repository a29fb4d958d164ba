import { action, doc } from '../../../kit/operation'
import { deleteSource as remove } from '../../../webhooks/sources/manage'

export const deleteSource = action({
  call: 'DELETE /api/sources/{id}',
  act: 'source.deleted',
  tag: 'Sources',
  summary: doc('Delete a source'),
  description: doc(
    'The URL stops working within a minute, and no further messages are processed. Stored messages are kept for their retention period.'
  ),
  gives: { 204: { description: doc('The source was deleted.') } },
  refusals: [401, 404, 409],
  run: ({ env, now, params }) => remove(env, params.id, now),
  form: { at: '/sources/:id/delete', next: () => '/admin/sources?done=deleted' },
  noTool: 'setup',
})
