import { FULL_SIGHT, grantOf } from '../../../access/rights'
import { MAX_LONG_FORM_BYTES } from '../../../kit/http/form'
import { creation, json } from '../../../kit/operation'
import { readNewForm } from '../../../webhooks/endpoints/form'
import { showFormAgain } from '../../../webhooks/endpoints/form-pages'
import { BY_URL } from '../../../webhooks/endpoints/inputs'
import { planEndpoint } from '../../../webhooks/endpoints/manage'
import { endpointIn } from '../../../webhooks/endpoints/schemas'
import { newEndpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import { formatOf } from '../../../webhooks/rules/events/formats'

export const createEndpoint = creation({
  call: 'POST /api/endpoints',
  may: 'write',
  act: 'endpoint.created',
  summary: 'Register an endpoint',
  refusals: [409, 410],
  noTool: 'setup',
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
    read: readNewForm,
    next: ({ row }, { form }) => {
      const { isForPrograms, isPaced } = formatOf(row.format)
      const done = (form.get('format') ?? BY_URL) === BY_URL ? 'proposed' : 'chosen'
      // A chat or a build hook has nowhere to enter a secret.
      const then = isForPrograms && !isPaced ? 'tab=secret&done=registered&secret=show' : `tab=test&done=${done}`
      return `/admin/endpoints/${row.id}?${then}`
    },
    refused: showFormAgain,
  },
})
