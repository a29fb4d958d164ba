import { action, doc, json, listQuery, pageOf, readCursor, toPage } from '../../../kit/operation'
import { jobOut, toJob } from '../../../webhooks/send/replay/schemas'
import { listJobs } from '../../../webhooks/send/replay/store'

export const listReplays = action({
  call: 'GET /api/jobs',
  ...doc({ summary: 'List jobs, newest first', refusals: [400, 422], noTool: 'rare' }),
  query: listQuery,
  gives: { 200: json(pageOf(jobOut, 'JobPage'), doc('A page of jobs.')) },
  run: ({ env, query: { limit, cursor } }) => listJobs(env, readCursor('job', cursor), limit + 1),
  show: (rows, { query: { limit } }) => {
    const { data, next } = toPage(rows, limit)
    return { data: data.map(toJob), next }
  },
})
