import { aSpanOf } from '../../../kit/lib/time'
import { action } from '../../../kit/operation'
import { CACHE_MS } from '../../../webhooks/sources/cache'
import { deleteSource as remove } from '../../../webhooks/sources/manage'

export const deleteSource = action({
  call: 'DELETE /api/sources/{id}',
  may: 'write',
  act: 'source.deleted',
  summary: 'Delete a source',
  description: `The URL stops working within ${aSpanOf(CACHE_MS)}, and no further requests are processed. Stored requests are kept for their retention period.`,
  refusals: [409],
  noTool: 'setup',
  gives: { 204: { description: 'The source was deleted.' } },
  run: ({ env, now, params }) => remove(env, params.id, now),
  form: { at: '/sources/:id/delete', next: () => '/admin/sources?done=deleted' },
})
