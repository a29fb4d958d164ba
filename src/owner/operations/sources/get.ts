import { action, doc, json } from '../../../kit/operation'
import { requireSource } from '../../../webhooks/sources/manage'
import { sourceOut } from '../../../webhooks/sources/schemas'
import { showSource } from './show'

export const getSource = action({
  call: 'GET /api/sources/{id}',
  tag: doc('Sources'),
  summary: doc('Retrieve a source'),
  gives: { 200: json(sourceOut, doc('The source.')) },
  refusals: doc([401, 404, 503]),
  run: ({ env, params }) => requireSource(env, params.id),
  show: (row, asked) => showSource(asked, row),
  noTool: doc('covered'),
})
