import { notFound, orNotFound } from '../../../kit/http/problem'
import { action, json } from '../../../kit/operation'
import { findJob, type JobRow } from '../../../webhooks/send/resend/jobs'
import { stopSelection } from '../../../webhooks/send/resend/run-jobs'
import { jobOut, toJob } from '../../../webhooks/send/resend/schemas'

/** An integrator starts only replays. The other kinds are the owner's, and can be about several endpoints. */
const isOwn = (job: JobRow | null, endpoint_id: string) => job?.kind === 'replay' && job.endpoint_id === endpoint_id

export const cancelReplay = action({
  call: 'POST /api/jobs/{id}/cancel',
  may: 'write',
  act: 'replay.canceled',
  summary: 'Cancel a job',
  description:
    'The job does nothing more. What it has asked for and not sent is again what it was before. What it has discarded stays discarded. If the last message has already been sent, the job does not change.',
  noTool: 'rare',
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
    next: ({ job }) => `/admin/endpoints/${job.endpoint_id}?tab=replay&done=canceled`,
  },
  managed: {
    at: '/jobs/:job/cancel',
    params: ({ job = '' }) => ({ id: job }),
    next: (_, { base }) => `${base}?tab=replay&done=canceled`,
  },
})
