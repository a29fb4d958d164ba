import { action, json } from '../../../kit/operation'
import { requireImport } from '../../moving/import-api'
import { importOut, toImport } from '../../moving/schemas'

export const getImport = action({
  call: 'GET /api/import/{id}',
  may: 'read',
  summary: 'Get an import',
  noTool: 'rare',
  gives: { 200: json(importOut, 'The import and its progress.') },
  run: ({ env, params }) => requireImport(env, params.id),
  show: toImport,
})
