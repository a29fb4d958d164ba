import { createRoute, z } from '@hono/zod-openapi'
import { doc } from '#doc'
import { acceptOnce, firstAnswerOr } from '../../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { planKey, refuseIfTooMany, revokeKey } from './manage'
import { keyIn, keyOut, newKeyOut, toKey } from './schemas'
import { listKeys, MAX_KEYS } from './store'

const base = { tags: ['Access'], security: OWNER }

/** `/api/keys`, for ADMIN_TOKEN only. Protected by `requireOwner` in app.tsx. */
export const keysApi = apiRouter()

keysApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: doc('Create an API key'),
    description: doc(`The key is shown only once. There can be at most ${MAX_KEYS} keys.`),
    request: { headers: idempotencyKey, body: jsonRequest(keyIn) },
    responses: { 201: json(newKeyOut, doc('The key.')), ...problems(400, 401, 409, 410, 422) },
  }),
  async (c) => {
    const now = Date.now()
    return firstAnswerOr(c, 'keys', async () => {
      const { row, key, statement } = await planKey(c.env, c.req.valid('json'), now)
      const body = { ...toKey(row), key }
      const acceptance = { status: 201 as const, body, subject: row.id, statements: [statement] }
      return (await refuseIfTooMany(() => acceptOnce(c, 'keys', acceptance, now))).response
    })
  }
)

keysApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: doc('List the API keys, newest first'),
    responses: {
      200: json(z.object({ data: z.array(keyOut) }).openapi('ApiKeys'), doc('All keys.')),
      ...problems(401),
    },
  }),
  async (c) => c.json({ data: (await listKeys(c.env)).map(toKey) }, 200)
)

keysApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{id}',
    summary: doc('Revoke an API key'),
    description: doc('The key stops working at once.'),
    request: { params: z.object({ id: z.string().max(100) }) },
    responses: { 204: { description: doc('Revoked.') }, ...problems(401, 404) },
  }),
  async (c) => {
    await revokeKey(c.env, c.req.valid('param').id)
    return c.body(null, 204)
  }
)
