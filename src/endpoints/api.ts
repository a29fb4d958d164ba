import { createRoute, z } from '@hono/zod-openapi'
import { DELIVERY_STATUSES } from '../core/delivery-state'
import { listDeliveries } from '../deliveries/history'
import { attemptOut, deliveryOut, toAttempt, toDelivery } from '../deliveries/schemas'
import { resumeEndpoint } from '../deliveries/sweep'
import { sendTest } from '../deliveries/test-send'
import { acceptOnce } from '../middleware/accept-once'
import { iso, listQuery, pageOf, readCursor, toPage } from '../middleware/listing'
import {
  apiRouter,
  idempotencyKey,
  json,
  jsonRequest,
  OWNER,
  problems,
} from '../middleware/openapi'
import { publicOrigin } from '../middleware/visitor'
import {
  changeEndpoint,
  planEndpoint,
  removeEndpoint,
  requireEndpoint,
  revealSecrets,
  rotateSecret,
} from './manage'
import {
  endpointChange,
  endpointIn,
  endpointOut,
  newEndpointOut,
  rotation,
  secretOut,
  testRequest,
  toEndpoint,
} from './schemas'
import type { SigningSecrets } from './secrets'
import { disableEndpoint, enableEndpoint, listEndpoints } from './store'

const params = z.object({ id: z.string().max(100) })
/** A field that is ignored would look as if it did something. */
const noFields = z.strictObject({}).openapi('NoFields')
const base = { tags: ['Endpoints'], security: OWNER }

/** `/api/endpoints`: the owner's; see `requireOwner` in app.tsx. */
export const endpointsApi = apiRouter()

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: 'Register an endpoint',
    request: { headers: idempotencyKey, body: jsonRequest(endpointIn) },
    responses: {
      201: json(newEndpointOut, 'Registered; the secret is in it.'),
      ...problems(400, 401, 409, 422),
    },
  }),
  async (c) => {
    const now = Date.now()
    const { row, secret, statement } = await planEndpoint(
      c.env,
      c.req.valid('json'),
      publicOrigin(c),
      now
    )
    const body = { ...toEndpoint(row), secret }
    const acceptance = { status: 201 as const, body, statements: [statement] }
    return (await acceptOnce(c, 'endpoints', acceptance, now)).response
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: 'List endpoints, newest first',
    request: { query: listQuery },
    responses: {
      200: json(pageOf(endpointOut, 'EndpointPage'), 'A page.'),
      ...problems(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const rows = await listEndpoints(c.env, readCursor('ep', cursor), limit + 1)
    const { data, next } = toPage(rows, limit, (row) => row.id)
    return c.json({ data: data.map(toEndpoint), next }, 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: 'Get an endpoint',
    request: { params },
    responses: { 200: json(endpointOut, 'The endpoint.'), ...problems(401, 404) },
  }),
  async (c) => c.json(toEndpoint(await requireEndpoint(c.env, c.req.valid('param').id)), 200)
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'patch',
    path: '/{id}',
    summary: 'Change an endpoint',
    request: { params, body: jsonRequest(endpointChange) },
    responses: { 200: json(endpointOut, 'As it is now.'), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const row = await changeEndpoint(c.env, id, c.req.valid('json'), publicOrigin(c), Date.now())
    return c.json(toEndpoint(row), 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{id}',
    summary: 'Delete an endpoint',
    request: { params },
    responses: {
      204: { description: 'Deleted. What still waited is canceled.' },
      ...problems(401, 404),
    },
  }),
  async (c) => {
    await removeEndpoint(c.env, c.req.valid('param').id, Date.now())
    return c.body(null, 204)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/secret',
    summary: 'Show the signing secret',
    request: { params },
    responses: { 200: json(secretOut, 'The current secret.'), ...problems(401, 404) },
  }),
  async (c) => {
    const secrets = await revealSecrets(c.env, c.req.valid('param').id)
    return c.json(toSecret(secrets, Date.now()), 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/secret/rotate',
    summary: 'Rotate the signing secret',
    description: 'Until the old secret expires, every request carries a signature by each.',
    request: { params, body: jsonRequest(rotation, false) },
    responses: { 200: json(secretOut, 'The new secret.'), ...problems(400, 401, 404, 409, 422) },
  }),
  async (c) => {
    const now = Date.now()
    const request = rotation.parse(c.req.valid('json') ?? {})
    const secrets = await rotateSecret(c.env, c.req.valid('param').id, request, now)
    return c.json(toSecret(secrets, now), 200)
  }
)

function toSecret({ current, previousUntil }: SigningSecrets, now: number) {
  const live = previousUntil !== undefined && previousUntil > now
  return { secret: current, previous_secret_expires_at: live ? iso(previousUntil) : null }
}

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/enable',
    summary: 'Enable an endpoint',
    description: 'Deliveries that were parked while it was disabled are sent, oldest first.',
    request: { params, body: jsonRequest(noFields, false) },
    responses: { 200: json(endpointOut, 'As it is now.'), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const now = Date.now()
    await enableEndpoint(c.env, id, now)
    const row = await requireEndpoint(c.env, id)
    if (row.resumeAt !== null) c.executionCtx.waitUntil(resumeEndpoint(c.env, id, now))
    return c.json(toEndpoint(row), 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/disable',
    summary: 'Disable an endpoint',
    request: { params, body: jsonRequest(noFields, false) },
    responses: { 200: json(endpointOut, 'As it is now.'), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    await disableEndpoint(c.env, id, 'manual', Date.now())
    return c.json(toEndpoint(await requireEndpoint(c.env, id)), 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/test',
    summary: 'Send one signed test now',
    description:
      'A `ping`, or the example of an event type. Sent once, never retried, kept in the log.',
    request: { params, body: jsonRequest(testRequest, false) },
    responses: {
      200: json(
        attemptOut.extend({ message_id: z.string() }).openapi('TestResult'),
        'The attempt, whatever came of it.'
      ),
      ...problems(400, 401, 404, 422, 429),
    },
  }),
  async (c) => {
    const { type } = testRequest.parse(c.req.valid('json') ?? {})
    const endpoint = await requireEndpoint(c.env, c.req.valid('param').id)
    const test = await sendTest(c.env, endpoint, type)
    return c.json({ message_id: test.messageId, ...toAttempt(test.attempt) }, 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/deliveries',
    summary: 'List deliveries, newest first',
    request: {
      params,
      query: listQuery.extend({
        status: z.enum(DELIVERY_STATUSES).optional(),
      }),
    },
    responses: {
      200: json(
        pageOf(deliveryOut, 'DeliveryPage'),
        'A page; with a rare status it may be empty and still have a next.'
      ),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const { limit, cursor, status } = c.req.valid('query')
    const { id } = await requireEndpoint(c.env, c.req.valid('param').id)
    const page = await listDeliveries(c.env, id, {
      before: readCursor('msg', cursor),
      status,
      limit,
    })
    return c.json({ data: page.data.map(toDelivery), next: page.next }, 200)
  }
)
