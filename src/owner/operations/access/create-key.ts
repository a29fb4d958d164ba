import { inputFrom, readKeyFields } from '../../../access/keys/form'
import { planKey, refuseIfTooMany } from '../../../access/keys/manage'
import { keyIn, newKeyOut, toKey } from '../../../access/keys/schemas'
import { MAX_KEYS } from '../../../access/keys/store'
import { SECTION, showKeyAgain } from '../../../access/pages'
import { withFlash } from '../../../kit/http/flash'
import { creation, json } from '../../../kit/operation'

export const createKey = creation({
  call: 'POST /api/keys',
  may: 'person',
  act: 'key.created',
  summary: 'Create an API key',
  description: `The key is shown only once. There can be at most ${MAX_KEYS} keys.`,
  refusals: [409, 410],
  noTool: 'secret',
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
      `${await withFlash(env, SECTION, { name: row.name, key }, now)}#keys`,
    refused: showKeyAgain,
  },
})
