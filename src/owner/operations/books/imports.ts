import { action, doc, json, listQuery, pageOf, readCursor, toPage } from '../../../kit/operation'
import { cancelImport as cancel, requireImport } from '../../moving/import-api'
import { listImports as list } from '../../moving/importing/store'
import { importOut, toImport } from '../../moving/schemas'

export const listImports = action({
  call: 'GET /api/import',
  ...doc({ summary: 'List imports, newest first', refusals: [400, 422], noTool: 'rare' }),
  query: listQuery,
  gives: { 200: json(pageOf(importOut, 'ImportPage'), doc('A page of imports.')) },
  run: ({ env, query: { limit, cursor } }) => list(env, readCursor('imp', cursor), limit + 1),
  show: (rows, { query: { limit } }) => {
    const { data, next } = toPage(rows, limit)
    return { data: data.map(toImport), next }
  },
})

export const getImport = action({
  call: 'GET /api/import/{id}',
  ...doc({ summary: 'Get an import', noTool: 'rare' }),
  gives: { 200: json(importOut, doc('The import and its progress.')) },
  run: ({ env, params }) => requireImport(env, params.id),
  show: toImport,
})

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
