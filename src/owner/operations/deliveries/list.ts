import { action, described, doc, json, listQuery, pageOf, readCursor, toPage } from '../../../kit/operation'
import { JOB_KINDS, listJobs } from '../../../webhooks/send/resend/jobs'
import { jobOut, toJob } from '../../../webhooks/send/resend/schemas'
import * as z from '../../../zod'

export const listReplays = action({
  call: 'GET /api/jobs',
  ...doc({ summary: 'List jobs, newest first', refusals: [400, 422], noTool: 'rare' }),
  query: listQuery.extend({ kind: z.enum(JOB_KINDS).optional().openapi(described('Only jobs of this kind.')) }),
  gives: { 200: json(pageOf(jobOut, 'JobPage'), doc('A page of jobs.')) },
  run: ({ env, query: { limit, cursor, kind } }) =>
    listJobs(env, { before: readCursor('job', cursor), kind }, limit + 1),
  show: (rows, { query: { limit } }) => {
    const { data, next } = toPage(rows, limit)
    return { data: data.map(toJob), next }
  },
})
