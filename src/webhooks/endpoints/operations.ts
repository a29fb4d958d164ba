import * as z from 'zod'
import { FULL_SIGHT, grantOf, sightOf } from '../../access/rights'
import { SCANNED } from '../../kit/db/scanned'
import { MAX_LONG_FORM_BYTES, parseFields } from '../../kit/http/form'
import { invalidField } from '../../kit/http/problem'
import { requireSame } from '../../kit/http/seen-form'
import { isChanged } from '../../kit/lib/changed'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, creation, json, listQuery, pageOf, readCursor } from '../../kit/operation'
import { findType } from '../event-types/manage'
import { readEdit, rulesOfUrl } from '../registration/edit'
import { showManagedEdit } from '../registration/show-managed'
import { exampleAt } from '../rules/events/catalogue'
import { formatOf } from '../rules/events/formats'
import { countParked } from '../send/messages/queries'
import { endpointOut, newEndpointOut, toEndpoint } from './api-output'
import { ENDPOINT_FIELDS } from './fields'
import { readEndpointForm, readNewEndpointForm, seenOfEndpoint } from './form'
import { showFormAgain } from './form-pages'
import { BY_URL } from './inputs'
import { planEndpoint, requireEndpoint } from './manage'
import { shownPace } from './new-pace'
import { alterEndpoint, removeEndpoint } from './page/lifecycle'
import { showEndpointAgain } from './page/show-endpoint'
import { previewEvent, previewOut, previewRequest } from './preview'
import { endpointChange, endpointIn, noFields } from './schemas'
import { STATES, searchEndpoints } from './search'
import { openSecrets } from './secrets'
import type { EndpointRow } from './store'

/* The operations on endpoints: register, list, change, duplicate, delete, and preview a message. */

export const createEndpoint = creation({
  call: 'POST /api/endpoints',
  may: 'write',
  act: 'endpoint.created',
  summary: 'Register an endpoint',
  refusals: [409, 410],
  takes: endpointIn,
  gives: { 201: json(newEndpointOut, 'The endpoint and its signing secret.') },
  once: 'endpoints',
  plan: async (asked, input) => {
    const { row, secret, statements } = await planEndpoint(asked.env, input, asked.origin, asked.now, grantOf(asked))
    return { result: { row, secret }, statements, erasedWith: row.id }
  },
  show: ({ row, secret }) => ({ ...toEndpoint(row, FULL_SIGHT), secret }),
  subject: ({ row }) => row.id,
  form: {
    at: '/endpoints',
    maxBytes: MAX_LONG_FORM_BYTES,
    read: readNewEndpointForm,
    next: ({ row }, { form }) => {
      const { isForPrograms, isPaced } = formatOf(row.format)
      const done = (form.get('format') ?? BY_URL) === BY_URL ? 'proposed' : 'chosen'
      // A chat or a build hook has nowhere to enter a secret.
      const then = isForPrograms && !isPaced ? 'tab=secret&done=registered&secret=show' : `tab=test&done=${done}`
      return `${DASHBOARD.endpoints}/${row.id}?${then}`
    },
    refused: showFormAgain,
  },
})

const query = listQuery.extend({
  state: z
    .enum(STATES)
    .optional()
    .describe('`attention`: endpoints that are failing, were disabled because they failed, or wait for approval.'),
  q: z
    .string()
    .max(255)
    .optional()
    .describe(
      'Text to find in the ID, the URL and the description. Without the scope `secrets`, only the host of the URL is searched, not its path.'
    ),
})

export const listEndpoints = action({
  call: 'GET /api/endpoints',
  may: ['read', 'secrets'],
  summary: 'List endpoints, newest first',
  description: `A request with a filter searches at most ${SCANNED} endpoints, so a page may be empty and still have a \`next\` cursor.`,
  refusals: [400, 422],
  query,
  gives: { 200: json(pageOf(endpointOut, 'EndpointPage'), 'A page of endpoints.') },
  run: ({ env, query: { limit, cursor, ...filter }, ...caller }) =>
    searchEndpoints(env, filter, sightOf(caller), readCursor('ep', cursor), limit),
  show: ({ data, next }, asked) => ({ data: data.map((row) => toEndpoint(row, sightOf(asked))), next }),
  tool: {
    name: 'list_endpoints',
    title: 'List endpoints',
    description:
      'Lists the receivers of outgoing webhooks with their health. `state: attention` lists those that fail, that were disabled because they failed, or that wait for approval.',
    takes: ['state', 'q', 'limit', 'cursor'],
    fromStrangers: true,
    omits: ['headers'],
  },
})

const watchedEndpoint = endpointOut
  .and(
    z.object({
      parked: z
        .object({
          count: z.int(),
          counted_all: z.boolean().describe('False if there are more than 1,000 waiting deliveries.'),
        })
        .describe('Deliveries that are waiting for the breaker to close or for the endpoint to be enabled.'),
    })
  )
  .meta({ id: 'WatchedEndpoint' })

export const getEndpoint = action({
  call: 'GET /api/endpoints/{id}',
  may: ['read', 'secrets'],
  summary: 'Get an endpoint',
  gives: { 200: json(watchedEndpoint, 'The endpoint and its waiting deliveries.') },
  run: async ({ env, params }) => {
    const endpoint = await requireEndpoint(env, params.id)
    return { endpoint, parked: await countParked(env, endpoint.id) }
  },
  show: ({ endpoint, parked }, asked) => ({ ...toEndpoint(endpoint, sightOf(asked)), parked }),
})

export const changeEndpoint = action({
  call: 'PATCH /api/endpoints/{id}',
  may: 'write',
  act: 'endpoint.updated',
  summary: 'Change an endpoint',
  description:
    "A new URL clears the endpoint's failures, and waiting deliveries are sent to the new URL immediately. If an API key changes the URL, it must send the headers again. A `url` with hidden tokens, as it is shown without the scope `secrets`, keeps the stored URL.",
  refusals: [409, 503],
  takes: endpointChange,
  gives: { 200: json(endpointOut, 'The endpoint.') },
  run: async (asked, change) => alterEndpoint(asked, asked.params.id, change, await rulesOfUrl(asked)),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }, asked) => toEndpoint(row, sightOf(asked)),
  form: {
    at: '/endpoints/:id',
    maxBytes: MAX_LONG_FORM_BYTES,
    read: readEndpointForm,
    check: async ({ env, params }, form) => requireSame(seenOfEndpoint(await requireEndpoint(env, params.id)), form),
    next: ({ row }) => `${DASHBOARD.endpoints}/${row.id}?tab=settings&done=saved`,
    refused: showFormAgain,
  },
  managed: {
    at: '/edit',
    read: readEdit,
    next: ({ row }, { base }) =>
      `${base}?tab=settings&done=${row.disabled_reason === 'awaiting_approval' ? 'unapproved' : 'saved'}`,
    refused: showManagedEdit,
  },
})

export const duplicateEndpoint = creation({
  call: 'POST /api/endpoints/{id}/duplicate',
  may: 'write',
  act: 'endpoint.created',
  summary: 'Duplicate an endpoint',
  description:
    'Creates an endpoint with the same settings, custom headers included, and a signing secret of its own. The new endpoint is disabled, so that nothing is sent twice. Change it, then enable it.',
  refusals: [409, 410, 503],
  takes: noFields,
  isOptional: true,
  gives: { 201: json(newEndpointOut, 'The new endpoint and its signing secret.') },
  once: 'duplicate',
  plan: async (asked) => {
    const { env, now, origin, params } = asked
    const copied = await requireEndpoint(env, params.id)
    const grant = grantOf(asked)
    const input = { ...(await settingsOf(env, copied)), moderation_links: grant.links && copied.moderation_links === 1 }
    const { row, secret, statements } = await planEndpoint(
      env,
      parseFields(endpointIn, input),
      origin,
      now,
      grant,
      {},
      copied
    )
    return { result: { row, secret }, statements, erasedWith: row.id }
  },
  // Whoever copies an endpoint may not know its URL.
  show: ({ row, secret }, asked) => ({ ...toEndpoint(row, sightOf(asked)), secret }),
  subject: ({ row }) => row.id,
  form: {
    at: '/endpoints/:id/duplicate',
    next: ({ row }) => `${DASHBOARD.endpoints}/${row.id}?tab=settings&done=duplicated`,
    refused: showEndpointAgain,
  },
  tool: {
    name: 'duplicate_endpoint',
    title: 'Duplicate an endpoint',
    description:
      'Creates a disabled endpoint with the settings of another one. The owner then changes and enables the copy.',
    takes: ['id'],
    explains: { id: 'The ID of the endpoint, such as `ep_...`.' },
    fromStrangers: true,
    omits: ['headers', 'secret'],
  },
})

async function settingsOf(env: Env, row: EndpointRow) {
  const { headers = {} } = await openSecrets(env, row.id, row.secrets)
  const { digest_hour, ...fields } = { ...ENDPOINT_FIELDS.valuesIn(row), ...shownPace(row) }
  // A format that has changed may keep texts that it does not use.
  const texts = formatOf(fields.format).hasNoOwnText ? {} : fields.texts
  return { ...fields, ...(digest_hour !== null && { digest_hour }), headers, texts, enabled: false }
}

export const deleteEndpoint = action({
  call: 'DELETE /api/endpoints/{id}',
  may: 'write',
  act: 'endpoint.deleted',
  summary: 'Delete an endpoint',
  gives: { 204: { description: 'Deleted. Pending deliveries are canceled.' } },
  run: ({ env, now, params }) => removeEndpoint(env, params.id, now),
  form: { at: '/endpoints/:id/delete', next: () => `${DASHBOARD.endpoints}?done=deleted` },
  managed: { at: '/delete', next: () => '/webhooks/deleted' },
})

export const previewMessage = action({
  call: 'POST /api/endpoints/preview',
  may: 'write',
  act: null,
  summary: 'Preview a message',
  description:
    'Shows whether an endpoint with these settings would get an event, and the request that it would get. Nothing is stored or sent.',
  noForm: 'The form has a preview of its own, of all event types: see form-pages.tsx.',
  takes: previewRequest,
  gives: { 200: json(previewOut, 'What the endpoint would get.') },
  run: async (asked, { type, data, ...draft }) => {
    if (data !== undefined) return previewEvent(asked, draft, type, data)
    const known = await findType(asked.env, type)
    if (!known) throw invalidField('type', `There is no event type "${type}". Pass \`data\`, or define the type.`)
    return previewEvent(asked, draft, type, exampleAt(known, asked.linkOrigin()))
  },
  show: (preview) => preview,
})
