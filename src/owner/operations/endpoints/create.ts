import { FULL_SIGHT, grantOf } from '../../../access/rights'
import { BY_URL, inputFrom, readEndpointFields } from '../../../endpoints/form'
import { planEndpoint } from '../../../endpoints/manage'
import { showListAgain } from '../../../endpoints/pages'
import { endpointIn } from '../../../endpoints/schemas'
import { newEndpointOut, toEndpoint } from '../../../endpoints/shown'
import { MAX_FORM_BYTES } from '../../../endpoints/texts/form'
import { creation, doc, json } from '../../../kit/operation'

export const createEndpoint = creation({
  call: 'POST /api/endpoints',
  act: 'endpoint.created',
  tag: 'Endpoints',
  summary: doc('Register an endpoint'),
  takes: endpointIn,
  gives: { 201: json(newEndpointOut, doc('The endpoint and its signing secret.')) },
  refusals: [400, 401, 409, 410, 422],
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
      return `/admin/endpoints/${row.id}?done=${isProposed ? 'proposed' : 'registered'}&secret=show`
    },
    refused: showListAgain,
  },
  noTool: 'setup',
})
