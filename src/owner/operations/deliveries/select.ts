import { requireAlso } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { iso } from '../../../kit/http/pagination'
import { subjectOf } from '../../../kit/note-act'
import { creation, json } from '../../../kit/operation'
import type { JobRow } from '../../../webhooks/send/resend/jobs'
import { planSelection, refuseIfFull } from '../../../webhooks/send/resend/run-jobs'
import {
  discardOrCount,
  discardRequest,
  discardResult,
  resendOrCount,
  resendRequest,
  resendResult,
  toJob,
  toSelection,
} from '../../../webhooks/send/resend/schemas'
import {
  countSelection,
  type Selection,
  type SelectionAct,
  type SelectionCount,
} from '../../../webhooks/send/resend/selection'

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
  return { result: { selection, count, under_way, job } as Result, statements, write: refuseIfFull, start }
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
  noTool: 'rare',
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
  noTool: 'rare',
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
