import * as z from 'zod'
import { action, json, listQuery, pageOf, readCursor } from '../../../kit/operation'
import { JOB_KINDS, listJobs } from '../../../webhooks/send/resend/jobs'
import { jobOut, toJob } from '../../../webhooks/send/resend/schemas'

export const listReplays = action({
  call: 'GET /api/jobs',
  may: 'read',
  summary: 'List jobs, newest first',
  refusals: [400, 422],
  noTool: 'rare',
  query: listQuery.extend({ kind: z.enum(JOB_KINDS).optional().describe('Only jobs of this kind.') }),
  gives: { 200: json(pageOf(jobOut, 'JobPage'), 'A page of jobs.') },
  run: ({ env, query: { limit, cursor, kind } }) =>
    listJobs(env, { kind: kind ?? null }, { from: readCursor('job', cursor) }, limit),
  show: ({ data, next }) => ({ data: data.map(toJob), next }),
})
