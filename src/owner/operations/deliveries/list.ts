import { action, described, doc, json, listQuery, pageOf, readCursor } from '../../../kit/operation'
import { JOB_KINDS, listJobs } from '../../../webhooks/send/resend/jobs'
import { jobOut, toJob } from '../../../webhooks/send/resend/schemas'
import * as z from '../../../zod'

export const listReplays = action({
  call: 'GET /api/jobs',
  ...doc({ summary: 'List jobs, newest first', refusals: [400, 422], noTool: 'rare' }),
  query: listQuery.extend({ kind: z.enum(JOB_KINDS).optional().openapi(described('Only jobs of this kind.')) }),
  gives: { 200: json(pageOf(jobOut, 'JobPage'), doc('A page of jobs.')) },
  run: ({ env, query: { limit, cursor, kind } }) =>
    listJobs(env, { kind: kind ?? null }, { from: readCursor('job', cursor) }, limit),
  show: ({ data, next }) => ({ data: data.map(toJob), next }),
})
