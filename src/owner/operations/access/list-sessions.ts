import { listSessions as list, MAX_LISTED, SEEN_EVERY_MS, shortId } from '../../../access/sessions/store'
import { iso } from '../../../kit/http/pagination'
import { spanInWords } from '../../../kit/lib/time'
import { action, described, doc, documentedObject, json, listOf, textOrNull } from '../../../kit/operation'
import * as z from '../../../zod'

const sessionOut = documentedObject('Session', () => ({
  id: z.string().openapi(described('The ID of the session. It cannot be used to log in.')),
  created_at: z.string(),
  expires_at: z.string(),
  last_seen_at: textOrNull(
    () => `When the session was last used, updated at most every ${spanInWords(SEEN_EVERY_MS)}.`
  ),
  browser: z
    .string()
    .openapi(doc({ example: 'Firefox on Linux', description: 'The browser, guessed from the `User-Agent`.' })),
  country: textOrNull('An ISO 3166 code, or null if Cloudflare does not know the country.'),
}))

export const listSessions = action({
  call: 'GET /api/sessions',
  ...doc({ summary: 'List the open dashboard sessions, latest first', noTool: 'secret' }),
  gives: {
    200: json(
      listOf(sessionOut, 'Sessions'),
      doc(() => `Up to ${MAX_LISTED} sessions.`)
    ),
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
