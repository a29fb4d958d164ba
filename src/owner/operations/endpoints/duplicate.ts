import { grantOf, sightOf } from '../../../access/rights'
import { parseFields } from '../../../kit/http/form'
import { creation, json } from '../../../kit/operation'
import { ENDPOINT_FIELDS } from '../../../webhooks/endpoints/fields'
import { planEndpoint, requireEndpoint } from '../../../webhooks/endpoints/manage'
import { shownPace } from '../../../webhooks/endpoints/new-pace'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { endpointIn, noFields } from '../../../webhooks/endpoints/schemas'
import { openSecrets } from '../../../webhooks/endpoints/secrets'
import { newEndpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import type { EndpointRow } from '../../../webhooks/endpoints/store'
import { formatOf } from '../../../webhooks/rules/events/formats'

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
    next: ({ row }) => `/admin/endpoints/${row.id}?tab=settings&done=duplicated`,
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
