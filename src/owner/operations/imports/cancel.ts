import { freshId } from '../../../kit/db/ids'
import { action, json } from '../../../kit/operation'
import { requireImport } from '../../moving/import-api'
import { endImport } from '../../moving/importing/store'
import { importOut, toImport } from '../../moving/schemas'

export const cancelImport = action({
  call: 'POST /api/import/{id}/cancel',
  may: 'person',
  act: 'import.canceled',
  summary: 'Cancel an import',
  description: 'Entries that have already been imported are kept. An import that has ended is not changed.',
  noTool: 'setup',
  gives: { 200: json(importOut, 'The import.') },
  run: async ({ env, now, params: { id } }) => {
    await requireImport(env, id)
    await endImport(env, id, { state: 'canceled', rev: freshId('imp', now), error: null }, now)
    const row = await requireImport(env, id)
    return { row, isEndedNow: row.finished_at === now }
  },
  show: ({ row }) => toImport(row),
  // The start of a dry run is not listed, either.
  changes: ({ row, isEndedNow }) => isEndedNow && row.dry_run === 0,
  form: { at: '/moving/imports/:id/cancel', next: ({ row }) => `/admin/moving/imports/${row.id}` },
})
