import { action, json } from '../../../kit/operation'
import { requireOwnType } from '../../../webhooks/event-types/manage'
import { eventTypeOut, toEventType } from '../../../webhooks/event-types/schemas'
import { ownType } from '../../../webhooks/event-types/store'

export const getEventType = action({
  call: 'GET /api/event-types/{name}',
  may: 'read',
  summary: 'Get an event type that you defined',
  noTool: 'rare',
  gives: { 200: json(eventTypeOut, 'The event type.') },
  run: ({ env, params }) => requireOwnType(env, params.name),
  show: (row) => toEventType(ownType(row), true),
})
