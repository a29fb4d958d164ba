import { orNotFound } from '../../../kit/http/problem'
import { action, json } from '../../../kit/operation'
import { findJob } from '../../../webhooks/send/resend/jobs'
import { progressOf } from '../../../webhooks/send/resend/progress'
import { jobWithProgress, toJob } from '../../../webhooks/send/resend/schemas'

export const getReplay = action({
  call: 'GET /api/jobs/{id}',
  may: 'read',
  summary: 'Get a job',
  noTool: 'rare',
  gives: { 200: json(jobWithProgress, 'The job and its progress.') },
  run: async ({ env, params }) => {
    const job = orNotFound(await findJob(env, params.id), 'job')
    return { job, progress: job.kind === 'replay' ? await progressOf(env, job) : null }
  },
  show: ({ job, progress }) => ({ ...toJob(job), progress }),
})
