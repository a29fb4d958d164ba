import * as z from 'zod'
import { SCOPES } from '../../kit/actor'
import { bodyOf, wellFormed } from '../../kit/body-schema'
import { iso, timeSchema } from '../../kit/http/pagination'
import { aSpanOf } from '../../kit/lib/time'
import { readScopes, SCOPE_WORDS } from '../scopes'
import { type KeyRow, USED_EVERY_MS } from './store'

/** In code points. */
export const KEY_NAME_MAX = 100

export const keyIn = bodyOf('ApiKeyIn', {
  name: wellFormed
    .trim()
    .min(1, 'Enter a name, such as the program that will use the key.')
    .max(KEY_NAME_MAX, `Use at most ${KEY_NAME_MAX} characters.`)
    .describe('A note for yourself, such as where the key is used.'),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1, 'Choose at least one scope.')
    .max(SCOPES.length)
    .describe(`What the key may do. ${SCOPES.map((scope) => `\`${scope}\`: ${SCOPE_WORDS[scope]}.`).join(' ')}`),
  expires_at: timeSchema.nullable().default(null).describe('When the key stops working. Null means never.'),
})

export type KeyIn = z.infer<typeof keyIn>

export const keyOut = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: z.string(),
    expires_at: z.string().nullable(),
    last_used_at: z
      .string()
      .nullable()
      .describe(
        `When the key was last used, updated at most once ${aSpanOf(USED_EVERY_MS)}. Null if the key has never been used.`
      ),
  })
  .meta({ id: 'ApiKey' })

export const newKeyOut = keyOut
  .and(z.object({ key: z.string().describe('Shown only once. Only its hash is stored.') }))
  .meta({ id: 'NewApiKey' })

export function toKey(row: KeyRow): z.infer<typeof keyOut> {
  return {
    id: row.id,
    name: row.name,
    scopes: readScopes(row.scopes),
    created_at: iso(row.created_at),
    expires_at: iso(row.expires_at),
    last_used_at: iso(row.last_used_at),
  }
}
