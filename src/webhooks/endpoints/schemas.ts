import * as z from 'zod'
import { bodyOf, changeOf } from '../../kit/body-schema'
import { parseSigningSecret } from '../rules/signing/secret'
import { graceSeconds } from '../signing-keys/schemas'
import { ENDPOINT_FIELDS, NEW_SCHEMAS, SCHEMAS } from './fields'

const secret = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const parsed = parseSigningSecret(text)
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.error })
  })
  .describe('Your own signing secret: `whsec_` followed by 24 to 64 bytes in base64. Generated if omitted.')

export const endpointIn = bodyOf('EndpointIn', {
  ...NEW_SCHEMAS,
  url: ENDPOINT_FIELDS.rows.url.schema,
  // What applies without them depends on the format, on the digest, and on who asks.
  min_interval_minutes: ENDPOINT_FIELDS.rows.min_interval_minutes.schema.optional(),
  digest_hour: ENDPOINT_FIELDS.rows.digest_hour.schema.optional(),
  moderation_links: ENDPOINT_FIELDS.rows.moderation_links.schema.optional(),
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'If false, no events are sent until you enable the endpoint. Tests and handshakes are sent when you ask for them, and messages can be pulled.'
    ),
  secret: secret.optional(),
})

export const endpointChange = changeOf('EndpointChange', SCHEMAS)

export const rotation = bodyOf('Rotation', { grace_seconds: graceSeconds, secret: secret.optional() })

/** Rejects any field, because an ignored field would appear to have an effect. */
export const noFields = bodyOf('NoFields', {})
