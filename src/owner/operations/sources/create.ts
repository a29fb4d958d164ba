import { creation, json } from '../../../kit/operation'
import { readNewForm } from '../../../webhooks/sources/form'
import { planSource, refuseIfFull } from '../../../webhooks/sources/manage'
import { sourceIn, sourceOut, toSourceOut } from '../../../webhooks/sources/schemas'
import { showNewSourceAgain } from '../../sources/pages'

export const createSource = creation({
  call: 'POST /api/sources',
  may: 'write',
  act: 'source.created',
  summary: 'Create a source',
  description: "The response contains the webhook URL. Enter it in the provider's settings.",
  refusals: [409, 410],
  noTool: 'setup',
  takes: sourceIn,
  gives: { 201: json(sourceOut, 'The new source.') },
  once: 'sources',
  plan: async ({ env, now }, input) => {
    const { row, secrets, statements } = await planSource(env, input, now)
    return { result: { row, secrets }, statements, erasedWith: row.id, write: refuseIfFull }
  },
  show: ({ row, secrets }, { now, linkOrigin }) => toSourceOut(row, secrets, linkOrigin(), now),
  subject: ({ row }) => row.id,
  form: {
    at: '/sources/new',
    read: (form) => readNewForm(form),
    next: ({ row }) => `/admin/sources/${row.id}?done=added&secret=show`,
    refused: showNewSourceAgain,
  },
})
