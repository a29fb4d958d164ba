import * as z from 'zod'
import { hasScope, requireAlso, sightOf } from '../../access/rights'
import type { Context } from '../../kit/context'
import { wholeNumber } from '../../kit/http/form'
import { invalidField } from '../../kit/http/problem'
import { requireSame } from '../../kit/http/seen-form'
import { isChanged } from '../../kit/lib/changed'
import { firstIdAt } from '../../kit/lib/ids'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf } from '../../kit/lib/time'
import { action, bodyOf, creation, json, listQuery, pageOf, readCursor, toPage } from '../../kit/operation'
import { sendSample } from '../receive/accept/sample'
import { processFailed } from '../receive/process/reprocess'
import { MAX_FORMER } from '../rules/signing/rotation'
import { SOURCE_CACHE_MS } from './cache'
import { entryTemplate } from './entry-template'
import { SOURCE_FIELDS } from './fields'
import { readNewSourceForm, readSourceForm, seenOfSource } from './form'
import {
  changeSource as change,
  planSource,
  refuseTooManySources,
  deleteSource as remove,
  renewAddress,
  requireSource,
  rotateSourceSecret as rotate,
} from './manage'
import { showNewSourceAgain, showSettingsAgain, showSourceAgain, sourceDonePath } from './pages'
import { previewEntry } from './preview'
import { secretRotation, sourceChange, sourceFor, sourceIn, sourceOut, toSourceOut, urlOf } from './schemas'
import { openSource, tryToOpen } from './secrets'
import { listSources as list, type SourceRow } from './store'

/* The operations on sources. */

export const createSource = creation({
  call: 'POST /api/sources',
  may: 'write',
  act: 'source.created',
  summary: 'Create a source',
  description: "The response contains the webhook URL. Enter it in the provider's settings.",
  refusals: [409, 410],
  takes: sourceIn,
  gives: { 201: json(sourceOut, 'The new source.') },
  once: 'sources',
  plan: async ({ env, now }, input) => {
    const { row, secrets, statements } = await planSource(env, input, now)
    return { result: { row, secrets }, statements, erasedWith: row.id, write: refuseTooManySources }
  },
  show: ({ row, secrets }, { now, linkOrigin }) => toSourceOut(row, secrets, linkOrigin(), now),
  subject: ({ row }) => row.id,
  form: {
    at: '/sources/new',
    read: (form) => readNewSourceForm(form),
    next: ({ row }) => `${DASHBOARD.sources}/${row.id}?done=added&secret=show`,
    refused: showNewSourceAgain,
  },
})

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

/** @returns what the caller may see of a source. @throws SecretsKeyError if its secrets cannot be read */
export async function showSource(context: Context, row: SourceRow) {
  const { env, now, linkOrigin } = context
  return sourceFor(toSourceOut(row, await openSource(env, row), linkOrigin(), now), sightOf(context))
}

export const getSource = action({
  call: 'GET /api/sources/{id}',
  may: ['read', 'secrets'],
  summary: 'Get a source',
  refusals: [503],
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, params }) => requireSource(env, params.id),
  show: (row, asked) => showSource(asked, row),
})

export const changeSource = action({
  call: 'PATCH /api/sources/{id}',
  may: 'write',
  act: 'source.updated',
  summary: 'Change, pause or resume a source',
  description: 'While a source is paused, its requests are stored. They are processed when the source is resumed.',
  refusals: [409, 503],
  takes: sourceChange,
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, now, params }, input) => change(env, params.id, input, now),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }, asked) => showSource(asked, row),
  form: [
    {
      at: '/sources/:id',
      read: (form) => readSourceForm(form),
      check: async ({ env, params }, form) => requireSame(seenOfSource(await requireSource(env, params.id)), form),
      next: ({ row }) => sourceDonePath(row.id, 'saved'),
      refused: showSettingsAgain,
    },
    { at: '/sources/:id/pause', body: { status: 'paused' }, next: ({ row }) => sourceDonePath(row.id, 'paused') },
    { at: '/sources/:id/resume', body: { status: 'active' }, next: ({ row }) => sourceDonePath(row.id, 'active') },
    {
      at: '/sources/:id/forget-secret',
      act: 'source.secret_removed',
      body: { secret: null },
      next: ({ row }) => sourceDonePath(row.id, 'forgotten'),
    },
  ],
})

export const deleteSource = action({
  call: 'DELETE /api/sources/{id}',
  may: 'write',
  act: 'source.deleted',
  summary: 'Delete a source',
  description: `The URL stops working within ${aSpanOf(SOURCE_CACHE_MS)}, and no further requests are processed. Stored requests are kept for their retention period.`,
  refusals: [409],
  gives: { 204: { description: 'The source was deleted.' } },
  run: ({ env, now, params }) => remove(env, params.id, now),
  form: { at: '/sources/:id/delete', next: () => `${DASHBOARD.sources}?done=deleted` },
})

const getSourceSecretOut = z.object({ secret: z.string().nullable() })

export const getSourceSecret = action({
  call: 'GET /api/sources/{id}/secret',
  may: 'secrets',
  summary: "Get a source's secret",
  gives: { 200: json(getSourceSecretOut, 'The secret, or null if there is none.') },
  run: async ({ env, params }) => openSource(env, await requireSource(env, params.id)),
  show: ({ current = null }) => ({ secret: current }),
})

export const rotateSourceSecret = action({
  call: 'POST /api/sources/{id}/secret/rotate',
  may: 'write',
  act: 'source.secret_rotated',
  summary: "Rotate a source's secret",
  description: `The old secret remains valid for \`grace_seconds\`. At most ${MAX_FORMER} old secrets can be valid at the same time: one more rotation fails with 409, unless \`grace_seconds\` is 0.`,
  refusals: [409, 503],
  takes: secretRotation,
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, now, params }, input) => rotate(env, params.id, input, now),
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row }, asked) => showSource(asked, row),
  form: {
    at: '/sources/:id/secret',
    read: (form) => ({
      secret: form.get('secret')?.trim() ?? '',
      // Without an old secret, the page has no such field.
      ...(form.has('grace_seconds') && { grace_seconds: wholeNumber(form.get('grace_seconds')) }),
    }),
    next: ({ row }) => sourceDonePath(row.id, 'secret'),
    refused: showSourceAgain,
  },
})

export const rotateSourceUrl = action({
  call: 'POST /api/sources/{id}/url/rotate',
  may: 'write',
  act: 'source.url_rotated',
  summary: "Rotate a source's URL",
  description: `The old URL stops working within ${aSpanOf(SOURCE_CACHE_MS)}. Use this call if the URL has leaked.`,
  refusals: [409],
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, now, params }) => renewAddress(env, params.id, now),
  show: async (row, asked) => {
    // The caller who created the new URL may see it.
    const url = urlOf(await openSource(asked.env, row), asked.linkOrigin())
    return { ...(await showSource(asked, row)), url }
  },
  form: { at: '/sources/:id/url', next: ({ id }) => sourceDonePath(id, 'url') },
})

const previewIn = bodyOf('PreviewIn', {
  template: entryTemplate.optional(),
  inbound_id: z
    .string()
    .max(100)
    .optional()
    .describe(
      "The request to render. Defaults to the latest request that is stored whole and is not too long, or to the provider's sample. A key without the scope `read` gets the sample."
    ),
})

const previewOut = z
  .object({
    holds: z.boolean().describe('Whether the condition is true.'),
    name: z.string().nullable(),
    body: z.string().nullable(),
    website: z.string().nullable(),
    errors: z.array(z.string()),
    inbound_id: z.string().nullable(),
  })
  .meta({ id: 'EntryPreview' })

export const previewTemplate = action({
  call: 'POST /api/sources/{id}/preview',
  may: 'write',
  act: null,
  summary: 'Preview an entry template',
  description:
    "Renders the source's template, or the template in the body of this call. Nothing is added to the guestbook.",
  noForm: 'The form has a preview of its own: see webhooks/sources/pages.tsx.',
  takes: previewIn,
  gives: { 200: json(previewOut, 'The rendered entry.') },
  run: async (asked, { inbound_id, template: given }) => {
    const row = await requireSource(asked.env, asked.params.id)
    const template = given ?? SOURCE_FIELDS.valueIn(row, 'template')
    if (!template) throw invalidField('template', 'Required, because this source has no template.')
    // A template can copy all that a message contains into the preview.
    if (inbound_id !== undefined) requireAlso(asked, 'read')
    const shown = hasScope(asked, 'read') ? inbound_id : null
    return previewEntry(asked.env, row, template, shown, asked.now)
  },
  show: (preview) => preview,
})

const sampleIn = bodyOf('SampleIn', {
  body: z.string().max(65_536).optional().describe('Replaces the body of the sample.'),
})

const sendSampleToSourceOut = z.object({ id: z.string() })

export const sendSampleToSource = action({
  call: 'POST /api/sources/{id}/sample',
  may: 'write',
  act: 'source.sampled',
  summary: 'Send a sample to a source',
  description:
    "Sends a signed sample in the provider's format. The sample is treated like a real request. If the key does not have the scope `secrets`, the sample gets a random secret of its own, and is verified with that.",
  takes: sampleIn,
  isOptional: true,
  gives: { 202: json(sendSampleToSourceOut, 'The ID of the request.') },
  run: async ({ env, now, params, linkOrigin, ...caller }, { body }) => {
    const maySign = hasScope(caller, 'secrets')
    return sendSample(env, await requireSource(env, params.id), { origin: linkOrigin(), body, maySign }, now)
  },
  show: ({ id }) => ({ id }),
  form: { at: '/sources/:id/sample', next: ({ id }) => `${DASHBOARD.requests}/${id}`, refused: showSourceAgain },
})

const failedIn = bodyOf('SourceReplay', { status: z.literal('failed').default('failed') })

const replaySourceOut = z.object({ count: z.int(), has_more: z.boolean() })

export const replaySource = action({
  call: 'POST /api/sources/{id}/replay',
  may: 'write',
  act: 'source.reprocessed',
  summary: "Reprocess a source's failed requests",
  description:
    'Use this call after you have fixed the secret or the template. Reprocesses up to 5,000 requests per call, oldest first.',
  takes: failedIn,
  isOptional: true,
  gives: { 202: json(replaySourceOut, 'The requests have been queued.') },
  run: async ({ env, now, params }) => {
    const { id } = await requireSource(env, params.id)
    // The range of ids ends at the current time, so messages that arrive and fail in the meantime are not included.
    return processFailed(env, id, firstIdAt('in', now + 1), now)
  },
  changes: ({ count }) => count > 0,
  show: (queued) => queued,
  form: { at: '/sources/:id/replay', next: (_, { asked }) => sourceDonePath(asked.params.id, 'replayed') },
})
