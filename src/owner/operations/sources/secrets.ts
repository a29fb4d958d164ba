import { wholeNumber } from '../../../kit/http/form'
import { aSpanOf } from '../../../kit/lib/time'
import { action, doc, documented, json } from '../../../kit/operation'
import { MAX_FORMER } from '../../../webhooks/rules/signing/rotation'
import { CACHE_MS } from '../../../webhooks/sources/cache'
import { renewAddress, requireSource, rotateSourceSecret as rotate } from '../../../webhooks/sources/manage'
import { secretRotation, sourceOut, urlOf } from '../../../webhooks/sources/schemas'
import { openSource } from '../../../webhooks/sources/secrets'
import * as z from '../../../zod'
import { pathOf, showSourceAgain } from '../../sources/pages'
import { showSource } from './sources'

const getSourceSecretOut = documented(null, () => z.object({ secret: z.string().nullable() }))

export const getSourceSecret = action({
  call: 'GET /api/sources/{id}/secret',
  ...doc({ summary: "Get a source's secret", noTool: 'secret' }),
  gives: { 200: json(getSourceSecretOut, doc('The secret, or null if there is none.')) },
  run: async ({ env, params }) => openSource(env, await requireSource(env, params.id)),
  show: ({ current = null }) => ({ secret: current }),
})

export const rotateSourceSecret = action({
  call: 'POST /api/sources/{id}/secret/rotate',
  act: 'source.secret_rotated',
  ...doc(() => ({
    summary: "Rotate a source's secret",
    description: `The old secret remains valid for \`grace_seconds\`. At most ${MAX_FORMER} old secrets can be valid. Beyond that, a rotation fails with 409, unless \`grace_seconds\` is 0.`,
    refusals: [409, 503],
    noTool: 'secret',
  })),
  takes: secretRotation,
  gives: { 200: json(sourceOut, doc('The source.')) },
  run: ({ env, now, params }, input) => rotate(env, params.id, input, now),
  show: (row, asked) => showSource(asked, row),
  form: {
    at: '/sources/:id/secret',
    read: (form) => ({ secret: form.get('secret') ?? '', grace_seconds: wholeNumber(form.get('grace')) }),
    next: ({ id }) => pathOf(id, 'secret'),
    refused: showSourceAgain,
  },
})

export const rotateSourceUrl = action({
  call: 'POST /api/sources/{id}/url/rotate',
  act: 'source.url_rotated',
  ...doc(() => ({
    summary: "Rotate a source's URL",
    description: `The old URL stops working within ${aSpanOf(CACHE_MS)}. Use this if the URL has leaked.`,
    refusals: [409],
    noTool: 'secret',
  })),
  gives: { 200: json(sourceOut, doc('The source.')) },
  run: ({ env, now, params }) => renewAddress(env, params.id, now),
  show: async (row, asked) => {
    // The caller who created the new URL may see it.
    const url = urlOf(await openSource(asked.env, row), asked.linkOrigin())
    return { ...(await showSource(asked, row)), url }
  },
  form: { at: '/sources/:id/url', next: ({ id }) => pathOf(id, 'url') },
})
