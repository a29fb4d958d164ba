import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi'
import type { Hono } from 'hono'
import * as z from 'zod'
import { scopesFor } from '../../../src/access/scopes'
import type { HonoEnv } from '../../../src/env'
import { WEBMENTION_PATH } from '../../../src/guestbook/books/book'
import { EDITABLE } from '../../../src/guestbook/signing/guest'
import type { Scope } from '../../../src/kit/actor'
import { jsonRequest, problems } from '../../../src/kit/http/openapi'
import { routesOf } from '../../../src/kit/http/router'
import { EVENT_TYPES, type EventType } from '../../../src/webhooks/rules/events/catalogue'
import { withEventTexts } from './event-texts'
import { withFieldTexts } from './field-texts'

/**
 * Builds the OpenAPI document from the routes, and adds what the routes cannot describe: authentication, source URLs,
 * webmentions and webhooks. `npm run openapi` writes the document to public/openapi.json, so that serving it takes no
 * CPU time.
 */
export function describeApi(app: Hono<HonoEnv>) {
  const registry = new OpenAPIRegistry()
  for (const route of routesOf(app)) registry.registerPath(route)
  registerToken(
    registry,
    'owner',
    'The ADMIN_TOKEN of this deployment, or an API key with the scope that the call needs. After ten requests with a wrong token within a minute, further requests with a wrong token get 429.'
  )
  registerToken(registry, 'author', `The \`edit_token\` of one entry. It works for ${EDITABLE}.`)
  registerToken(
    registry,
    'pullToken',
    'The pull token of one endpoint. It gives access to the messages of that endpoint only.'
  )
  registerSourceUrl(registry)
  registerWebmention(registry)
  for (const type of EVENT_TYPES) registerWebhook(registry, type)
  const document = withScopes(
    new OpenApiGeneratorV31(registry.definitions).generateDocument({
      openapi: '3.1.0',
      info: {
        title: 'Guesthook',
        version: '0.1.0',
        description:
          'A retro guestbook with signed webhooks. Errors are RFC 9457 problem details. Lists use cursor pagination.',
        license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
      },
      servers: [{ url: '/' }],
    })
  )
  return withEventTexts(withFieldTexts(withBodyRefusals(app, document)))
}

type Document = ReturnType<OpenApiGeneratorV31['generateDocument']>

/** Adds to each call of the owner which scopes an API key needs, and the response if it has none of them. */
function withScopes(document: Document): Document {
  for (const [path, calls] of Object.entries(document.paths ?? {})) {
    for (const [method, call] of Object.entries(calls)) {
      if (!call.security?.some((scheme: object) => 'owner' in scheme)) continue
      const words = explainScopes(scopesFor(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1')))
      call.description = withWords(call.description ?? '', words)
      // The 401 has the same body, with a reference to its schema.
      call.responses = { 403: { ...call.responses['401'], description: FORBIDDEN }, ...call.responses }
    }
  }
  return document
}

/** Adds the refusals of `jsonBody` to each call whose body it reads, even if the call takes nothing. */
function withBodyRefusals(app: Hono<HonoEnv>, document: Document): Document {
  const readers = app.routes.filter(({ handler }) => handler.name === 'jsonBody').map(({ path }) => toPattern(path))
  for (const [path, calls] of Object.entries(document.paths ?? {})) {
    if (!readers.some((pattern) => pattern.test(path))) continue
    for (const [method, call] of Object.entries(calls))
      if (['post', 'put', 'patch'].includes(method)) call.responses = { ...refusalsLike(call), ...call.responses }
  }
  return document
}

const toPattern = (path: string): RegExp => new RegExp(`^${path.replace(/\/\*$/, '(/.*)?').replace(/:\w+/g, '[^/]+')}$`)

/** The 401 has the same body, with a reference to its schema. */
const refusalsLike = ({ responses }: { responses: Record<string, object> }) =>
  Object.fromEntries(
    Object.entries(problems([400, 413, 415])).map(([status, { description }]) => [
      status,
      { ...responses['401'], description },
    ])
  )

/** Adds the scopes at the end, or before the sentence about a scope that the call also needs in some cases. */
function withWords(description: string, words: string): string {
  const [, start = '', also = ''] = /^(.*?)((?:[^.]* )?[Aa]n API key also needs .*)?$/s.exec(description) ?? []
  const more = also.trim().replace(/^An API key also/, 'It also')
  return [start.trim(), words, more].filter(Boolean).join(' ')
}

const FORBIDDEN = 'The API key does not have the scope that this call needs.'

function explainScopes(scopes: readonly Scope[]): string {
  if (scopes.length === 0) return 'Only ADMIN_TOKEN can make this call, not an API key.'
  return `An API key needs the scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.`
}

function registerSourceUrl(registry: OpenAPIRegistry): void {
  registry.registerPath({
    method: 'post',
    path: '/in/{token}',
    tags: ['Sources'],
    summary: 'Send a webhook to a source',
    description: 'Any method is accepted. The request is verified and processed after the response.',
    request: { params: z.object({ token: z.string() }) },
    responses: {
      202: { description: 'Stored: `{id}`.' },
      200: { description: 'Already received: `{id, repeat: true}`. Handshakes are also answered with this status.' },
      401: { description: 'The signature does not match. Only strict sources check the signature immediately.' },
      404: { description: 'No source has this URL.' },
      413: { description: 'The body is larger than 8 MiB (4 MiB on the Free plan).' },
      429: { description: 'The source has used up its daily quota (`daily_quota`), or too many requests arrive.' },
      503: { description: 'The database is almost full (`storage_full`), or does not respond.' },
      508: { description: 'The event has already passed through three guestbooks.' },
    },
  })
}

function registerWebmention(registry: OpenAPIRegistry): void {
  const form = z.object({
    source: z.string().meta({
      example: 'https://example.com/post',
      description: 'The page on another site that links to the target.',
    }),
    target: z.string().meta({
      example: 'https://guestbook.example.com/',
      description: 'The page of a book, or the permalink of a published entry.',
    }),
  })
  registry.registerPath({
    method: 'post',
    path: WEBMENTION_PATH,
    tags: ['Entries'],
    summary: 'Announce that a page mentions a book',
    description:
      'Receives a webmention (https://www.w3.org/TR/webmention/). The source page is fetched after the response, at most once an hour. The page becomes an entry if it links to the target.',
    request: { body: { required: true, content: { 'application/x-www-form-urlencoded': { schema: form } } } },
    responses: {
      202: { description: 'Accepted. The page will be checked.' },
      ...problems([400, 403, 413, 415, 422, 429, 503]),
    },
  })
}

function registerToken(registry: OpenAPIRegistry, name: string, description: string): void {
  registry.registerComponent('securitySchemes', name, { type: 'http', scheme: 'bearer', description })
}

function registerWebhook(registry: OpenAPIRegistry, type: EventType): void {
  registry.registerWebhook({
    method: 'post',
    path: type.name,
    operationId: type.name.replace('.', '_'),
    tags: ['Webhooks'],
    summary: type.description,
    request: { headers: HEADERS, body: jsonRequest(payloadSchema(type)) },
    responses: {
      '2XX': { description: 'Received. No other status counts as success.' },
      410: { description: 'The receiver wants no more events: the endpoint is disabled.' },
      429: { description: 'The receiver asks for a pause: the delivery is retried after the time in Retry-After.' },
      default: { description: 'The attempt failed. The delivery is retried for three days.' },
    },
  })
}

/** The headers that receivers use for verification: https://www.standardwebhooks.com/ */
const HEADERS = z.object({
  'webhook-id': z.string().describe('The message ID, which is the same on every attempt.'),
  'webhook-timestamp': z.string().describe('The time of this attempt, in seconds since the epoch.'),
  'webhook-signature': z
    .string()
    .describe('`v1,<base64>` for each valid secret, then `v1a,<base64>` for each public key, separated by spaces.'),
  'guesthook-hops': z.string().describe('How many guestbooks the event has already passed through.'),
})

function payloadSchema({ name, schema, example }: EventType) {
  return {
    type: 'object' as const,
    required: ['id', 'type', 'timestamp', 'data'],
    properties: {
      id: { type: 'string' as const },
      type: { const: name },
      timestamp: { type: 'string' as const, format: 'date-time' },
      // A copy in which no two fields are one object, because each gets a text of its own.
      data: JSON.parse(JSON.stringify(schema)),
    },
    example: { id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0A', type: name, timestamp: '2026-11-24T10:00:00.000Z', data: example },
  }
}
