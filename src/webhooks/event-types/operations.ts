import { recognizeOwner } from '../../access/owner-auth'
import { MAX_LONG_FORM_BYTES } from '../../kit/http/form'
import { OWNER } from '../../kit/http/openapi'
import { requireSame } from '../../kit/http/seen-form'
import { isChanged } from '../../kit/lib/changed'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, creation, json, listOf } from '../../kit/operation'
import { EVENT_TYPES } from '../rules/events/catalogue'
import { changeType, planType, refuseTakenEventType, removeType, requireOwnType } from './manage'
import { eventTypeFieldsOf, readType, readTypeFields, showTypeAgain, showTypesAgain } from './pages'
import { eventTypeChange, eventTypeIn, eventTypeOut, toEventType } from './schemas'
import { listOwnTypes, ownType } from './store'

/* The operations on event types. */

export const listEventTypes = action({
  call: 'GET /api/event-types',
  may: 'read',
  guard: recognizeOwner,
  security: [{}, ...OWNER],
  summary: 'List event types',
  description:
    'Lists the built-in event types. With the owner’s token, also lists the types that the owner has defined.',
  gives: { 200: json(listOf(eventTypeOut), 'The event types.') },
  run: async ({ env, actor }) => (actor ? listOwnTypes(env) : []),
  show: (own) => ({
    data: [
      ...EVENT_TYPES.map((type) => toEventType(type, false)),
      ...own.map((row) => toEventType(ownType(row), true)),
    ],
  }),
})

export const getEventType = action({
  call: 'GET /api/event-types/{name}',
  may: 'read',
  summary: 'Get an event type that you defined',
  gives: { 200: json(eventTypeOut, 'The event type.') },
  run: ({ env, params }) => requireOwnType(env, params.name),
  show: (row) => toEventType(ownType(row), true),
})

export const defineEventType = creation({
  call: 'POST /api/event-types',
  may: 'write',
  act: 'event_type.created',
  summary: 'Define an event type',
  description: 'From then on, `POST /api/messages` rejects events of this type whose `data` does not match the schema.',
  refusals: [409, 410],
  takes: eventTypeIn,
  gives: { 201: json(eventTypeOut, 'The new event type.') },
  once: 'event-types',
  plan: async ({ env, now }, input) => {
    const { row, statement } = planType(env, input, now)
    return {
      result: row,
      statements: [statement],
      erasedWith: row.name,
      write: (batch) => refuseTakenEventType(row.name, batch),
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
    next: () => `${DASHBOARD.eventTypes}?done=defined`,
    refused: showTypesAgain,
  },
})

export const changeEventType = action({
  call: 'PATCH /api/event-types/{name}',
  may: 'write',
  act: 'event_type.updated',
  summary: 'Change an event type that you defined',
  description: 'Messages that have already been published do not change.',
  refusals: [409],
  takes: eventTypeChange,
  gives: { 200: json(eventTypeOut, 'The updated event type.') },
  run: ({ env, now, params }, change) => changeType(env, params.name, change, now),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }) => toEventType(ownType(row), true),
  form: {
    maxBytes: MAX_LONG_FORM_BYTES,
    at: '/event-types/:name',
    read: (form) => readType(readTypeFields(form)),
    check: async ({ env, params }, form) =>
      requireSame(eventTypeFieldsOf(await requireOwnType(env, params.name)), form),
    next: () => `${DASHBOARD.eventTypes}?done=saved`,
    refused: showTypeAgain,
  },
})

export const deleteEventType = action({
  call: 'DELETE /api/event-types/{name}',
  may: 'write',
  act: 'event_type.deleted',
  summary: 'Delete an event type that you defined',
  gives: { 204: { description: 'Deleted. Messages of this type may now contain any data.' } },
  run: ({ env, params }) => removeType(env, params.name),
  form: { at: '/event-types/:name/delete', next: () => `${DASHBOARD.eventTypes}?done=deleted` },
})
