import { requireAlso } from '../../../access/rights'
import { creation, json } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { requireRoomToAct } from '../../../webhooks/registration/manage'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { requireEnabled } from '../../../webhooks/send/messages/retry'
import { afterReplay, replayFrom } from '../../../webhooks/send/resend/form'
import type { JobRow } from '../../../webhooks/send/resend/jobs'
import { planReplay, refuseIfFull, selectionFor, startJobs } from '../../../webhooks/send/resend/run-jobs'
import {
  jobOut,
  replayCount,
  replayRequest,
  toJob,
  toReplayCount,
  toScope,
} from '../../../webhooks/send/resend/schemas'
import { countSelection, type SelectionCount } from '../../../webhooks/send/resend/selection'

type Started = { job: JobRow } | { counted: SelectionCount }

export const startReplayTo = creation({
  call: 'POST /api/endpoints/{id}/replay',
  may: 'write',
  act: 'replay.started',
  summary: 'Replay messages',
  description:
    'Resends messages whose delivery failed, messages that the endpoint missed, or all messages. Each message keeps its ID, and its retry schedule starts again. ' +
    'The replay runs as a job, at the `rate_limit` of the endpoint. With `dry_run`, the messages are only counted. With `missing` and `all`, an API key also needs the scope `read`, because the endpoint may get messages that were never sent to it before.',
  refusals: [409],
  takes: replayRequest,
  gives: {
    200: json(replayCount, 'With `dry_run`: how many messages would be replayed.'),
    202: json(jobOut, 'The job that was started.'),
  },
  once: 'replay',
  plan: async (asked, request) => {
    const { env, now } = asked
    // What failed was meant for the endpoint. With anything else, a key could have the whole log sent to its own URL.
    if (request.only !== 'failed') requireAlso(asked, 'read')
    const endpoint = await (request.dry_run ? requireEndpoint : requireEnabled)(env, asked.params.id)
    const scope = toScope(endpoint.id, request, now)
    if (request.dry_run) {
      const counted = await countSelection(env, 'resend', selectionFor(scope))
      return { result: { counted } as Started, statements: [] }
    }
    // Integrators share the places for jobs with the owner, so each may have one.
    const { job, statement } = await planReplay(env, scope, now, asked.manages ? 'endpoint' : 'range')
    const start = () => startJobs(env, now)
    return { result: { job } as Started, statements: [statement], write: refuseIfFull, start }
  },
  status: (started) => ('job' in started ? 202 : 200),
  changes: (started) => 'job' in started,
  show: (started) => ('job' in started ? toJob(started.job) : toReplayCount(started.counted)),
  form: {
    at: '/endpoints/:id/replay',
    read: (form, { now }) => replayFrom(form, now),
    check: async ({ env, params }) => void (await requireEnabled(env, params.id)),
    next: (started, { asked, form }) => `/admin/endpoints/${asked.params.id}?${afterReplay('job' in started, form)}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/replay',
    check: async (asked) => {
      await requireEnabled(asked.env, asked.params.id)
      await requireRoomToAct(asked)
    },
    read: async (form, { env, now, params }) => replayFrom(form, now, await requireEndpoint(env, params.id)),
    next: (started, { base, form }) => `${base}?${afterReplay('job' in started, form)}`,
    refused: showManaged,
  },
  tool: {
    name: 'replay_endpoint',
    title: 'Replay messages to an endpoint',
    description:
      'Sends many messages to one endpoint again. First call it with `dry_run: true`: it counts the messages and sends nothing.',
    takes: ['id', 'since', 'until', 'only', 'event_types', 'dry_run'],
    explains: {
      id: 'The ID of the endpoint, such as `ep_...`.',
      dry_run: 'Count the messages, and send nothing.',
    },
    fromStrangers: false,
  },
})
