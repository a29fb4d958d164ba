import * as z from 'zod'
import { freshId } from '../../kit/db/ids'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, json, listQuery, pageOf, readCursor, toPage } from '../../kit/operation'
import { requireImport } from './import-api'
import { endImport, listImports as list } from './importing/store'
import { eraseEntries, MAX_ERASED } from './people'
import { readPersonQuery } from './people-pages'
import { importOut, toImport } from './schemas'

/* The operations on imports, and the erasure of one person's entries. */

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
  form: { at: '/moving/imports/:id/cancel', next: ({ row }) => `${DASHBOARD.moving}/imports/${row.id}` },
})

export const erase = action({
  call: 'POST /api/erase',
  may: 'person',
  act: 'erase.entries',
  summary: 'Erase entries for good',
  description:
    "Erases the entries, their text in events and receivers' responses, and the webhooks that created them. This cannot be undone.",
  takes: z.strictObject({ ids: z.array(z.string().max(100)).min(1).max(MAX_ERASED) }),
  gives: {
    200: json(
      z.object({ erased: z.int(), webhooks: z.int() }),
      'How many entries and webhooks were erased. Entries that do not exist are not counted.'
    ),
  },
  run: (asked, { ids }) => eraseEntries(asked, ids),
  changes: ({ erased }) => erased > 0,
  show: (erasure) => erasure,
  form: {
    at: '/moving/people/erase',
    read: (form) => ({ ids: form.getAll('ids').slice(0, MAX_ERASED) }),
    next: ({ erased }, { form }) =>
      `${DASHBOARD.people}?${new URLSearchParams({ q: readPersonQuery(form.get('q') ?? ''), erased: String(erased) })}`,
  },
})
