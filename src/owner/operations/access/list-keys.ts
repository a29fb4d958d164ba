import { keyOut, toKey } from '../../../access/keys/schemas'
import { listKeys as list } from '../../../access/keys/store'
import { action, json, listOf } from '../../../kit/operation'

export const listKeys = action({
  call: 'GET /api/keys',
  may: 'person',
  summary: 'List the API keys, newest first',
  noTool: 'secret',
  gives: { 200: json(listOf(keyOut, 'ApiKeys'), 'All keys.') },
  run: ({ env }) => list(env),
  show: (rows) => ({ data: rows.map(toKey) }),
})
