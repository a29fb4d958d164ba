import { createRoute, z } from '@hono/zod-openapi'
import { described, doc } from '#doc'
import { requireAlso, sightOf } from '../../access/rights'
import { requireEndpoint } from '../../endpoints/manage'
import { endpointChange, endpointOut, toEndpoint } from '../../endpoints/schemas'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { publicOrigin } from '../../http/origin'
import { pageOf, readCursor } from '../../http/pagination'
import { listDeliveries } from '../messages/list-deliveries'
import { countParked } from '../messages/queries'
import {
  attemptOut,
  deliveryOut,
  deliveryQuery,
  testRequest,
  timesOf,
  toAttempt,
  toDelivery,
} from '../messages/schemas'
import { jobOut, toJob } from '../replay/schemas'
import { shakeHands } from './cloudevents-handshake'
import { alterEndpoint, removeEndpoint, startEndpoint, stopEndpoint } from './lifecycle'
import { sendTest } from './send-test'

const params = z.object({ id: z.string().max(100) })
/** Rejects any field, because an ignored field would appear to have an effect. */
const noFields = z.strictObject({}).openapi('NoFields')
const enabling = z.strictObject({ replay_missing: z.boolean().default(false) }).openapi('Enabling')
const watchedEndpoint = endpointOut
  .extend({
    parked: z
      .object({
        count: z.int(),
        counted_all: z.boolean().openapi(described('False if there are more than 1,000.')),
      })
      .openapi(described('Deliveries that are waiting for the breaker to close or for the endpoint to be enabled.')),
  })
  .openapi('WatchedEndpoint')
const handshakeOut = z
  .object({
    allowed: z.boolean(),
    origin: z.string().openapi(described('The host name for which permission was requested.')),
    allowed_rate: z
      .int()
      .nullable()
      .openapi(described('Requests per minute that the receiver allows; null for no limit.')),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
  })
  .openapi('Handshake')
const base = { tags: ['Endpoints'], security: OWNER }

/** `/api/endpoints/{id}`: one endpoint, its deliveries, and actions on them. For the owner. */
export const endpointDeliveriesApi = apiRouter()

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: doc('Get an endpoint'),
    request: { params },
    responses: { 200: json(watchedEndpoint, doc('The endpoint and its parked deliveries.')), ...problems(401, 404) },
  }),
  async (c) => {
    const endpoint = await requireEndpoint(c.env, c.req.valid('param').id)
    const parked = await countParked(c.env, endpoint.id)
    return c.json({ ...toEndpoint(endpoint, sightOf(c)), parked }, 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'patch',
    path: '/{id}',
    summary: doc('Update an endpoint'),
    description: doc(
      "A new URL clears the endpoint's failures, and parked deliveries are sent to the new URL immediately. Stored headers do not follow a URL that an API key changes: send them again."
    ),
    request: { params, body: jsonRequest(endpointChange) },
    responses: { 200: json(endpointOut, doc('The endpoint.')), ...problems(400, 401, 404, 409, 422, 503) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    return c.json(toEndpoint(await alterEndpoint(c, id, c.req.valid('json'), Date.now()), sightOf(c)), 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/enable',
    summary: doc('Enable an endpoint'),
    description: doc(
      'Sends parked deliveries, oldest first. With `replay_missing`, messages published while the endpoint was disabled are also replayed. ' +
        'To count those messages first, call `replay` with `dry_run`, `only` = `missing` and `since` = `disabled_at`.'
    ),
    request: { params, body: jsonRequest(enabling, false) },
    responses: {
      200: json(
        endpointOut.extend({ job: z.union([jobOut, z.null()]) }).openapi('EnabledEndpoint'),
        doc('The endpoint, and the job that replays missed messages.')
      ),
      ...problems(400, 401, 404, 409, 422),
    },
  }),
  async (c) => {
    const { replay_missing } = enabling.parse(c.req.valid('json') ?? {})
    const { id } = c.req.valid('param')
    if (replay_missing) requireAlso(c, 'read')
    const { row, job } = await startEndpoint(c, id, replay_missing, Date.now())
    return c.json({ ...toEndpoint(row, sightOf(c)), job: job && toJob(job) }, 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/disable',
    summary: doc('Disable an endpoint'),
    request: { params, body: jsonRequest(noFields, false) },
    responses: { 200: json(endpointOut, doc('The endpoint.')), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const row = await stopEndpoint(c.env, c.req.valid('param').id, Date.now())
    return c.json(toEndpoint(row, sightOf(c)), 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{id}',
    summary: doc('Delete an endpoint'),
    request: { params },
    responses: { 204: { description: doc('Deleted. Pending deliveries are canceled.') }, ...problems(401, 404) },
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
    summary: doc('Send a test'),
    description: doc(
      "Sends a signed `ping`, or an event type's example, and waits for the response. A test is logged but never retried."
    ),
    request: { params, body: jsonRequest(testRequest, false) },
    responses: {
      200: json(
        attemptOut.extend({ message_id: z.string() }).openapi('TestResult'),
        doc('The attempt, whether it succeeded or failed.')
      ),
      ...problems(400, 401, 404, 422, 429, 503),
    },
  }),
  async (c) => {
    const { type } = testRequest.parse(c.req.valid('json') ?? {})
    const endpoint = await requireEndpoint(c.env, c.req.valid('param').id)
    const { message_id, attempt } = await sendTest(c.env, endpoint, type)
    return c.json({ message_id, ...toAttempt(attempt) }, 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/handshake',
    summary: doc('Ask the receiver for permission'),
    description: doc(
      'The CloudEvents validation handshake. It sends an OPTIONS request with `WebHook-Request-Origin`; a receiver that agrees returns ' +
        '`WebHook-Allowed-Origin`. The handshake runs only on request. If `WebHook-Allowed-Rate` is below the `rate_limit` of the endpoint, it becomes the new `rate_limit`. ' +
        'That rate applies to parked and replayed deliveries. New messages are sent immediately.'
    ),
    request: { params, body: jsonRequest(noFields, false) },
    responses: { 200: json(handshakeOut, doc("The receiver's response.")), ...problems(400, 401, 404, 422, 429) },
  }),
  async (c) => {
    const endpoint = await requireEndpoint(c.env, c.req.valid('param').id)
    return c.json(await shakeHands(c.env, endpoint, publicOrigin(c), Date.now()), 200)
  }
)

endpointDeliveriesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/deliveries',
    summary: doc('List deliveries, newest first'),
    request: { params, query: deliveryQuery },
    responses: {
      200: json(
        pageOf(deliveryOut, 'DeliveryPage'),
        doc('A page of deliveries. With a filter, the page may be empty even if there is a next page.')
      ),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const { limit, cursor, since, until, ...filter } = c.req.valid('query')
    const { id } = await requireEndpoint(c.env, c.req.valid('param').id)
    const before = readCursor('msg', cursor)
    const { data, next } = await listDeliveries(
      c.env,
      id,
      { ...filter, ...timesOf({ since, until }) },
      { before, limit }
    )
    return c.json({ data: data.map((row) => toDelivery(row, sightOf(c))), next }, 200)
  }
)
