import { sightOf } from '../../../access/rights'
import { inputFrom, readEndpointFields } from '../../../endpoints/form'
import { endpointChange } from '../../../endpoints/schemas'
import { endpointOut, toEndpoint } from '../../../endpoints/shown'
import { MAX_FORM_BYTES } from '../../../endpoints/texts/form'
import { action, doc, json } from '../../../kit/operation'
import { alterEndpoint } from '../../../outbound/endpoint/lifecycle'
import { showEditAgain } from '../../../outbound/endpoint/pages'

export const changeEndpoint = action({
  call: 'PATCH /api/endpoints/{id}',
  act: 'endpoint.updated',
  tag: 'Endpoints',
  summary: doc('Update an endpoint'),
  description: doc(
    "A new URL clears the endpoint's failures, and parked deliveries are sent to the new URL immediately. Stored headers do not follow a URL that an API key changes: send them again."
  ),
  takes: endpointChange,
  gives: { 200: json(endpointOut, doc('The endpoint.')) },
  refusals: [400, 401, 404, 409, 422, 503],
  run: (asked, change) => alterEndpoint(asked, asked.params.id, change),
  show: (row, asked) => toEndpoint(row, sightOf(asked)),
  form: {
    at: '/endpoints/:id',
    maxBytes: MAX_FORM_BYTES,
    read: (form) => inputFrom(readEndpointFields(form)),
    next: ({ id }) => `/admin/endpoints/${id}?done=saved`,
    refused: showEditAgain,
  },
  noTool: 'setup',
})
