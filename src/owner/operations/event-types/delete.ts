import { action } from '../../../kit/operation'
import { removeType } from '../../../webhooks/event-types/manage'

export const deleteEventType = action({
  call: 'DELETE /api/event-types/{name}',
  may: 'write',
  act: 'event_type.deleted',
  summary: 'Delete an event type that you defined',
  noTool: 'setup',
  gives: { 204: { description: 'Deleted. Messages of this type may now contain any data.' } },
  run: ({ env, params }) => removeType(env, params.name),
  form: { at: '/event-types/:name/delete', next: () => '/admin/event-types?done=deleted' },
})
