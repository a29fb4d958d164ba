import * as z from 'zod'
import { bodyOf } from '../../kit/body-schema'
import { DAY_MS } from '../../kit/lib/time'
import { PLACE, type ValuePlace } from '../rules/verifying/request'
import { ALGORITHMS } from '../rules/verifying/scheme'
import { isTemplate } from '../rules/verifying/signed-text'

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'Use letters, digits and dashes.')

const place = z
  .string()
  .regex(PLACE, 'Use a location such as header:x-event, body:data.type or query:type.')
  .transform((text) => text as ValuePlace)
  .meta({ type: 'string', example: 'body:data.type' })

/** Accepts common spellings: "HMAC-SHA256" and "SHA-256" mean "sha256". */
const algorithm = z
  .string()
  .transform((text) =>
    text
      .toLowerCase()
      .replace(/^hmac[-_]?/, '')
      .replace(/^sha-(?=\d)/, 'sha')
  )
  .pipe(z.enum(ALGORITHMS))
  .meta({ type: 'string', enum: [...ALGORITHMS] })

const MAX_TOLERANCE_SECONDS = (7 * DAY_MS) / 1_000

/** The options of a source, which override its provider's definition. See webhooks/rules/verifying/custom-scheme.ts. */
export const sourceOptions = bodyOf('SourceOptions', {
  header: headerName.optional().describe('The header that contains the signature or secret.'),
  parameter: z.string().min(1).max(100).optional().describe('The query parameter that contains the secret.'),
  algorithm: algorithm.optional(),
  encoding: z.enum(['hex', 'base64']).optional(),
  /** Precedes the signature in its header. */
  prefix: z.string().max(40).optional().meta({ example: 'sha256=' }),
  /** The template of the signed text: see scheme.ts. */
  signed: z
    .string()
    .max(200)
    .refine((text) => text.includes('{body}') && isTemplate(text), {
      message: 'Include {body}, and {timestamp}, {method}, {url} or {header:name} if needed.',
    })
    .optional()
    .meta({ example: '{timestamp}.{body}' }),
  /** How the secret becomes the HMAC key. */
  key: z.enum(['text', 'base64', 'hex']).optional(),
  timestamp_header: headerName.optional(),
  timestamp_unit: z.enum(['s', 'ms', 'iso']).optional(),
  tolerance_seconds: z.int().min(1).max(MAX_TOLERANCE_SECONDS).optional(),
  event_type: place.optional(),
  delivery_id: place.optional(),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .describe('The URL that the provider signs, if it differs from the webhook URL.'),
  /** What the provider's handshake must contain. */
  verify_token: z.string().min(1).max(200).optional(),
})
export type SourceOptions = z.infer<typeof sourceOptions>
