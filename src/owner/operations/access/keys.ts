import { inputFrom, readKeyFields } from '../../../access/keys/form'
import { planKey, refuseIfTooMany, revokeKey as revoke } from '../../../access/keys/manage'
import { keyIn, keyOut, newKeyOut, toKey } from '../../../access/keys/schemas'
import { listKeys as list, MAX_KEYS } from '../../../access/keys/store'
import { SECTION, showKeyAgain } from '../../../access/pages'
import { withFlash } from '../../../kit/http/flash'
import { action, creation, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

export const createKey = creation({
  call: 'POST /api/keys',
  act: 'key.created',
  ...doc(() => ({
    summary: 'Create an API key',
    description: `The key is shown only once. There can be at most ${MAX_KEYS} keys.`,
    refusals: [409, 410],
    noTool: 'secret',
  })),
  takes: keyIn,
  gives: { 201: json(newKeyOut, doc('The key.')) },
  once: 'keys',
  plan: async ({ env, now }, input) => {
    const { row, key, statement } = await planKey(env, input, now)
    return { result: { row, key }, statements: [statement], erasedWith: row.id, write: refuseIfTooMany }
  },
  show: ({ row, key }) => ({ ...toKey(row), key }),
  subject: ({ row }) => row.id,
  form: {
    at: '/access/keys',
    read: (form, { now }) => inputFrom(readKeyFields(form), now),
    next: async ({ row, key }, { asked: { env, now } }) =>
      `${await withFlash(env, SECTION, { name: row.name, key }, now)}#keys`,
    refused: showKeyAgain,
  },
})

const apiKeysOut = documented('ApiKeys', () => z.object({ data: z.array(keyOut) }))

export const listKeys = action({
  call: 'GET /api/keys',
  ...doc({ summary: 'List the API keys, newest first', noTool: 'secret' }),
  gives: { 200: json(apiKeysOut, doc('All keys.')) },
  run: ({ env }) => list(env),
  show: (rows) => ({ data: rows.map(toKey) }),
})

export const revokeKey = action({
  call: 'DELETE /api/keys/{id}',
  act: 'key.revoked',
  ...doc({ summary: 'Revoke an API key', description: 'The key stops working at once.', noTool: 'setup' }),
  gives: { 204: { description: doc('Revoked.') } },
  run: ({ env, params }) => revoke(env, params.id),
  form: { at: '/access/keys/:id/revoke', next: () => `${SECTION}?done=revoked#keys` },
})
