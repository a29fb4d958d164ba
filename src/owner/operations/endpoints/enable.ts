import * as z from 'zod'
import { requireAlso, sightOf } from '../../../access/rights'
import { Refusal } from '../../../kit/http/problem'
import { isChanged } from '../../../kit/lib/changed'
import { action, bodyOf, json } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { startEndpoint } from '../../../webhooks/endpoints/page/lifecycle'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import type { EndpointRow } from '../../../webhooks/endpoints/store'
import { RESUMABLE, requireMaySend } from '../../../webhooks/registration/manage'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { jobOut, toJob } from '../../../webhooks/send/resend/schemas'

const enabling = bodyOf('Enabling', { replay_missing: z.boolean().default(false) })
const enabledEndpoint = endpointOut.and(z.object({ job: z.union([jobOut, z.null()]) })).meta({ id: 'EnabledEndpoint' })

export const enableEndpoint = action({
  call: 'POST /api/endpoints/{id}/enable',
  may: 'write',
  act: 'endpoint.enabled',
  summary: 'Enable an endpoint',
  description:
    'Sends waiting deliveries, oldest first. With `replay_missing`, messages published while the endpoint was disabled are also replayed. ' +
    'To count those messages first, call `replay` with `dry_run`, `only` = `missing` and `since` = `disabled_at`.',
  refusals: [409],
  noTool: 'setup',
  takes: enabling,
  isOptional: true,
  gives: { 200: json(enabledEndpoint, 'The endpoint, and the job that replays missed messages.') },
  run: (asked, { replay_missing }) => {
    if (replay_missing) requireAlso(asked, 'read')
    return startEndpoint(asked, asked.params.id, replay_missing, asked.manages ? RESUMABLE : null)
  },
  changes: ({ before, row }) => isChanged(before, row),
  show: ({ row, job }, asked) => ({ ...toEndpoint(row, sightOf(asked)), job: job && toJob(job) }),
  form: {
    at: '/endpoints/:id/enable',
    read: (form) => ({ replay_missing: form.get('replay_missing') === 'true' }),
    check: async ({ env, params }, form) => requireSeen(await requireEndpoint(env, params.id), form.get('url')),
    // Only the form of an approval says which URL it is about.
    next: ({ row }, { form }) => `/admin/endpoints/${row.id}?done=${form.has('url') ? 'approved' : 'enabled'}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/resume',
    check: requireMaySend,
    next: (_, { base }) => `${base}?done=resumed`,
    refused: showManaged,
  },
})

/** An integrator may have changed the URL since the owner looked. @throws Refusal 409 */
function requireSeen({ disabled_reason, url }: EndpointRow, seen: string | null): void {
  if (disabled_reason !== 'awaiting_approval' || seen === url) return
  const detail = 'The integrator has changed this URL in the meantime. Look at it, then approve it.'
  throw new Refusal(409, 'changed_meanwhile', detail)
}
