import { MAX_LONG_FORM_BYTES } from '../../../kit/http/form'
import { requireSame } from '../../../kit/http/forms/seen'
import { isChanged } from '../../../kit/lib/changed'
import { action, json } from '../../../kit/operation'
import { changeType, requireOwnType } from '../../../webhooks/event-types/manage'
import { fieldsOf, readType, readTypeFields, showTypeAgain } from '../../../webhooks/event-types/pages'
import { eventTypeChange, eventTypeOut, toEventType } from '../../../webhooks/event-types/schemas'
import { ownType } from '../../../webhooks/event-types/store'

export const changeEventType = action({
  call: 'PATCH /api/event-types/{name}',
  may: 'write',
  act: 'event_type.updated',
  summary: 'Change an event type that you defined',
  description: 'Messages that have already been published do not change.',
  refusals: [409],
  noTool: 'setup',
  takes: eventTypeChange,
  gives: { 200: json(eventTypeOut, 'The updated event type.') },
  run: ({ env, now, params }, change) => changeType(env, params.name, change, now),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }) => toEventType(ownType(row), true),
  form: {
    maxBytes: MAX_LONG_FORM_BYTES,
    at: '/event-types/:name',
    read: (form) => readType(readTypeFields(form)),
    check: async ({ env, params }, form) => requireSame(fieldsOf(await requireOwnType(env, params.name)), form),
    next: () => '/admin/event-types?done=saved',
    refused: showTypeAgain,
  },
})
