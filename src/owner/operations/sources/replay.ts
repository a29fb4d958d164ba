import * as z from 'zod'
import { firstIdAt } from '../../../kit/lib/ids'
import { action, bodyOf, json } from '../../../kit/operation'
import { processFailed } from '../../../webhooks/receive/process/reprocess'
import { requireSource } from '../../../webhooks/sources/manage'
import { pathOf } from '../../sources/pages'

const failedIn = bodyOf('SourceReplay', { status: z.literal('failed').default('failed') })

const replaySourceOut = z.object({ count: z.int(), has_more: z.boolean() })

export const replaySource = action({
  call: 'POST /api/sources/{id}/replay',
  may: 'write',
  act: 'source.reprocessed',
  summary: "Reprocess a source's failed requests",
  description:
    'Use this call after you have fixed the secret or the template. Reprocesses up to 5,000 requests per call, oldest first.',
  noTool: 'rare',
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
  form: { at: '/sources/:id/replay', next: (_, { asked }) => pathOf(asked.params.id, 'replayed') },
})
