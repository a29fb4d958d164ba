import { FULL_SIGHT, grantOf, sightOf } from '../../../access/rights'
import { SCANNED } from '../../../kit/db/sql/scanned'
import { parseFields } from '../../../kit/http/form'
import {
  action,
  creation,
  described,
  doc,
  documented,
  json,
  listQuery,
  pageOf,
  readCursor,
} from '../../../kit/operation'
import { BY_URL, inputFrom, readEndpointFields } from '../../../webhooks/endpoints/form'
import { STATES, searchEndpoints } from '../../../webhooks/endpoints/list/search'
import { planEndpoint, requireEndpoint } from '../../../webhooks/endpoints/manage'
import { alterEndpoint, removeEndpoint } from '../../../webhooks/endpoints/page/lifecycle'
import { showEditAgain } from '../../../webhooks/endpoints/page/pages'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { showNewAgain } from '../../../webhooks/endpoints/pages'
import { endpointChange, endpointIn, noFields } from '../../../webhooks/endpoints/schemas'
import { openSecrets } from '../../../webhooks/endpoints/secrets'
import { endpointOut, newEndpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import type { EndpointRow } from '../../../webhooks/endpoints/store'
import { MAX_FORM_BYTES } from '../../../webhooks/endpoints/texts/form'
import { readEdit } from '../../../webhooks/registration/edit'
import { showManagedEdit } from '../../../webhooks/registration/show-managed'
import { formatOf } from '../../../webhooks/rules/events/formats'
import { countParked } from '../../../webhooks/send/messages/queries'
import * as z from '../../../zod'

export const createEndpoint = creation({
  call: 'POST /api/endpoints',
  act: 'endpoint.created',
  ...doc({ summary: 'Register an endpoint', refusals: [409, 410], noTool: 'setup' }),
  takes: endpointIn,
  gives: { 201: json(newEndpointOut, doc('The endpoint and its signing secret.')) },
  once: 'endpoints',
  plan: async (asked, input) => {
    const { row, secret, statements } = await planEndpoint(asked.env, input, asked.origin, asked.now, grantOf(asked))
    return { result: { row, secret }, statements, erasedWith: row.id }
  },
  show: ({ row, secret }) => ({ ...toEndpoint(row, FULL_SIGHT), secret }),
  subject: ({ row }) => row.id,
  form: {
    at: '/endpoints',
    maxBytes: MAX_FORM_BYTES,
    read: (form) => inputFrom(readEndpointFields(form)),
    next: ({ row }, { form }) => {
      const isProposed = readEndpointFields(form).format === BY_URL && row.format !== 'standard'
      return `/admin/endpoints/${row.id}?${isProposed ? 'tab=test&done=proposed' : 'tab=secret&done=registered&secret=show'}`
    },
    refused: showNewAgain,
  },
})

const ABOUT_Q = described(
  'Text to find in the id, the URL and the description. Without the scope `secrets`, only the host of the URL is searched, not its path.'
)

const query = listQuery.extend({
  state: z
    .enum(STATES)
    .optional()
    .openapi(described('`attention`: it fails, was disabled because it failed, or waits for approval.')),
  q: z.string().max(255).optional().openapi(ABOUT_Q),
})

export const listEndpoints = action({
  call: 'GET /api/endpoints',
  ...doc(() => ({
    summary: 'List endpoints, newest first',
    description: `A request with a filter searches at most ${SCANNED} endpoints, so a page may be empty and still have a \`next\` cursor.`,
    refusals: [400, 422],
  })),
  query,
  gives: { 200: json(pageOf(endpointOut, 'EndpointPage'), doc('A page of endpoints.')) },
  run: ({ env, query: { limit, cursor, ...filter }, ...caller }) =>
    searchEndpoints(env, filter, sightOf(caller), readCursor('ep', cursor), limit),
  show: ({ data, next }, asked) => ({ data: data.map((row) => toEndpoint(row, sightOf(asked))), next }),
  tool: {
    name: 'list_endpoints',
    ...doc({
      title: 'List endpoints',
      description:
        'Lists the receivers of outgoing webhooks with their health. `state: attention` lists those that fail, that were disabled because they failed, or that wait for approval.',
    }),
    takes: ['state', 'q', 'limit', 'cursor'],
    fromStrangers: true,
    omits: ['headers'],
  },
})

const watchedEndpoint = documented('WatchedEndpoint', () =>
  endpointOut.extend({
    parked: z
      .object({ count: z.int(), counted_all: z.boolean().openapi(described('False if there are more than 1,000.')) })
      .openapi(described('Deliveries that are waiting for the breaker to close or for the endpoint to be enabled.')),
  })
)

export const getEndpoint = action({
  call: 'GET /api/endpoints/{id}',
  ...doc({ summary: 'Get an endpoint', noTool: 'covered' }),
  gives: { 200: json(watchedEndpoint, doc('The endpoint and its waiting deliveries.')) },
  run: async ({ env, params }) => {
    const endpoint = await requireEndpoint(env, params.id)
    return { endpoint, parked: await countParked(env, endpoint.id) }
  },
  show: ({ endpoint, parked }, asked) => ({ ...toEndpoint(endpoint, sightOf(asked)), parked }),
})

export const changeEndpoint = action({
  call: 'PATCH /api/endpoints/{id}',
  act: 'endpoint.updated',
  ...doc({
    summary: 'Change an endpoint',
    description:
      "A new URL clears the endpoint's failures, and waiting deliveries are sent to the new URL immediately. If an API key changes the URL, the stored headers are removed. Send them again with the new URL.",
    refusals: [409, 503],
    noTool: 'setup',
  }),
  takes: endpointChange,
  gives: { 200: json(endpointOut, doc('The endpoint.')) },
  run: (asked, change) => alterEndpoint(asked, asked.params.id, change),
  show: (row, asked) => toEndpoint(row, sightOf(asked)),
  form: {
    at: '/endpoints/:id',
    maxBytes: MAX_FORM_BYTES,
    read: (form) => inputFrom(readEndpointFields(form)),
    next: ({ id }) => `/admin/endpoints/${id}?tab=settings&done=saved`,
    refused: showEditAgain,
  },
  managed: {
    at: '/edit',
    read: readEdit,
    next: (_, { base }) => `${base}?tab=settings&done=saved`,
    refused: showManagedEdit,
  },
})

export const duplicateEndpoint = creation({
  call: 'POST /api/endpoints/{id}/duplicate',
  act: 'endpoint.created',
  ...doc({
    summary: 'Duplicate an endpoint',
    description:
      'Creates an endpoint with the same settings, custom headers included, and a signing secret of its own. It is disabled, so that nothing is sent twice: change it, then enable it.',
    refusals: [409, 410, 503],
  }),
  takes: noFields,
  isOptional: true,
  gives: { 201: json(newEndpointOut, doc('The new endpoint and its signing secret.')) },
  once: 'duplicate',
  plan: async (asked) => {
    const { env, now, origin, params } = asked
    const copied = await requireEndpoint(env, params.id)
    const grant = grantOf(asked)
    const input = { ...(await settingsOf(env, copied)), moderation_links: grant.links && copied.moderation_links === 1 }
    const { row, secret, statements } = await planEndpoint(env, parseFields(endpointIn, input), origin, now, grant)
    return { result: { row, secret }, statements, erasedWith: row.id }
  },
  // Whoever copies an endpoint may not know its URL.
  show: ({ row, secret }, asked) => ({ ...toEndpoint(row, sightOf(asked)), secret }),
  subject: ({ row }) => row.id,
  form: {
    at: '/endpoints/:id/duplicate',
    next: ({ row }) => `/admin/endpoints/${row.id}?tab=settings&done=duplicated`,
    refused: showEndpointAgain,
  },
  tool: {
    name: 'duplicate_endpoint',
    ...doc({
      title: 'Duplicate an endpoint',
      description:
        'Creates a disabled endpoint with the settings of another one. The owner then changes and enables the copy.',
    }),
    takes: ['id'],
    explains: doc({ id: 'The ID of the endpoint, such as `ep_...`.' }),
    fromStrangers: true,
    omits: ['headers', 'secret'],
  },
})

async function settingsOf(env: Env, row: EndpointRow) {
  const { headers = {} } = await openSecrets(env, row.id, row.secrets)
  const { url, description, event_types, books, format, legacy_signature, ...shown } = toEndpoint(row, FULL_SIGHT)
  const { rate_limit, min_interval_minutes, digest, digest_hour, when } = shown
  // A format that has changed may keep texts that it does not use.
  const texts = formatOf(format).hasNoOwnText ? {} : shown.texts
  const pace = { rate_limit, min_interval_minutes, digest, ...(digest_hour !== null && { digest_hour }) }
  const asked = { url, description, event_types, books, format, legacy_signature, headers, when, texts }
  return { ...asked, ...pace, enabled: false }
}

export const deleteEndpoint = action({
  call: 'DELETE /api/endpoints/{id}',
  act: 'endpoint.deleted',
  ...doc({ summary: 'Delete an endpoint', noTool: 'setup' }),
  gives: { 204: { description: doc('Deleted. Pending deliveries are canceled.') } },
  run: ({ env, now, params }) => removeEndpoint(env, params.id, now),
  form: { at: '/endpoints/:id/delete', next: () => '/admin/endpoints?done=deleted' },
  managed: { at: '/delete', next: () => '/webhooks/deleted' },
})
