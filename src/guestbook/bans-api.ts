import { createRoute, z } from '@hono/zod-openapi'
import { doc } from '#doc'
import { requireOwner } from '../access/owner-auth'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../http/openapi'
import { banGuest, banIn, banOut, listBans, removeBan, toBan } from './moderation/bans'

const slug = z.string().max(100)
const forOwner = { tags: ['Bans'], security: OWNER, middleware: requireOwner }

/** `/api/books/{slug}/bans`: the guests whose entries are spam. */
export const bansApi = apiRouter()

bansApi.openapi(
  createRoute({
    ...forOwner,
    method: 'get',
    path: '/{slug}/bans',
    summary: doc('List the bans of a book'),
    request: { params: z.object({ slug }) },
    responses: {
      200: json(z.object({ data: z.array(banOut) }), doc('All bans that have not ended.')),
      ...problems(401, 404),
    },
  }),
  async (c) => {
    const bans = await listBans(c.env, c.req.valid('param').slug, Date.now())
    return c.json({ data: bans.map(toBan) }, 200)
  }
)

bansApi.openapi(
  createRoute({
    ...forOwner,
    method: 'post',
    path: '/{slug}/bans',
    summary: doc('Ban a guest'),
    description: doc('Entries of the guest are spam until the ban ends. Earlier entries stay as they are.'),
    request: { params: z.object({ slug }), body: jsonRequest(banIn) },
    responses: { 201: json(banOut, doc('The ban.')), ...problems(400, 401, 404, 409, 422) },
  }),
  async (c) => {
    const ban = await banGuest(c.env, c.req.valid('param'), c.req.valid('json'), Date.now())
    return c.json(toBan(ban), 201)
  }
)

bansApi.openapi(
  createRoute({
    ...forOwner,
    method: 'delete',
    path: '/{slug}/bans/{id}',
    summary: doc('Remove a ban'),
    request: { params: z.object({ slug, id: z.string().max(100) }) },
    responses: { 204: { description: doc('Removed.') }, ...problems(401, 404) },
  }),
  async (c) => {
    const { slug: book, id } = c.req.valid('param')
    await removeBan(c.env, book, id, Date.now())
    return c.body(null, 204)
  }
)
