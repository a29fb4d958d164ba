import { z } from '@hono/zod-openapi'
import { ALGORITHMS } from '../../core/verifying/custom-scheme'
import { PLACE, type Place } from '../../core/verifying/request'
import { isTemplate } from '../../core/verifying/signed-text'

const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'A header name has letters, digits and dashes.')

const place = z
  .string()
  .regex(PLACE, 'Write where it stands: header:x-event, body:data.type or query:type.')
  .transform((text) => text as Place)
  .openapi({ type: 'string', example: 'body:data.type' })

/** The spelling of an algorithm is free: "HMAC-SHA256" and "sha256" are the same. */
const algorithm = z
  .string()
  .transform((text) =>
    text
      .toLowerCase()
      .replace(/^hmac[-_]?/, '')
      .replace(/^sha-(?=\d)/, 'sha')
  )
  .pipe(z.enum(ALGORITHMS))
  .openapi({ type: 'string', enum: [...ALGORITHMS] })

/** As other services spell what is meant. */
const OTHER_NAMES: Record<string, string> = {
  signature_header: 'header',
  hash: 'algorithm',
  template: 'signed',
  signed_payload: 'signed',
  tolerance: 'tolerance_seconds',
  secret_encoding: 'key',
  notification_url: 'url',
  hub_verify_token: 'verify_token',
}

/** Before they are validated. */
export function renameOptions(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [OTHER_NAMES[name] ?? name, value])
  )
}

/** What a source says beyond its provider. See core/custom-scheme.ts. */
export const sourceOptions = z
  .strictObject({
    header: headerName.optional().openapi({ description: 'Header of the signature or secret.' }),
    parameter: z.string().min(1).max(100).optional().openapi({ description: 'Of the query.' }),
    algorithm: algorithm.optional(),
    encoding: z.enum(['hex', 'base64']).optional(),
    prefix: z.string().max(40).optional().openapi({ example: 'sha256=' }),
    signed: z
      .string()
      .max(200)
      .refine((text) => text.includes('{body}') && isTemplate(text), {
        message: 'Say what is signed with {body}, {timestamp}, {method}, {url} or {header:name}.',
      })
      .optional()
      .openapi({ example: '{timestamp}.{body}' }),
    key: z.enum(['text', 'base64', 'hex']).optional(),
    timestamp_header: headerName.optional(),
    timestamp_unit: z.enum(['s', 'ms', 'iso']).optional(),
    tolerance_seconds: z.int().min(1).max(604_800).optional(),
    event_type: place.optional(),
    delivery_id: place.optional(),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional()
      .openapi({ description: 'The address as the provider knows it, where it signs another.' }),
    verify_token: z.string().min(1).max(200).optional(),
  })
  .openapi('SourceOptions')
