import { createRoute, z } from '@hono/zod-openapi'
import { described, doc } from '#doc'
import { FULL_SIGHT, grantOf, sightOf } from '../access/rights'
import { formerUntil, MAX_FORMER } from '../core/signing/rotation'
import { findType } from '../event-types/manage'
import { acceptOnce, firstAnswerOr } from '../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { requestOrigin } from '../http/origin'
import { iso, listQuery, pageOf, readCursor } from '../http/pagination'
import { invalid } from '../http/problem'
import { planEndpoint, revealSecrets, rotateSecret } from './manage'
import { endpointIn, endpointOut, newEndpointOut, rotation, secretOut, toEndpoint } from './schemas'
import { STATES, searchEndpoints } from './search'
import type { SigningSecrets } from './secrets'
import { previewEvent } from './texts/preview'
import { previewOut, previewRequest } from './texts/schemas'

const params = z.object({ id: z.string().max(100) })
const endpointQuery = listQuery.extend({
  state: z
    .enum(STATES)
    .optional()
    .openapi(described('`attention`: it fails, was disabled because it failed, or waits for approval.')),
  q: z
    .string()
    .max(255)
    .optional()
    .openapi(
      described(
        'Text to find in the id, the URL and the description. Without the scope `secrets`, only in the host of the URL.'
      )
    ),
})
const base = { tags: ['Endpoints'], security: OWNER }

/** `/api/endpoints`, for the owner. Routes for one endpoint and its deliveries are in outbound/endpoint/api.ts. */
export const endpointsApi = apiRouter()

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: doc('Register an endpoint'),
    request: { headers: idempotencyKey, body: jsonRequest(endpointIn) },
    responses: {
      201: json(newEndpointOut, doc('The endpoint and its signing secret.')),
      ...problems(400, 401, 409, 410, 422),
    },
  }),
  async (c) => {
    const now = Date.now()
    return firstAnswerOr(c, 'endpoints', async () => {
      const input = c.req.valid('json')
      const { row, secret, statements } = await planEndpoint(c.env, input, requestOrigin(c), now, grantOf(c))
      const acceptance = {
        status: 201 as const,
        body: { ...toEndpoint(row, FULL_SIGHT), secret },
        subject: row.id,
        statements,
      }
      return (await acceptOnce(c, 'endpoints', acceptance, now)).response
    })
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: doc('List endpoints, newest first'),
    description: doc(
      'A request with a filter searches at most 500 endpoints, so a page may be empty and still have a `next` cursor.'
    ),
    request: { query: endpointQuery },
    responses: {
      200: json(pageOf(endpointOut, 'EndpointPage'), doc('A page of endpoints.')),
      ...problems(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query')
    const sight = sightOf(c)
    const { data, next } = await searchEndpoints(c.env, filter, sight, readCursor('ep', cursor), limit)
    return c.json({ data: data.map((row) => toEndpoint(row, sight)), next }, 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/secret',
    summary: doc('Get the signing secret'),
    request: { params },
    responses: { 200: json(secretOut, doc('The current secret.')), ...problems(401, 404, 503) },
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
    summary: doc('Rotate the signing secret'),
    description: doc(
      `Requests are signed with both secrets until the old one expires. Up to ${MAX_FORMER} old secrets may be valid; another rotation is refused with 409, unless \`grace_seconds\` is 0.`
    ),
    request: { params, body: jsonRequest(rotation, false) },
    responses: { 200: json(secretOut, doc('The new secret.')), ...problems(400, 401, 404, 409, 422, 503) },
  }),
  async (c) => {
    const now = Date.now()
    const request = rotation.parse(c.req.valid('json') ?? {})
    const secrets = await rotateSecret(c.env, c.req.valid('param').id, request, now)
    return c.json(toSecret(secrets, now), 200)
  }
)

endpointsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/preview',
    summary: doc('Preview a message'),
    description: doc(
      'Shows whether an endpoint with these settings would get an event, and what it would get. Nothing is stored or sent.'
    ),
    request: { body: jsonRequest(previewRequest) },
    responses: { 200: json(previewOut, doc('What the endpoint would get.')), ...problems(400, 401, 422) },
  }),
  async (c) => {
    const { type, data, ...draft } = c.req.valid('json')
    const known = await findType(c.env, type)
    if (!known && data === undefined)
      throw invalid([{ path: 'type', message: `There is no event type "${type}". Pass \`data\`, or define the type.` }])
    const example = data === undefined ? known?.example : data
    return c.json(previewEvent(c.env, draft, { name: type, example }, Date.now()), 200)
  }
)

function toSecret(secrets: SigningSecrets, now: number) {
  return { secret: secrets.current, previous_secret_expires_at: iso(formerUntil(secrets, now)) }
}
