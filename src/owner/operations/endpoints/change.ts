import { sightOf } from '../../../access/rights'
import { MAX_LONG_FORM_BYTES } from '../../../kit/http/form'
import { requireSame } from '../../../kit/http/forms/seen'
import { isChanged } from '../../../kit/lib/changed'
import { action, json } from '../../../kit/operation'
import { readForm, seenOf } from '../../../webhooks/endpoints/form'
import { showFormAgain } from '../../../webhooks/endpoints/form-pages'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { alterEndpoint } from '../../../webhooks/endpoints/page/lifecycle'
import { endpointChange } from '../../../webhooks/endpoints/schemas'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import { readEdit, rulesOfUrl } from '../../../webhooks/registration/edit'
import { showManagedEdit } from '../../../webhooks/registration/show-managed'

export const changeEndpoint = action({
  call: 'PATCH /api/endpoints/{id}',
  may: 'write',
  act: 'endpoint.updated',
  summary: 'Change an endpoint',
  description:
    "A new URL clears the endpoint's failures, and waiting deliveries are sent to the new URL immediately. If an API key changes the URL, it must send the headers again. A `url` with hidden tokens, as it is shown without the scope `secrets`, keeps the stored URL.",
  refusals: [409, 503],
  noTool: 'setup',
  takes: endpointChange,
  gives: { 200: json(endpointOut, 'The endpoint.') },
  run: async (asked, change) => alterEndpoint(asked, asked.params.id, change, await rulesOfUrl(asked)),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }, asked) => toEndpoint(row, sightOf(asked)),
  form: {
    at: '/endpoints/:id',
    maxBytes: MAX_LONG_FORM_BYTES,
    read: readForm,
    check: async ({ env, params }, form) => requireSame(seenOf(await requireEndpoint(env, params.id)), form),
    next: ({ row }) => `/admin/endpoints/${row.id}?tab=settings&done=saved`,
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
