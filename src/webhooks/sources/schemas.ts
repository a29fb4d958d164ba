import * as z from 'zod'
import type { Sight } from '../../access/rights'
import { bodyOf, changeOf } from '../../kit/body-schema'
import { newSchemasOf, schemasOf } from '../../kit/field-rows'
import { iso } from '../../kit/http/pagination'
import { formerUntil } from '../rules/signing/rotation'
import { findProvider, PROVIDERS } from '../rules/verifying/providers'
import { graceSeconds } from '../signing-keys/schemas'

import { SOURCE_FIELDS } from './fields'
import type { SourceSecrets } from './secrets'
import type { SourceRow } from './store'

/** The maximum request size. A sample can have 65,536 characters, and JSON escapes can make it four times as long. */
export const MAX_SOURCE_BYTES = 256 * 1_024

const provider = z
  .string()
  .max(60)
  .refine((slug) => findProvider(slug) !== undefined, {
    message: 'Unknown provider. GET /api/providers lists them. "custom-hmac" works for most other services.',
  })
  .transform((slug) => findProvider(slug)?.slug ?? slug)
  .meta({ type: 'string', example: 'github', enum: PROVIDERS.map(({ slug }) => slug) })

const secret = z
  .string()
  .max(5_000)
  .refine((text) => text.trim() !== '', { message: 'The secret is empty.' })
  .describe('The signing secret, token or public key, exactly as the provider shows it.')

export const haveSameName = (given: SearchFields): boolean => new Set(given.map(({ name }) => name)).size < given.length

export const SAME_NAME = 'Two fields have the same name. Send {name, path} with different names.'

type SearchFields = z.infer<typeof SOURCE_FIELDS.rows.fields.schema>

export const sourceIn = bodyOf('SourceIn', {
  ...newSchemasOf(SOURCE_FIELDS.rows),
  name: SOURCE_FIELDS.rows.name.schema,
  provider,
  secret: secret.nullish(),
  strict: SOURCE_FIELDS.rows.strict.schema.optional(),
  fields: SOURCE_FIELDS.rows.fields.schema.refine((given) => !haveSameName(given), SAME_NAME).default([]),
})
export type SourceIn = z.infer<typeof sourceIn>

export const sourceChange = changeOf('SourceChange', {
  ...schemasOf(SOURCE_FIELDS.rows),
  secret: secret
    .nullable()
    .describe(
      'Replaces the secret immediately. Use null to remove the secret. To keep the old secret valid for a while, rotate the secret instead.'
    ),
  status: z.enum(['active', 'paused']),
})
export type SourceChange = z.infer<typeof sourceChange>

export const secretRotation = bodyOf('SourceSecretRotation', { secret, grace_seconds: graceSeconds })

export const sourceOut = z
  .object({
    id: z.string(),
    provider: z.string(),
    url: z
      .string()
      .describe(
        "Enter this URL in the provider's settings. Empty without the scope `secrets`, because anyone who knows this URL can post webhooks to it."
      ),
    status: z.enum(['active', 'paused']),
    has_secret: z.boolean(),
    previous_secret_expires_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
    ...schemasOf(SOURCE_FIELDS.rows),
  })
  .meta({ id: 'Source' })
export type SourceOut = z.infer<typeof sourceOut>

/** @param origin the origin of this guestbook */
export function toSourceOut(row: SourceRow, secrets: SourceSecrets, origin: string, now: number): SourceOut {
  return {
    id: row.id,
    provider: row.provider,
    url: urlOf(secrets, origin),
    status: row.status === 'paused' ? 'paused' : 'active',
    has_secret: secrets.current !== undefined,
    previous_secret_expires_at: iso(formerUntil(secrets, now)),
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
    ...SOURCE_FIELDS.valuesIn(row),
  }
}

/** @returns the source as a caller may see it */
export function sourceFor(source: SourceOut, { secrets }: Sight): SourceOut {
  const { url: _, ...options } = source.options
  return secrets ? source : { ...source, url: '', options }
}

export const urlOf = ({ token }: SourceSecrets, origin: string): string => `${origin}/in/${token}`
