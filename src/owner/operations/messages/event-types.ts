import { recognizeOwner } from '../../../access/owner-auth'
import { OWNER } from '../../../kit/http/openapi'
import { action, creation, doc, documented, json } from '../../../kit/operation'
import { changeType, planType, refuseIfTaken, removeType, requireOwnType } from '../../../webhooks/event-types/manage'
import { readType, readTypeFields, showTypeAgain, showTypesAgain } from '../../../webhooks/event-types/pages'
import { eventTypeChange, eventTypeIn, eventTypeOut, toEventType } from '../../../webhooks/event-types/schemas'
import { listOwnTypes, ownType } from '../../../webhooks/event-types/store'
import { EVENT_TYPES } from '../../../webhooks/rules/events/catalogue'
import * as z from '../../../zod'

const listEventTypesOut = documented(null, () => z.object({ data: z.array(eventTypeOut) }))

export const listEventTypes = action({
  call: 'GET /api/event-types',
  guard: recognizeOwner,
  security: [{}, ...OWNER],
  ...doc({
    summary: 'List event types',
    description:
      'Lists the built-in event types. With the owner’s token, also lists the types that the owner has defined.',
    noTool: 'rare',
  }),
  gives: { 200: json(listEventTypesOut, doc('The event types.')) },
  run: async ({ env, actor }) => (actor ? listOwnTypes(env) : []),
  show: (own) => ({
    data: [
      ...EVENT_TYPES.map((type) => toEventType(type, false)),
      ...own.map((row) => toEventType(ownType(row), true)),
    ],
  }),
})

export const defineEventType = creation({
  call: 'POST /api/event-types',
  act: 'event_type.created',
  ...doc({
    summary: 'Define an event type',
    description: 'From then on, `POST /api/messages` rejects data of this type that does not match the schema.',
    refusals: [409, 410],
    noTool: 'setup',
  }),
  takes: eventTypeIn,
  gives: { 201: json(eventTypeOut, doc('The new event type.')) },
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
    at: '/event-types',
    read: (form) => {
      const fields = readTypeFields(form)
      return { name: fields.name, ...readType(fields) }
    },
    next: () => '/admin/event-types?done=defined',
    refused: showTypesAgain,
  },
})

export const getEventType = action({
  call: 'GET /api/event-types/{name}',
  ...doc({ summary: 'Get an event type that you defined', noTool: 'rare' }),
  gives: { 200: json(eventTypeOut, doc('The event type.')) },
  run: ({ env, params }) => requireOwnType(env, params.name),
  show: (row) => toEventType(ownType(row), true),
})

export const changeEventType = action({
  call: 'PATCH /api/event-types/{name}',
  act: 'event_type.updated',
  ...doc({
    summary: 'Change an event type that you defined',
    description: 'Messages that have already been published do not change.',
    noTool: 'setup',
  }),
  takes: eventTypeChange,
  gives: { 200: json(eventTypeOut, doc('The updated event type.')) },
  run: ({ env, now, params }, change) => changeType(env, params.name, change, now),
  show: (row) => toEventType(ownType(row), true),
  form: {
    at: '/event-types/:name',
    read: (form) => readType(readTypeFields(form)),
    next: () => '/admin/event-types?done=saved',
    refused: showTypeAgain,
  },
})

export const deleteEventType = action({
  call: 'DELETE /api/event-types/{name}',
  act: 'event_type.deleted',
  ...doc({ summary: 'Delete an event type that you defined', noTool: 'setup' }),
  gives: { 204: { description: doc('Deleted. Messages of this type may now contain any data.') } },
  run: ({ env, params }) => removeType(env, params.name),
  form: { at: '/event-types/:name/delete', next: () => '/admin/event-types?done=deleted' },
})
