import * as z from 'zod'
import { iso } from '../../kit/http/pagination'
import { notFound } from '../../kit/http/problem'
import { DASHBOARD } from '../../kit/lib/paths'
import { spanInWords } from '../../kit/lib/time'
import { action, json, listOf } from '../../kit/operation'
import {
  readSessions as list,
  MAX_LISTED,
  revokeSession as revoke,
  revokeOtherSessions,
  SEEN_EVERY_MS,
  shortId,
} from './store'

/* The operations on sessions. */

const sessionOut = z
  .object({
    id: z.string().describe('The ID of the session. It cannot be used to log in.'),
    created_at: z.string(),
    expires_at: z.string(),
    last_seen_at: z
      .string()
      .nullable()
      .describe(`When the session was last used, updated at most every ${spanInWords(SEEN_EVERY_MS)}.`),
    browser: z
      .string()
      .meta({ example: 'Firefox on Linux', description: 'The browser, guessed from the `User-Agent`.' }),
    country: z.string().nullable().describe('An ISO 3166 code, or null if Cloudflare does not know the country.'),
  })
  .meta({ id: 'Session' })

export const listSessions = action({
  call: 'GET /api/sessions',
  may: 'person',
  summary: 'List the open dashboard sessions, latest first',
  gives: {
    200: json(listOf(sessionOut, 'Sessions'), `Up to ${MAX_LISTED} sessions.`),
  },
  run: ({ env, now }) => list(env, now),
  show: (rows) => ({
    data: rows.map(({ id, browser, country, ...times }) => ({
      id: shortId(id),
      created_at: iso(times.created_at),
      expires_at: iso(times.expires_at),
      last_seen_at: iso(times.last_seen_at),
      browser,
      country,
    })),
  }),
})

export const revokeSession = action({
  call: 'DELETE /api/sessions/{id}',
  may: 'person',
  act: 'session.revoked',
  summary: 'End a dashboard session',
  gives: { 204: { description: 'Ended.' } },
  run: async ({ env, params }) => {
    if (!(await revoke(env, params.id))) throw notFound('session')
  },
  form: { at: '/access/sessions/:id/revoke', next: () => `${DASHBOARD.access}?done=ended#sessions` },
})

export const revokeAllSessions = action({
  call: 'DELETE /api/sessions',
  may: 'person',
  act: 'session.all_revoked',
  summary: 'End all dashboard sessions',
  noForm: 'The dashboard ends all sessions but its own: see access/pages.tsx.',
  gives: { 204: { description: 'Ended.' } },
  run: ({ env }) => revokeOtherSessions(env, ''),
  changes: (ended) => ended > 0,
})
