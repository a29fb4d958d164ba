import * as z from 'zod'
import { ANYWHERE, SEARCH_MAX, searchComments } from '../../guestbook/moderation/search'
import { moderatedComment, toModerated } from '../../guestbook/schemas'
import { SCANNED } from '../../kit/db/scanned'
import { json, OWNER, problems } from '../../kit/http/openapi'
import { publicOrigin } from '../../kit/http/origin'
import { listQuery, pageOf, readCursor } from '../../kit/http/pagination'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { NDJSON } from './export-api'
import { toNdjson } from './exporting/export'
import { personLines } from './people'

const base = { tags: ['People'], security: OWNER }
const q = z.string().trim().min(2).max(SEARCH_MAX).describe('Part of a name, website, text, answer or reply.')

/** `/api/people`, for the owner: see `requireOwner` in app.tsx. */
export const peopleApi = new ApiRouter()

peopleApi.openapi(
  createRoute({
    method: 'get',
    path: '/people',
    request: { query: listQuery.extend({ q }) },
    ...base,
    summary: "Find a person's entries",
    description: `Searches ${SCANNED} entries at a time, newest first. A page can be empty even if there is a next page.`,
    responses: {
      200: json(pageOf(moderatedComment, 'PersonPage'), 'A page of entries.'),
      ...problems([400, 401, 422]),
    },
  }),
  async (c) => {
    const { q, limit, cursor } = c.req.valid('query')
    const { data, next } = await searchComments(c.env, ANYWHERE, q, readCursor('cmt', cursor), limit)
    return c.json({ data: data.map((row) => toModerated(row, publicOrigin(c))), next }, 200)
  }
)

peopleApi.openapi(
  createRoute({
    method: 'get',
    path: '/people/export',
    request: { query: z.object({ q, cursor: z.string().max(100).optional() }) },
    ...base,
    summary: "Export a person's entries",
    description: 'One JSON object per line. The last line is `{"type":"next","cursor":...}` or `{"type":"end"}`.',
    responses: {
      200: { description: 'The export as newline-delimited JSON (`application/x-ndjson`).' },
      ...problems([400, 401, 422]),
    },
  }),
  async (c) => {
    const { q, cursor } = c.req.valid('query')
    const lines = await personLines(c.env, q, readCursor('cmt', cursor), publicOrigin(c))
    return c.body(toNdjson(lines), 200, { 'Content-Type': NDJSON })
  }
)
