import type { Context } from 'hono'
import * as z from 'zod'
import { planAuditRecords } from '../access/audit/record'
import { bearerToken, isOwner, noToken } from '../access/owner-auth'
import type { HonoEnv } from '../env'
import { laterIn } from '../kit/context'
import { SCANNED } from '../kit/db/scanned'
import { batchTogether } from '../kit/db/shared-batch'
import { acceptOnce, firstAnswerOr, KEY_BYTES } from '../kit/http/act-once'
import { idempotencyKey, type JsonText, json, jsonRequest, OWNER, problems } from '../kit/http/openapi'
import { publicOrigin } from '../kit/http/origin'
import { fittingIn, iso, listQuery, pageOf, readCursor, toPage } from '../kit/http/pagination'
import { invalid, notFound } from '../kit/http/problem'
import { ApiRouter, createRoute } from '../kit/http/router'
import { identifyVisitor } from '../kit/http/visitor'
import { noteSubject } from '../kit/note-act'
import { MAIN_BOOK } from './books/book'
import { loadBook, requireBook } from './books/cache'
import { SEARCH_MAX, searchComments } from './moderation/search'
import { translator } from './reading/languages'
import { serveVersioned } from './reading/versioned'
import { ENTRY_STATUSES, forAuthor } from './rules/entries/statuses'
import { chooseLanguage } from './rules/languages'
import {
  type CommentOut,
  commentIn,
  commentOut,
  moderatedComment,
  newCommentOut,
  toComment,
  toModerated,
} from './schemas'
import { editableUntil, editToken, entriesOfGuest, hasEditToken } from './signing/guest'
import { type EntryDraft, type Planned, sign } from './signing/sign'
import { findComment, listPublished } from './store'

const params = z.object({ id: z.string().max(100) })
const JSON_TYPE = { 'Content-Type': 'application/json' }
const commentsQuery = listQuery.extend({
  book: z.string().max(100).default(MAIN_BOOK).describe('The slug of a book.'),
  status: z
    .enum(ENTRY_STATUSES)
    .default('published')
    .describe('Only the owner can use a status other than `published`.'),
  q: z
    .string()
    .trim()
    .min(1)
    .max(SEARCH_MAX)
    .optional()
    .describe(
      `Text to find in names, websites, texts, answers, moods, places and replies. Case, accents and markup make no difference. Owner only. A search reads at most ${SCANNED} entries, so a page may be empty and still have a \`next\` cursor.`
    ),
})
const tags = ['Entries']

/** A list of long entries ends early, and `next` leads to the rest. */
export const LIST_CHARACTERS = 100_000

/** The maximum size of a request body. The longest comment takes up 50 KB if every character is escaped. */
export const MAX_COMMENT_BYTES = 64 * 1_024

/**
 * `/api/comments`: anyone can read and sign, from any site. Changes are in own-changes/api.ts and
 * moderation/operations.ts.
 */
export const commentsApi = new ApiRouter()

commentsApi.openapi(
  createRoute({
    method: 'post',
    path: '/',
    request: { headers: idempotencyKey, body: jsonRequest(commentIn) },
    tags,
    security: [{}, ...OWNER, { author: [] }],
    summary: 'Sign the guestbook',
    description:
      "The book's rules decide whether a guest's entry is published at once. The owner's entries are published at once, unless they have more links than the book allows, or are private. To be recognized as a known guest, send the `edit_token` of your latest entry. The messages in `errors` about the entry are in the language of `Accept-Language`, or in English.",
    responses: {
      201: json(newCommentOut, 'The new entry. If its status is `held`, it is waiting for approval.'),
      ...problems([401, 403, 404, 409, 410, 422, 429, 503]),
    },
  }),
  async (c) => {
    const now = c.get('now')
    const { book: slug = MAIN_BOOK, ...input } = c.req.valid('json')
    const isGuest = hasEditToken(c) || !(await isOwner(c))
    // Read at the same time, because a new isolate has to read all of them.
    const [visitor, book, translate] = await Promise.all([
      isGuest ? identifyVisitor(c) : null,
      requireBook(c.env, slug, now),
      translator(c.env, chooseLanguage(c.req.header('Accept-Language'))),
    ])
    // Programs have no cookies.
    const earlier = hasEditToken(c) ? await entriesOfGuest(c.env, bearerToken(c)) : []
    const draft: EntryDraft = {
      door: isGuest ? 'api' : 'owner',
      input,
      book,
      visitor,
      translate,
      proof: { entries: async () => earlier },
      stored: c.req.header('Idempotency-Key') === undefined ? 0 : KEY_BYTES,
      origin: publicOrigin(c),
      now,
    }
    const again = (id: string) => makeAgain(c.env, id, earlier, draft.origin)
    const write = (planned: Planned) => accept(c, draft, planned, earlier)
    const signOnce = async () => {
      const signed = await sign(c.env, draft, write, laterIn(c))
      if (!signed.ok) throw invalid(signed.error)
      return signed.value.response
    }
    return firstAnswerOr(c, scopeOf(draft), signOnce, again)
  }
)

/** A guest's address may change between two requests, so it is not part of the scope of an Idempotency-Key. */
const scopeOf = ({ visitor }: EntryDraft): string => (visitor ? 'comments of guests' : 'comments')

/** Stores an entry, unless its Idempotency-Key has been sent before. @param earlier the entries that a guest has shown */
async function accept(c: Context<HonoEnv>, draft: EntryDraft, planned: Planned, earlier: string[]) {
  const { visitor, origin, now } = draft
  const { row, comment, statements } = planned
  if (!visitor) noteSubject(c, comment.id)
  const acceptance = {
    status: 201 as const,
    body: visitor ? await forGuest(c.env, comment, row.known_by, earlier, now) : comment,
    subject: comment.id,
    statements: [...statements, ...planAuditRecords(c)],
    ...(visitor && {
      makeAgain: (id: string) => makeAgain(c.env, id, earlier, origin),
      ifChanged: comment.status === 'spam',
    }),
  }
  return acceptOnce(c, scopeOf(draft), acceptance, batchTogether(c))
}

/** @returns the response to the guest who signs again with the same Idempotency-Key */
async function makeAgain(env: Env, id: string, earlier: string[], origin: string) {
  const row = await findComment(env, id)
  return row && forGuest(env, toComment(row, origin), row.known_by, earlier, row.created_at)
}

async function forGuest(
  env: Env,
  comment: CommentOut,
  known_by: string | null,
  earlier: string[],
  now: number
): Promise<z.infer<typeof newCommentOut>> {
  const edit_token = await editToken(env, comment.id, known_by, earlier)
  return {
    ...forAuthor(comment),
    ...(edit_token && { edit_token, editable_until: iso(editableUntil({ ...comment, created_at: now })) }),
  }
}

commentsApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    request: { query: commentsQuery },
    tags,
    security: [{}, ...OWNER],
    summary: 'List entries, newest first',
    description:
      'Anyone can list published entries. This list has an `ETag`: send the `ETag` in `If-None-Match` to find out cheaply whether anything has changed. The owner can also list entries with another status. Each entry then includes its `reason`.',
    responses: {
      200: json(pageOf(commentOut.or(moderatedComment), 'CommentPage'), 'A page of entries.'),
      304: { description: 'Nothing has changed.' },
      ...problems([400, 401, 404, 422]),
    },
  }),
  async (c) => {
    const { limit, cursor, book, status, q } = c.req.valid('query')
    const before = readCursor('cmt', cursor)
    const origin = publicOrigin(c)
    if (status !== 'published' || q !== undefined) {
      if (!(await isOwner(c))) throw noToken()
      const { data, next } = await searchComments(c.env, { book, status }, q ?? '', before, limit)
      return c.json({ data: data.map((one) => toModerated(one, origin)), next }, 200)
    }
    const render = async () => {
      const { row, comments } = await listPublished(c.env, book, before, limit + 1)
      const { data, next } = toPage(comments, fittingIn(comments, limit, LIST_CHARACTERS))
      return row && { row, body: JSON.stringify({ data: data.map((one) => toComment(one, origin)), next }) }
    }
    const name = `list ${origin} ${limit} ${before ?? ''}`
    return (await serveVersioned(c, book, { name }, render, JSON_TYPE)) as JsonText
  }
)

commentsApi.openapi(
  createRoute({
    method: 'get',
    path: '/{id}',
    request: { params },
    tags,
    security: [{}, ...OWNER],
    summary: 'Get an entry',
    description: 'Anyone can get a published entry. The owner can get every entry.',
    responses: { 200: json(commentOut, 'The entry.'), ...problems([401, 404]) },
  }),
  async (c) => {
    const row = await findComment(c.env, c.req.valid('param').id)
    const isShown = row?.status === 'published' && (await loadBook(c.env, row.book, c.get('now'))) !== null
    if (!row || !(isShown || (await isOwner(c)))) throw notFound('entry')
    return c.json(toComment(row, publicOrigin(c)), 200)
  }
)
