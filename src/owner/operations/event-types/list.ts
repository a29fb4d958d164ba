import { recognizeOwner } from '../../../access/owner-auth'
import { OWNER } from '../../../kit/http/openapi'
import { action, json, listOf } from '../../../kit/operation'
import { eventTypeOut, toEventType } from '../../../webhooks/event-types/schemas'
import { listOwnTypes, ownType } from '../../../webhooks/event-types/store'
import { EVENT_TYPES } from '../../../webhooks/rules/events/catalogue'

export const listEventTypes = action({
  call: 'GET /api/event-types',
  may: 'read',
  guard: recognizeOwner,
  security: [{}, ...OWNER],
  summary: 'List event types',
  description:
    'Lists the built-in event types. With the owner’s token, also lists the types that the owner has defined.',
  noTool: 'rare',
  gives: { 200: json(listOf(eventTypeOut), 'The event types.') },
  run: async ({ env, actor }) => (actor ? listOwnTypes(env) : []),
  show: (own) => ({
    data: [
      ...EVENT_TYPES.map((type) => toEventType(type, false)),
      ...own.map((row) => toEventType(ownType(row), true)),
    ],
  }),
})
