import { MAX_LONG_FORM_BYTES } from '../../../kit/http/form'
import { creation, json } from '../../../kit/operation'
import { planType, refuseIfTaken } from '../../../webhooks/event-types/manage'
import { readType, readTypeFields, showTypesAgain } from '../../../webhooks/event-types/pages'
import { eventTypeIn, eventTypeOut, toEventType } from '../../../webhooks/event-types/schemas'
import { ownType } from '../../../webhooks/event-types/store'

export const defineEventType = creation({
  call: 'POST /api/event-types',
  may: 'write',
  act: 'event_type.created',
  summary: 'Define an event type',
  description: 'From then on, `POST /api/messages` rejects events of this type whose `data` does not match the schema.',
  refusals: [409, 410],
  noTool: 'setup',
  takes: eventTypeIn,
  gives: { 201: json(eventTypeOut, 'The new event type.') },
  once: 'event-types',
  plan: async ({ env, now }, input) => {
    const { row, statement } = planType(env, input, now)
    return {
      result: row,
      statements: [statement],
      erasedWith: row.name,
      write: (batch) => refuseIfTaken(row.name, batch),
    }
  },
  show: (row) => toEventType(ownType(row), true),
  subject: ({ name }) => name,
  form: {
    maxBytes: MAX_LONG_FORM_BYTES,
    at: '/event-types',
    read: (form) => {
      const fields = readTypeFields(form)
      return { name: fields.name, ...readType(fields) }
    },
    next: () => '/admin/event-types?done=defined',
    refused: showTypesAgain,
  },
})
