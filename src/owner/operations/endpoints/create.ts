import { FULL_SIGHT, grantOf } from '../../../access/rights'
import { creation, doc, json } from '../../../kit/operation'
import { BY_URL, inputFrom, readEndpointFields } from '../../../webhooks/endpoints/form'
import { showFormAgain } from '../../../webhooks/endpoints/form-pages'
import { planEndpoint } from '../../../webhooks/endpoints/manage'
import { endpointIn } from '../../../webhooks/endpoints/schemas'
import { newEndpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import { MAX_FORM_BYTES } from '../../../webhooks/endpoints/texts/form'

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
    refused: showFormAgain,
  },
})
