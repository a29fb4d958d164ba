import { action, doc } from '../../../kit/operation'
import { removeType } from '../../../webhooks/event-types/manage'

export const deleteEventType = action({
  call: 'DELETE /api/event-types/{name}',
  act: 'event_type.deleted',
  tag: doc('Event types'),
  summary: doc('Delete an event type that you defined'),
  gives: { 204: { description: doc('Deleted. Messages of this type may now contain any data.') } },
  refusals: doc([401, 404]),
  run: ({ env, params }) => removeType(env, params.name),
  form: { at: '/event-types/:name/delete', next: () => '/admin/event-types?done=deleted' },
  noTool: doc('setup'),
})
