import { aSpanOf } from '../../../kit/lib/time'
import { action, json } from '../../../kit/operation'
import { CACHE_MS } from '../../../webhooks/sources/cache'
import { renewAddress } from '../../../webhooks/sources/manage'
import { sourceOut, urlOf } from '../../../webhooks/sources/schemas'
import { openSource } from '../../../webhooks/sources/secrets'
import { pathOf } from '../../sources/pages'
import { showSource } from './get'

export const rotateSourceUrl = action({
  call: 'POST /api/sources/{id}/url/rotate',
  may: 'write',
  act: 'source.url_rotated',
  summary: "Rotate a source's URL",
  description: `The old URL stops working within ${aSpanOf(CACHE_MS)}. Use this call if the URL has leaked.`,
  refusals: [409],
  noTool: 'secret',
  gives: { 200: json(sourceOut, 'The source.') },
  run: ({ env, now, params }) => renewAddress(env, params.id, now),
  show: async (row, asked) => {
    // The caller who created the new URL may see it.
    const url = urlOf(await openSource(asked.env, row), asked.linkOrigin())
    return { ...(await showSource(asked, row)), url }
  },
  form: { at: '/sources/:id/url', next: ({ id }) => pathOf(id, 'url') },
})
