import { action, json, listQuery, pageOf, readCursor, toPage } from '../../../kit/operation'
import { listImports as list } from '../../moving/importing/store'
import { importOut, toImport } from '../../moving/schemas'

export const listImports = action({
  call: 'GET /api/import',
  may: 'read',
  summary: 'List imports, newest first',
  refusals: [400, 422],
  noTool: 'rare',
  query: listQuery,
  gives: { 200: json(pageOf(importOut, 'ImportPage'), 'A page of imports.') },
  run: ({ env, query: { limit, cursor } }) => list(env, readCursor('imp', cursor), limit + 1),
  show: (rows, { query: { limit } }) => {
    const { data, next } = toPage(rows, limit)
    return { data: data.map(toImport), next }
  },
})
