import { createRoute, z } from '@hono/zod-openapi'
import { doc } from '#doc'
import { isOwner } from '../access/owner-auth'
import { EVENT_TYPES } from '../core/events/catalogue'
import { acceptOnce, firstAnswerOr } from '../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { changeType, planType, refuseIfTaken, removeType, requireOwnType } from './manage'
import { eventTypeChange, eventTypeIn, eventTypeOut, toEventType } from './schemas'
import { listOwnTypes, ownType } from './store'

const params = z.object({ name: z.string().max(200) })
const base = { tags: ['Event types'], security: OWNER }

/** `/api/event-types`: built-in types for anyone, and the owner's own types for the owner. app.tsx checks access. */
export const eventTypesApi = apiRouter()

eventTypesApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    tags: ['Event types'],
    summary: doc('List event types'),
    description: doc(
      'Lists the built-in event types. With the owner’s token, also lists the types that the owner has defined.'
    ),
    security: [{}, ...OWNER],
    responses: { 200: json(z.object({ data: z.array(eventTypeOut) }), doc('The event types.')), ...problems(401) },
  }),
  async (c) => {
    const own = (await isOwner(c)) ? (await listOwnTypes(c.env)).map(ownType) : []
    const data = [...EVENT_TYPES.map((type) => toEventType(type, false)), ...own.map((type) => toEventType(type, true))]
    return c.json({ data }, 200)
  }
)

eventTypesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: doc('Define an event type'),
    description: doc('From then on, `POST /api/messages` rejects data of this type that does not match the schema.'),
    request: { headers: idempotencyKey, body: jsonRequest(eventTypeIn) },
    responses: { 201: json(eventTypeOut, doc('The new event type.')), ...problems(400, 401, 409, 410, 422) },
  }),
  async (c) => {
    const now = Date.now()
    return firstAnswerOr(c, 'event-types', async () => {
      const { row, statement } = planType(c.env, c.req.valid('json'), now)
      const body = toEventType(ownType(row), true)
      const acceptance = { status: 201 as const, body, subject: row.name, statements: [statement] }
      return (await refuseIfTaken(row.name, () => acceptOnce(c, 'event-types', acceptance, now))).response
    })
  }
)

eventTypesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{name}',
    summary: doc('Get an event type that you defined'),
    request: { params },
    responses: { 200: json(eventTypeOut, doc('The event type.')), ...problems(401, 404) },
  }),
  async (c) => {
    const row = await requireOwnType(c.env, c.req.valid('param').name)
    return c.json(toEventType(ownType(row), true), 200)
  }
)

eventTypesApi.openapi(
  createRoute({
    ...base,
    method: 'patch',
    path: '/{name}',
    summary: doc('Change an event type that you defined'),
    description: doc('Messages that have already been published do not change.'),
    request: { params, body: jsonRequest(eventTypeChange) },
    responses: { 200: json(eventTypeOut, doc('The updated event type.')), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const row = await changeType(c.env, c.req.valid('param').name, c.req.valid('json'), Date.now())
    return c.json(toEventType(ownType(row), true), 200)
  }
)

eventTypesApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{name}',
    summary: doc('Delete an event type that you defined'),
    request: { params },
    responses: {
      204: { description: doc('Deleted. Messages of this type may now contain any data.') },
      ...problems(401, 404),
    },
  }),
  async (c) => {
    await removeType(c.env, c.req.valid('param').name)
    return c.body(null, 204)
  }
)
