import { withFlash } from '../../kit/http/flash'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, creation, json, listOf } from '../../kit/operation'
import { showKeyAgain } from '../pages'
import { inputFrom, readKeyFields } from './form'
import { planKey, refuseIfTooMany, revokeKey as revoke } from './manage'
import { keyIn, keyOut, newKeyOut, toKey } from './schemas'
import { readKeys as list, MAX_KEYS } from './store'

/* The operations on API keys. */

export const createKey = creation({
  call: 'POST /api/keys',
  may: 'person',
  act: 'key.created',
  summary: 'Create an API key',
  description: `The key is shown only once. There can be at most ${MAX_KEYS} keys.`,
  refusals: [409, 410],
  takes: keyIn,
  gives: { 201: json(newKeyOut, 'The key.') },
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
      `${await withFlash(env, DASHBOARD.access, { name: row.name, key }, now)}#keys`,
    refused: showKeyAgain,
  },
})

export const listKeys = action({
  call: 'GET /api/keys',
  may: 'person',
  summary: 'List the API keys, newest first',
  gives: { 200: json(listOf(keyOut, 'ApiKeys'), 'All keys.') },
  run: ({ env }) => list(env),
  show: (rows) => ({ data: rows.map(toKey) }),
})

export const revokeKey = action({
  call: 'DELETE /api/keys/{id}',
  may: 'person',
  act: 'key.revoked',
  summary: 'Revoke an API key',
  description: 'The key stops working at once.',
  gives: { 204: { description: 'Revoked.' } },
  run: ({ env, params }) => revoke(env, params.id),
  form: { at: '/access/keys/:id/revoke', next: () => `${DASHBOARD.access}?done=revoked#keys` },
})
