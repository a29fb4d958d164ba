import { keyOut, toKey } from '../../../access/keys/schemas'
import { listKeys as list } from '../../../access/keys/store'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

export const listKeys = action({
  call: 'GET /api/keys',
  ...doc({ tag: 'Access', summary: 'List the API keys, newest first', refusals: [401], noTool: 'secret' }),
  gives: {
    200: json(
      documented('ApiKeys', () => z.object({ data: z.array(keyOut) })),
      doc('All keys.')
    ),
  },
  run: ({ env }) => list(env),
  show: (rows) => ({ data: rows.map(toKey) }),
})
