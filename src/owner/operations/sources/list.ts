import { sightOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { action, json, listQuery, pageOf, readCursor, toPage } from '../../../kit/operation'
import { sourceFor, sourceOut, toSourceOut } from '../../../webhooks/sources/schemas'
import { tryToOpen } from '../../../webhooks/sources/secrets'
import { listSources as list, type SourceRow } from '../../../webhooks/sources/store'

/** A source whose secrets cannot be read is listed without its URL, so that the other sources can still be listed. */
async function showListedSource(context: Context, row: SourceRow) {
  const { env, now, linkOrigin } = context
  const secrets = await tryToOpen(env, row)
  const shown = sourceFor(toSourceOut(row, secrets ?? { token: '' }, linkOrigin(), now), sightOf(context))
  return secrets === null ? { ...shown, url: '' } : shown
}

export const listSources = action({
  call: 'GET /api/sources',
  may: ['read', 'secrets'],
  summary: 'List sources, newest first',
  refusals: [400, 422],
  query: listQuery,
  gives: { 200: json(pageOf(sourceOut, 'SourcePage'), 'A page of sources.') },
  run: ({ env, query: { limit, cursor } }) => list(env, readCursor('src', cursor), limit + 1),
  show: async (rows, asked) => {
    const { data, next } = toPage(rows, asked.query.limit)
    return { data: await Promise.all(data.map((row) => showListedSource(asked, row))), next }
  },
  tool: {
    name: 'list_sources',
    title: 'List sources',
    description: 'Lists the services that may post webhooks to this guestbook.',
    takes: ['limit', 'cursor'],
    fromStrangers: false,
    omits: ['url', 'options'],
  },
})
