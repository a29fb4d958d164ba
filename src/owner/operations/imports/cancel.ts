import { action, doc, json } from '../../../kit/operation'
import { cancelImport as cancel } from '../../moving/import-api'
import { importOut, toImport } from '../../moving/schemas'

export const cancelImport = action({
  call: 'POST /api/import/{id}/cancel',
  act: 'import.canceled',
  ...doc({
    summary: 'Cancel an import',
    description: 'Entries that are already imported stay. An import that has ended is not changed.',
    noTool: 'setup',
    noForm: 'The page of an import has one of its own: see owner/moving/pages.tsx.',
  }),
  gives: { 200: json(importOut, doc('The import.')) },
  run: ({ env, now, params }) => cancel(env, params.id, now),
  show: toImport,
})
