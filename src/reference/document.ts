import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { EVENT_TYPES, type EventType } from '../core/events/catalogue'
import type { HonoEnv } from '../env'

/**
 * The OpenAPI document of the API: its routes, and what they cannot say themselves, how the owner is known and what we send to receivers. It is written when
 * the project is built (`npm run openapi`), served as a file, and costs no request anything.
 */
export function describeApi(app: OpenAPIHono<HonoEnv>) {
  app.openAPIRegistry.registerComponent('securitySchemes', 'owner', {
    type: 'http',
    scheme: 'bearer',
    description: 'The ADMIN_TOKEN of the deployment.',
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'pullToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of one endpoint, to pull its messages with.',
  })
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/in/{token}',
    tags: ['Sources'],
    summary: 'Post a webhook to a source; any method will do',
    request: { params: z.object({ token: z.string() }) },
    responses: {
      202: { description: 'Stored: `{id}`. What comes of it is seen later.' },
      200: {
        description: 'It was here before: `{id, repeat: true}`. Or the answer to a handshake.',
      },
      401: { description: 'The signature does not match, where the source is strict.' },
      404: { description: 'Nobody has this address.' },
      413: { description: 'More than 8 MB.' },
    },
  })
  for (const type of EVENT_TYPES) registerWebhook(app, type)
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Guesthook',
      version: '0.1.0',
      description:
        'A retro guestbook with signed webhooks. Errors are RFC 9457 problem details; lists go by cursor.',
      license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
    },
    servers: [{ url: '/' }],
  })
}

function registerWebhook(app: OpenAPIHono<HonoEnv>, type: EventType): void {
  app.openAPIRegistry.registerWebhook({
    method: 'post',
    path: type.name,
    operationId: type.name.replace('.', '_'),
    tags: ['Webhooks'],
    summary: type.description,
    request: {
      headers: HEADERS,
      body: { required: true, content: { 'application/json': { schema: payloadSchema(type) } } },
    },
    responses: {
      '2XX': { description: 'Received. Only this counts as success.' },
      410: { description: 'No longer wanted: the endpoint is disabled.' },
      429: { description: 'Too much: Retry-After is honoured.' },
      default: { description: 'Anything else is retried over three days.' },
    },
  })
}

/** Standard Webhooks: what a receiver verifies with. */
const HEADERS = z.object({
  'webhook-id': z.string().openapi({ description: 'The message; the same on every attempt.' }),
  'webhook-timestamp': z
    .string()
    .openapi({ description: 'Seconds since the epoch, of this attempt.' }),
  'webhook-signature': z.string().openapi({
    description:
      '`v1,<base64>` for each valid secret, then `v1a,<base64>` for each public key, separated by spaces.',
  }),
})

function payloadSchema({ name, schema, example }: EventType) {
  return {
    type: 'object' as const,
    required: ['id', 'type', 'timestamp', 'data'],
    properties: {
      id: { type: 'string' as const },
      type: { const: name },
      timestamp: { type: 'string' as const, format: 'date-time' },
      data: schema,
    },
    example: {
      id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A',
      type: name,
      timestamp: '2026-11-24T10:00:00.000Z',
      data: example,
    },
  }
}
