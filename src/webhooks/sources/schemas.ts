import * as z from 'zod'
import type { Sight } from '../../access/rights'
import { bodyOf, changeOf, wellFormed } from '../../kit/body-schema'
import { iso } from '../../kit/http/pagination'
import { formerUntil } from '../rules/signing/rotation'
import { parseCondition } from '../rules/templates/conditions'
import { parseTemplate, TEMPLATE_MAX } from '../rules/templates/template'
import { findProvider, PROVIDERS } from '../rules/verifying/providers'
import { graceSeconds } from '../signing-keys/schemas'
import { sourceOptions } from './options'
import type { SourceSecrets } from './secrets'
import type { SourceRow } from './store'

/** The maximum request size. A sample can have 65,536 characters, and JSON escapes can make it four times as long. */
export const MAX_SOURCE_BYTES = 256 * 1_024

/** How many days a source keeps its messages by default. */
export const RETENTION_DAYS = 30
export const MAX_RETENTION_DAYS = 3_650
const MAX_FIELDS = 5

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

const text = z.string().superRefine((value, c) => {
  const parsed = parseTemplate(value)
  if (!parsed.ok) c.addIssue({ code: 'custom', message: parsed.error })
})

const condition = z.string().superRefine((value, c) => {
  const parsed = value.trim() === '' ? { ok: true as const } : parseCondition(value)
  if (!parsed.ok) c.addIssue({ code: 'custom', message: parsed.error })
})

/** How a message becomes a guestbook entry. See webhooks/rules/templates/template.ts. */
export const entryTemplate = z
  .strictObject({
    name: text.meta({ type: 'string', example: '{{sender.login}}' }),
    body: text.meta({ type: 'string', example: 'starred {{repository.full_name}}' }),
    website: text.optional().meta({ type: 'string', example: '{{sender.html_url}}' }),
    when: condition.optional().meta({ type: 'string', example: 'action == "created"' }),
    book: z.string().min(1).max(100).optional().meta({
      description: 'The slug of the book that gets the entry. The default is the main book.',
      example: 'main',
    }),
  })
  .describe(`The templates for the fields of the entry, each up to ${TEMPLATE_MAX} characters long.`)
export type EntryTemplate = z.infer<typeof entryTemplate>

const namedField = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/, 'Use up to 40 letters, digits, dashes and underscores.'),
  path: z.string().min(1).max(200).meta({ example: 'repository.full_name' }),
})
/** A field that has only a path is named after that path. */
const field = z.union([
  namedField,
  z
    .string()
    .min(1)
    .max(200)
    .transform((path) => ({ name: path.replace(/[^\w-]/g, '_').slice(0, 40), path })),
])
/** Earlier versions have stored repeated names, so a backup may contain them. */
export const fields = z
  .array(field)
  .max(MAX_FIELDS)
  .describe('The paths of values in the body. You can search requests for these values.')

export const haveSameName = (given: z.infer<typeof fields>): boolean =>
  new Set(given.map(({ name }) => name)).size < given.length

export const SAME_NAME = 'Two fields have the same name. Send {name, path} with different names.'

const days = z.int().min(1).max(MAX_RETENTION_DAYS)

/** Megabytes. */
export const DAILY_QUOTA_MB = 50
export const MAX_DAILY_QUOTA_MB = 10_000

const dailyQuota = z
  .int()
  .min(0)
  .max(MAX_DAILY_QUOTA_MB)
  .describe(
    'How many megabytes the source can store per day (UTC). Beyond that, requests are refused with 429. 0 means no limit.'
  )

const common = {
  name: wellFormed.trim().min(1).max(100),
  act: z.enum(['keep', 'publish', 'sign']),
  strict: z.boolean().describe('Respond with 401 immediately if the signature is wrong. The request is stored anyway.'),
  options: sourceOptions,
  fields,
  template: entryTemplate.nullable(),
  retention_days: days,
  body_retention_days: days.nullable(),
  daily_quota_mb: dailyQuota,
}

export const sourceIn = bodyOf('SourceIn', {
  name: common.name,
  provider,
  secret: secret.nullish(),
  act: common.act.default('keep'),
  strict: common.strict.optional(),
  options: common.options.default({}),
  fields: fields.refine((given) => !haveSameName(given), SAME_NAME).default([]),
  template: common.template.optional(),
  retention_days: days.default(RETENTION_DAYS),
  body_retention_days: common.body_retention_days.default(null),
  daily_quota_mb: dailyQuota.default(DAILY_QUOTA_MB),
})
export type SourceIn = z.infer<typeof sourceIn>

export const sourceChange = changeOf('SourceChange', {
  ...common,
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
    name: z.string(),
    provider: z.string(),
    url: z
      .string()
      .describe(
        "Enter this URL in the provider's settings. Empty without the scope `secrets`, because anyone who knows this URL can post webhooks to it."
      ),
    act: common.act,
    strict: z.boolean(),
    status: z.enum(['active', 'paused']),
    has_secret: z.boolean(),
    previous_secret_expires_at: z.string().nullable(),
    options: sourceOptions,
    fields,
    template: entryTemplate.nullable(),
    retention_days: z.int(),
    body_retention_days: z.int().nullable(),
    daily_quota_mb: z.int(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'Source' })
export type SourceOut = z.infer<typeof sourceOut>

/** @param origin the origin of this guestbook */
export function toSourceOut(row: SourceRow, secrets: SourceSecrets, origin: string, now: number): SourceOut {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    url: urlOf(secrets, origin),
    act: row.act,
    strict: row.strict === 1,
    status: row.status === 'paused' ? 'paused' : 'active',
    has_secret: secrets.current !== undefined,
    previous_secret_expires_at: iso(formerUntil(secrets, now)),
    options: sourceOptions.parse(JSON.parse(row.options)),
    fields: fieldsOf(row),
    template: templateOf(row),
    retention_days: row.retention_days,
    body_retention_days: row.body_retention_days,
    daily_quota_mb: row.daily_quota_mb,
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

/** @returns the source as a caller may see it */
export function sourceFor(source: SourceOut, { secrets }: Sight): SourceOut {
  const { url: _, ...options } = source.options
  return secrets ? source : { ...source, url: '', options }
}

export const urlOf = ({ token }: SourceSecrets, origin: string): string => `${origin}/in/${token}`

export function fieldsOf(row: Pick<SourceRow, 'fields'>): z.infer<typeof fields> {
  return fields.parse(JSON.parse(row.fields))
}

export function templateOf(row: Pick<SourceRow, 'template'>): EntryTemplate | null {
  return row.template === null ? null : entryTemplate.parse(JSON.parse(row.template))
}
