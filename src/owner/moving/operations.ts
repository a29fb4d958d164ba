import { freshId } from '../../kit/db/ids'
import { action, json, listQuery, pageOf, readCursor, toPage } from '../../kit/operation'
import { requireImport } from './import-api'
import { endImport, listImports as list } from './importing/store'
import { importOut, toImport } from './schemas'

/* The operations on imports. */

export const listImports = action({
  call: 'GET /api/import',
  may: 'read',
  summary: 'List imports, newest first',
  refusals: [400, 422],
  query: listQuery,
  gives: { 200: json(pageOf(importOut, 'ImportPage'), 'A page of imports.') },
  run: ({ env, query: { limit, cursor } }) => list(env, readCursor('imp', cursor), limit + 1),
  show: (rows, { query: { limit } }) => {
    const { data, next } = toPage(rows, limit)
    return { data: data.map(toImport), next }
  },
})

export const getImport = action({
  call: 'GET /api/import/{id}',
  may: 'read',
  summary: 'Get an import',
  gives: { 200: json(importOut, 'The import and its progress.') },
  run: ({ env, params }) => requireImport(env, params.id),
  show: toImport,
})

export const cancelImport = action({
  call: 'POST /api/import/{id}/cancel',
  may: 'person',
  act: 'import.canceled',
  summary: 'Cancel an import',
  description: 'Entries that have already been imported are kept. An import that has ended is not changed.',
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
