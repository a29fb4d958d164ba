import * as z from 'zod'
import { requireAlso } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { iso } from '../../../kit/http/pagination'
import { notFound, orNotFound } from '../../../kit/http/problem'
import { DASHBOARD } from '../../../kit/lib/paths'
import { subjectOf } from '../../../kit/note-act'
import { action, creation, json, listQuery, pageOf, readCursor } from '../../../kit/operation'
import { requireEndpoint } from '../../endpoints/manage'
import { showEndpointAgain } from '../../endpoints/page/show-endpoint'
import { requireRoomToAct } from '../../registration/manage'
import { showManaged } from '../../registration/show-managed'
import { requireEnabled } from '../messages/retry'
import { afterReplay, replayFrom } from './form'
import { findJob, JOB_KINDS, type JobRow, listJobs } from './jobs'
import { progressOf } from './progress'
import { planReplay, planSelection, refuseTooManyJobs, selectionFor, startJobs, stopSelection } from './run-jobs'
import {
  discardOrCount,
  discardRequest,
  discardResult,
  jobOut,
  jobWithProgress,
  replayCount,
  replayRequest,
  resendOrCount,
  resendRequest,
  resendResult,
  toJob,
  toReplayCount,
  toScope,
  toSelection,
} from './schemas'
import { countSelection, type Selection, type SelectionAct, type SelectionCount } from './selection'

/* The operations that ask again: replays, and selections that are sent again or discarded. Each is a job. */

/* A selection of deliveries, and what is done with it: it is sent again, or discarded. */

type Counted = { selection: Selection; counted: SelectionCount }
type Acted = { selection: Selection; count: number; under_way: number; job: JobRow | null }
type Result = Counted | Acted

async function plan({ env, now }: Context, act: SelectionAct, selection: Selection, dry_run: boolean) {
  if (dry_run) {
    const counted = await countSelection(env, act, selection)
    return { result: { selection, counted } as Result, statements: [] }
  }
  const { count, under_way, job, statements, start } = await planSelection(env, act, selection, now)
  return { result: { selection, count, under_way, job } as Result, statements, write: refuseTooManyJobs, start }
}

/** @returns what was selected, and how many deliveries, or the job that acts on them. For the audit log */
function describeSelection(result: Result): string[] {
  const { endpoints, states, event_types, book, since, until, ids } = result.selection
  const lines = {
    endpoints: endpoints === null ? 'all' : subjectOf(endpoints),
    states: states.join(', '),
    event_types: event_types?.join(', '),
    book,
    since: since > 0 ? iso(since) : null,
    until: iso(until),
    messages: ids && subjectOf(ids),
    ...('job' in result && (result.job ? { job: result.job.id } : { deliveries: result.count })),
  }
  return Object.entries(lines).flatMap(([name, value]) => (value == null ? [] : [`${name}: ${value}`]))
}

/** What both acts have in common. */
const COMMON = {
  status: (result: Result) => ('job' in result && result.job ? 202 : 200),
  changes: (result: Result) => 'job' in result && (result.job !== null || result.count > 0),
  subject: ({ selection }: Result) => subjectOf(selection.endpoints ?? []),
  details: describeSelection,
  noForm: 'The dashboard has the forms of single deliveries and of replays.',
} as const

const doneNow = ({ job, count }: Acted) => (job ? 0 : count)
const shown = ({ job, under_way }: Acted) => ({ under_way, job: job && toJob(job) })

/** What was meant for the endpoint. With anything else, a key could have the whole log sent to its own URL. */
const OWN = ['waiting', 'failed', 'discarded']

const SELECTS =
  'Selects deliveries by endpoint, state, event type, book, time or message. Set at least one of `endpoints`, `book`, `event_types`, `since` and `ids`. '

export const resendDeliveries = creation({
  call: 'POST /api/deliveries/resend',
  may: 'write',
  act: 'deliveries.resent',
  summary: 'Send deliveries again',
  description:
    `${SELECTS}Each endpoint gets only what it subscribes to, and what its condition lets through. The deliveries wait for their turn: they keep the pace of the endpoint, and wait while it is failing. ` +
    'Messages that `ids` names are sent as they are, and at once. More than 100 deliveries are sent by a job. For the states `delivered` and `missing`, an API key also needs the scope `read`.',
  refusals: [409],
  takes: resendRequest,
  gives: {
    200: json(resendOrCount, 'What is sent again. With `dry_run`: what would be.'),
    202: json(resendResult, 'The job that was started.'),
  },
  once: 'resend',
  plan: async (asked, request) => {
    const selection = toSelection('resend', request, asked.now)
    if (selection.states.some((state) => !OWN.includes(state))) requireAlso(asked, 'read')
    return plan(asked, 'resend', selection, request.dry_run)
  },
  show: (result) => ('counted' in result ? result.counted : { resent: doneNow(result), ...shown(result) }),
  ...COMMON,
})

export const discardDeliveries = creation({
  call: 'POST /api/deliveries/discard',
  may: 'write',
  act: 'deliveries.discarded',
  summary: 'Discard deliveries',
  description: `${SELECTS}What waits is given up: it becomes \`canceled\` with the reason \`discarded\`. It can be sent again. More than 100 deliveries are discarded by a job.`,
  refusals: [409],
  takes: discardRequest,
  gives: {
    200: json(discardOrCount, 'What was discarded. With `dry_run`: what would be.'),
    202: json(discardResult, 'The job that was started.'),
  },
  once: 'discard',
  plan: (asked, request) => plan(asked, 'discard', toSelection('discard', request, asked.now), request.dry_run),
  show: (result) => ('counted' in result ? result.counted : { discarded: doneNow(result), ...shown(result) }),
  ...COMMON,
})

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
    return { result: { job } as Started, statements: [statement], write: refuseTooManyJobs, start }
  },
  status: (started) => ('job' in started ? 202 : 200),
  changes: (started) => 'job' in started,
  show: (started) => ('job' in started ? toJob(started.job) : toReplayCount(started.counted)),
  form: {
    at: '/endpoints/:id/replay',
    read: (form, { now }) => replayFrom(form, now),
    check: async ({ env, params }) => void (await requireEnabled(env, params.id)),
    next: (started, { asked, form }) =>
      `${DASHBOARD.endpoints}/${asked.params.id}?${afterReplay('job' in started, form)}`,
    refused: showEndpointAgain,
  },
  managed: {
    at: '/replay',
    limit: 'replays',
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

export const listReplays = action({
  call: 'GET /api/jobs',
  may: 'read',
  summary: 'List jobs, newest first',
  refusals: [400, 422],
  query: listQuery.extend({ kind: z.enum(JOB_KINDS).optional().describe('Only jobs of this kind.') }),
  gives: { 200: json(pageOf(jobOut, 'JobPage'), 'A page of jobs.') },
  run: ({ env, query: { limit, cursor, kind } }) =>
    listJobs(env, { kind: kind ?? null }, { from: readCursor('job', cursor) }, limit),
  show: ({ data, next }) => ({ data: data.map(toJob), next }),
})

export const getReplay = action({
  call: 'GET /api/jobs/{id}',
  may: 'read',
  summary: 'Get a job',
  gives: { 200: json(jobWithProgress, 'The job and its progress.') },
  run: async ({ env, params }) => {
    const job = orNotFound(await findJob(env, params.id), 'job')
    return { job, progress: job.kind === 'replay' ? await progressOf(env, job) : null }
  },
  show: ({ job, progress }) => ({ ...toJob(job), progress }),
})

/** An integrator starts only replays. The other kinds are the owner's, and can be about several endpoints. */
const isOwn = (job: JobRow | null, endpoint_id: string) => job?.kind === 'replay' && job.endpoint_id === endpoint_id

export const cancelReplay = action({
  call: 'POST /api/jobs/{id}/cancel',
  may: 'write',
  act: 'replay.canceled',
  summary: 'Cancel a job',
  description:
    'The job does nothing more. What it has asked for and not sent is again what it was before. What it has discarded stays discarded. If the last message has already been sent, the job does not change.',
  gives: { 200: json(jobOut, 'The job.') },
  run: async ({ env, now, params: { id }, manages }) => {
    if (manages && !isOwn(await findJob(env, id), manages.id)) throw notFound('job')
    const job = orNotFound(await stopSelection(env, id, now), 'job')
    return { job, isEndedNow: job.finished_at === now }
  },
  show: ({ job }) => toJob(job),
  changes: ({ isEndedNow }) => isEndedNow,
  form: {
    at: '/endpoints/:id/jobs/:job/cancel',
    params: ({ job = '' }) => ({ id: job }),
    next: ({ job }) => `${DASHBOARD.endpoints}/${job.endpoint_id}?tab=replay&done=canceled`,
  },
  managed: {
    at: '/jobs/:job/cancel',
    params: ({ job = '' }) => ({ id: job }),
    next: (_, { base }) => `${base}?tab=replay&done=canceled`,
  },
})
