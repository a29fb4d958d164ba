import { action, doc, json } from '../../../kit/operation'
import { requireSource } from '../../../webhooks/sources/manage'
import { sourceOut } from '../../../webhooks/sources/schemas'
import { showSource } from './show'

export const getSource = action({
  call: 'GET /api/sources/{id}',
  ...doc({ tag: 'Sources', summary: 'Get a source', refusals: [401, 404, 503], noTool: 'covered' }),
  gives: { 200: json(sourceOut, doc('The source.')) },
  run: ({ env, params }) => requireSource(env, params.id),
  show: (row, asked) => showSource(asked, row),
})
