import { action, doc, json, listQuery, pageOf, readCursor, toPage } from '../../../kit/operation'
import { sourceOut } from '../../../webhooks/sources/schemas'
import { listSources as list } from '../../../webhooks/sources/store'
import { showListedSource } from './show'

export const listSources = action({
  call: 'GET /api/sources',
  ...doc({ tag: 'Sources', summary: 'List sources, newest first', refusals: [400, 401, 422] }),
  query: listQuery,
  gives: {
    200: json(pageOf(sourceOut, 'SourcePage'), doc('A page of sources.')),
  },
  run: ({ env, query: { limit, cursor } }) => list(env, readCursor('src', cursor), limit + 1),
  show: async (rows, asked) => {
    const { data, next } = toPage(rows, asked.query.limit)
    return { data: await Promise.all(data.map((row) => showListedSource(asked, row))), next }
  },
  tool: {
    name: 'list_sources',
    ...doc({ title: 'List sources', description: 'Lists the services that may post webhooks to this guestbook.' }),
    takes: ['limit', 'cursor'],
    fromStrangers: false,
    omits: ['url', 'options'],
  },
})
