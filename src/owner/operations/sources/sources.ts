import { sightOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { aSpanOf } from '../../../kit/lib/time'
import { action, creation, doc, json, listQuery, pageOf, readCursor, toPage } from '../../../kit/operation'
import { CACHE_MS } from '../../../webhooks/sources/cache'
import {
  changeSource as change,
  planSource,
  refuseIfFull,
  deleteSource as remove,
  requireSource,
} from '../../../webhooks/sources/manage'
import { sourceChange, sourceFor, sourceIn, sourceOut, toSourceOut } from '../../../webhooks/sources/schemas'
import { openSource, tryToOpen } from '../../../webhooks/sources/secrets'
import { listSources as list, type SourceRow } from '../../../webhooks/sources/store'
import { inputFrom, newSourceFrom, readSourceFields } from '../../sources/form'
import { pathOf, showNewSourceAgain, showSettingsAgain } from '../../sources/pages'

/** @returns what the caller may see of a source. @throws SecretsKeyError if its secrets cannot be read */
export async function showSource(context: Context, row: SourceRow) {
  const { env, now, linkOrigin } = context
  return sourceFor(toSourceOut(row, await openSource(env, row), linkOrigin(), now), sightOf(context))
}

/** A source whose secrets cannot be read is listed without its URL, so that the other sources can still be listed. */
async function showListedSource(context: Context, row: SourceRow) {
  const { env, now, linkOrigin } = context
  const secrets = await tryToOpen(env, row)
  const shown = sourceFor(toSourceOut(row, secrets ?? { token: '' }, linkOrigin(), now), sightOf(context))
  return secrets === null ? { ...shown, url: '' } : shown
}

export const createSource = creation({
  call: 'POST /api/sources',
  act: 'source.created',
  ...doc({
    summary: 'Create a source',
    description: "The response contains the webhook URL. Enter it in the provider's settings.",
    refusals: [409, 410],
    noTool: 'setup',
  }),
  takes: sourceIn,
  gives: { 201: json(sourceOut, doc('The new source.')) },
  once: 'sources',
  plan: async ({ env, now }, input) => {
    const { row, secrets, statements } = await planSource(env, input, now)
    return { result: { row, secrets }, statements, erasedWith: row.id, write: refuseIfFull }
  },
  show: ({ row, secrets }, { now, linkOrigin }) => toSourceOut(row, secrets, linkOrigin(), now),
  subject: ({ row }) => row.id,
  form: {
    at: '/sources/new',
    read: (form) => newSourceFrom(readSourceFields(form), form.get('provider') ?? ''),
    next: ({ row }) => `/admin/sources/${row.id}?done=added&secret=show`,
    refused: showNewSourceAgain,
  },
})

export const listSources = action({
  call: 'GET /api/sources',
  ...doc({ summary: 'List sources, newest first', refusals: [400, 422] }),
  query: listQuery,
  gives: { 200: json(pageOf(sourceOut, 'SourcePage'), doc('A page of sources.')) },
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

export const getSource = action({
  call: 'GET /api/sources/{id}',
  ...doc({ summary: 'Get a source', refusals: [503], noTool: 'covered' }),
  gives: { 200: json(sourceOut, doc('The source.')) },
  run: ({ env, params }) => requireSource(env, params.id),
  show: (row, asked) => showSource(asked, row),
})

export const changeSource = action({
  call: 'PATCH /api/sources/{id}',
  act: 'source.updated',
  ...doc({
    summary: 'Change, pause or resume a source',
    description: 'While a source is paused, its requests are stored. They are processed when the source is resumed.',
    refusals: [409, 503],
    noTool: 'setup',
  }),
  takes: sourceChange,
  gives: { 200: json(sourceOut, doc('The source.')) },
  run: ({ env, now, params }, input) => change(env, params.id, input, now),
  show: (row, asked) => showSource(asked, row),
  form: [
    {
      at: '/sources/:id',
      read: (form) => inputFrom(readSourceFields(form)),
      next: ({ id }) => pathOf(id, 'saved'),
      refused: showSettingsAgain,
    },
    { at: '/sources/:id/pause', body: { status: 'paused' }, next: ({ id }) => pathOf(id, 'paused') },
    { at: '/sources/:id/resume', body: { status: 'active' }, next: ({ id }) => pathOf(id, 'active') },
    {
      at: '/sources/:id/forget-secret',
      act: 'source.secret_removed',
      body: { secret: null },
      next: ({ id }) => pathOf(id, 'forgotten'),
    },
  ],
})

export const deleteSource = action({
  call: 'DELETE /api/sources/{id}',
  act: 'source.deleted',
  ...doc(() => ({
    summary: 'Delete a source',
    description: `The URL stops working within ${aSpanOf(CACHE_MS)}, and no further requests are processed. Stored requests are kept for their retention period.`,
    refusals: [409],
    noTool: 'setup',
  })),
  gives: { 204: { description: doc('The source was deleted.') } },
  run: ({ env, now, params }) => remove(env, params.id, now),
  form: { at: '/sources/:id/delete', next: () => '/admin/sources?done=deleted' },
})
