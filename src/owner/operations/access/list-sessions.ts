import * as z from 'zod'
import { listSessions as list, MAX_LISTED, SEEN_EVERY_MS, shortId } from '../../../access/sessions/store'
import { iso } from '../../../kit/http/pagination'
import { spanInWords } from '../../../kit/lib/time'
import { action, json, listOf } from '../../../kit/operation'

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
  noTool: 'secret',
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
