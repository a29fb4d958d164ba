import { orNotFound } from '../../../kit/http/problem'
import { action, doc, json } from '../../../kit/operation'
import { progressOf } from '../../../webhooks/send/replay/progress'
import { jobWithProgress, toJob } from '../../../webhooks/send/replay/schemas'
import { findJob } from '../../../webhooks/send/replay/store'

export const getReplay = action({
  call: 'GET /api/jobs/{id}',
  ...doc({ summary: 'Get a job', noTool: 'rare' }),
  gives: { 200: json(jobWithProgress, doc('The job and its progress.')) },
  run: async ({ env, params }) => {
    const job = orNotFound(await findJob(env, params.id), 'job')
    return { job, progress: await progressOf(env, job) }
  },
  show: ({ job, progress }) => ({ ...toJob(job), progress }),
})
