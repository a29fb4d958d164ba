import { createRoute, z } from '@hono/zod-openapi'
import { DELIVERY_STATUSES } from '../../core/delivering/delivery-state'
import { requireEndpoint } from '../../endpoints/manage'
import { endpointChange, endpointOut, toEndpoint } from '../../endpoints/schemas'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { publicOrigin } from '../../http/origin'
import { listQuery, pageOf, readCursor } from '../../http/pagination'
import { countParked, listDeliveries } from '../messages/queries'
import { attemptOut, deliveryOut, testRequest, toAttempt, toDelivery } from '../messages/schemas'
import { jobOut, toJob } from '../replay/schemas'
import { shakeHands } from './cloudevents-handshake'
import { alterEndpoint, removeEndpoint, startEndpoint, stopEndpoint } from './lifecycle'
import { handshakeOut, toHandshake } from './schemas'
import { sendTest } from './send-test'

const params = z.object({ id: z.string().max(100) })
/** A field that is ignored would look as if it did something. */
const noFields = z.strictObject({}).openapi('NoFields')
const enabling = z.strictObject({ replay_missing: z.boolean().default(false) }).openapi('Enabling')
const watchedEndpoint = endpointOut
  .extend({
    parked: z
      .object({
        count: z.int(),
        counted_all: z.boolean().openapi({ description: 'False: there are more than 1,000.' }),
      })
      .openapi({
        description: 'Deliveries that wait behind the breaker, or for the endpoint to be enabled.',
      }),
  })
  .openapi('WatchedEndpoint')
const base = { tags: ['Endpoints'], security: OWNER }

/** `/api/endpoints/{id}/...`: what starts, stops and shows an endpoint's deliveries. */
export const endpointDeliveriesApi = apiRouter()

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: 'Get an endpoint',
    request: { params },
    responses: {
      200: json(watchedEndpoint, 'The endpoint, and what waits for it.'),
      ...problems(401, 404),
    },
  }),
  async (c) => {
    const endpoint = await requireEndpoint(c.env, c.req.valid('param').id)
    const { count, counted_all: countedAll } = await countParked(c.env, endpoint.id)
    return c.json({ ...toEndpoint(endpoint), parked: { count, counted_all: countedAll } }, 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'patch',
    path: '/{id}',
    summary: 'Change an endpoint',
    description: 'With a new URL it begins anew: what waited for it goes there at once.',
    request: { params, body: jsonRequest(endpointChange) },
    responses: { 200: json(endpointOut, 'As it is now.'), ...problems(400, 401, 404, 409, 422) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    return c.json(toEndpoint(await alterEndpoint(c, id, c.req.valid('json'), Date.now())), 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/enable',
    summary: 'Enable an endpoint',
    description:
      'Deliveries that were parked are sent, oldest first. With `replay_missing` so is what happened while it was disabled; ' +
      'how many that would be, a `replay` with `dry_run`, `only` = `missing` and `since` = `disabled_at` tells before.',
    request: { params, body: jsonRequest(enabling, false) },
    responses: {
      200: json(
        endpointOut.extend({ job: z.union([jobOut, z.null()]) }).openapi('EnabledEndpoint'),
        'As it is now, and the job that replays what was missed.'
      ),
      ...problems(400, 401, 404, 409, 422),
    },
  }),
  async (c) => {
    const { replay_missing: replayMissing } = enabling.parse(c.req.valid('json') ?? {})
    const { id } = c.req.valid('param')
    const { row, job } = await startEndpoint(c, id, replayMissing, Date.now())
    return c.json({ ...toEndpoint(row), job: job && toJob(job) }, 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/disable',
    summary: 'Disable an endpoint',
    request: { params, body: jsonRequest(noFields, false) },
    responses: { 200: json(endpointOut, 'As it is now.'), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const row = await stopEndpoint(c.env, c.req.valid('param').id, Date.now())
    return c.json(toEndpoint(row), 200)
  }
)

endpointDeliveriesApi.openapi(
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

endpointDeliveriesApi.openapi(
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
    return c.json({ message_id: test.message_id, ...toAttempt(test.attempt) }, 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/handshake',
    summary: 'Ask the receiver whether it wants to be called',
    description:
      'The validation handshake of CloudEvents: an OPTIONS request with `WebHook-Request-Origin`, which a receiver that agrees answers with ' +
      '`WebHook-Allowed-Origin`. Only done when it is asked for. A `WebHook-Allowed-Rate` below the `rate_limit` of the endpoint becomes that, and paces what waited or is sent again; what is new goes at once.',
    request: { params, body: jsonRequest(noFields, false) },
    responses: {
      200: json(handshakeOut, 'What the receiver said.'),
      ...problems(400, 401, 404, 422, 429),
    },
  }),
  async (c) => {
    const endpoint = await requireEndpoint(c.env, c.req.valid('param').id)
    const handshake = await shakeHands(c.env, endpoint, publicOrigin(c), Date.now())
    return c.json(toHandshake(handshake), 200)
  }
)

endpointDeliveriesApi.openapi(
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
