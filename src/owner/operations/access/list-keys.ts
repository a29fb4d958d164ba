import { keyOut, toKey } from '../../../access/keys/schemas'
import { listKeys as list } from '../../../access/keys/store'
import { action, doc, documented, json } from '../../../kit/operation'
import * as z from '../../../zod'

export const listKeys = action({
  call: 'GET /api/keys',
  tag: doc('Access'),
  summary: doc('List the API keys, newest first'),
  gives: {
    200: json(
      documented('ApiKeys', () => z.object({ data: z.array(keyOut) })),
      doc('All keys.')
    ),
  },
  refusals: doc([401]),
  run: ({ env }) => list(env),
  show: (rows) => ({ data: rows.map(toKey) }),
  noTool: doc('secret'),
})
