import * as z from 'zod'
import { ANYWHERE, SEARCH_MAX, searchComments } from '../../guestbook/moderation/search'
import { moderatedComment, toModerated } from '../../guestbook/schemas'
import { contextOf } from '../../kit/context'
import { SCANNED } from '../../kit/db/sql/scanned'
import { json, jsonRequest, OWNER, problems } from '../../kit/http/openapi'
import { publicOrigin } from '../../kit/http/origin'
import { listQuery, pageOf, readCursor } from '../../kit/http/pagination'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { noteNoChange } from '../../kit/note-act'
import { NDJSON } from './export-api'
import { toNdjson } from './exporting/export'
import { eraseEntries, MAX_ERASED, personLines } from './people'

const base = { tags: ['People'], security: OWNER }
const q = z.string().trim().min(2).max(SEARCH_MAX).describe('Part of a name, website, text, answer or reply.')

/** `/api/people` and `/api/erase`, for the owner: see `requireOwner` in app.tsx. */
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

peopleApi.openapi(
  createRoute({
    method: 'post',
    path: '/erase',
    request: { body: jsonRequest(z.strictObject({ ids: z.array(z.string().max(100)).min(1).max(MAX_ERASED) })) },
    ...base,
    summary: 'Erase entries for good',
    description:
      "Erases the entries, their text in events and receivers' responses, and the webhooks that created them. This cannot be undone.",
    responses: {
      200: json(
        z.object({ erased: z.int(), webhooks: z.int() }),
        'How many entries and webhooks were erased. Entries that do not exist are not counted.'
      ),
      ...problems([401, 422]),
    },
  }),
  async (c) => {
    const erasure = await eraseEntries(contextOf(c), c.req.valid('json').ids)
    if (erasure.erased === 0) noteNoChange(c)
    return c.json(erasure, 200)
  }
)
