import { action, doc, json } from '../../../kit/operation'
import { requireOwnType } from '../../../webhooks/event-types/manage'
import { eventTypeOut, toEventType } from '../../../webhooks/event-types/schemas'
import { ownType } from '../../../webhooks/event-types/store'

export const getEventType = action({
  call: 'GET /api/event-types/{name}',
  tag: doc('Event types'),
  summary: doc('Get an event type that you defined'),
  gives: { 200: json(eventTypeOut, doc('The event type.')) },
  refusals: doc([401, 404]),
  run: ({ env, params }) => requireOwnType(env, params.name),
  show: (row) => toEventType(ownType(row), true),
  noTool: doc('rare'),
})
