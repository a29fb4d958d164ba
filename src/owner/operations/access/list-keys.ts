import { keyOut, toKey } from '../../../access/keys/schemas'
import { listKeys as list } from '../../../access/keys/store'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

const apiKeysOut = documented('ApiKeys', () => z.object({ data: z.array(keyOut) }))

export const listKeys = action({
  call: 'GET /api/keys',
  ...doc({ summary: 'List the API keys, newest first', noTool: 'secret' }),
  gives: { 200: json(apiKeysOut, doc('All keys.')) },
  run: ({ env }) => list(env),
  show: (rows) => ({ data: rows.map(toKey) }),
})
