import * as z from 'zod'
import { bodyOf, changeOf } from '../../kit/body-schema'
import { checkHeaders, REDACTED } from '../rules/delivering/custom-headers'
import { DEFAULT_DIGEST_HOUR, DEFAULT_INTERVAL, MAX_INTERVAL } from '../rules/delivering/pace'
import { URL_MAX } from '../rules/delivering/url-policy'
import { EVENT_FILTER, MAX_EVENT_TYPE_LENGTH } from '../rules/events/filter'
import { FORMATS } from '../rules/events/formats'
import { parseSigningSecret } from '../rules/signing/secret'
import { graceSeconds } from '../signing-keys/schemas'
import { texts, when } from './texts/schemas'

const url = z.string().min(1).max(URL_MAX).meta({ example: 'https://example.com/webhooks' })

const description = z
  .string()
  .max(200, 'A description may have at most 200 characters.')
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), 'A description may not contain control characters.')

export const eventTypes = z
  .array(
    z
      .string()
      .max(MAX_EVENT_TYPE_LENGTH)
      .regex(EVENT_FILTER, {
        error: ({ input }) =>
          `"${input}" is not an event type. Use "*", a type such as "comment.published", or a group such as "comment.*".`,
      })
  )
  .min(1, 'Choose at least one event type.')
  .max(50)
  .meta({ example: ['comment.*'] })

/** The deliveries that are released each minute must fit into one queue call: see webhooks/work/send-orders.ts. */
export const MAX_RATE = 1_200
export const DEFAULT_RATE = 300

const rate_limit = z
  .int()
  .min(1)
  .max(MAX_RATE)
  .describe('The maximum number of waiting or replayed deliveries sent per minute. New messages are not limited.')

const secret = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const parsed = parseSigningSecret(text)
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.error })
  })
  .describe('Your own signing secret: `whsec_` followed by 24 to 64 bytes in base64. Generated if omitted.')

const books = z
  .array(z.string().max(100))
  .min(1, 'List at least one book. To include all books, omit the field.')
  .max(50)
  .nullable()
  .describe('Send only messages about these books, and messages that belong to no book. Null means all books.')

export const format = z
  .enum(FORMATS)
  .describe(
    'The format of the request body. `standard`: the payload, byte for byte. `cloudevents`: CloudEvents 1.0 in structured ' +
      'JSON. `build-hook`: a call to the deploy hook of a static site, without any text from guests. `email`: an e-mail to a ' +
      '`mailto:` address. The other formats have the names of services, such as `slack`: a readable message, sent to a URL of the service. Every request is signed.'
  )

const min_interval_minutes = z
  .int()
  .min(0)
  .max(MAX_INTERVAL)
  .nullable()
  .describe(
    'Only for the format `build-hook`: the shortest time, in minutes, from a successful call to the next call. ' +
      `0 means one call for each event. The default is ${DEFAULT_INTERVAL}. Null for other formats.`
  )

const digest = z
  .enum(['off', 'daily'])
  .describe(
    '`daily`: one message a day reports everything that happened, instead of a message for each event. ' +
      'Only for formats that people read. A digest does not use `texts`.'
  )

const digest_hour = z
  .int()
  .min(0)
  .max(23)
  .nullable()
  .describe(`The hour of a daily digest, in UTC. The default is ${DEFAULT_DIGEST_HOUR}. Null without a digest.`)

const legacy_signature = z
  .enum(['hub'])
  .nullable()
  .describe(
    '`hub` adds `X-Hub-Signature-256`, for receivers written for GitHub webhooks. Those receivers use the entire string as the secret, including `whsec_`.'
  )

const moderation_links = z
  .boolean()
  .describe(
    'Whether `comment.held` contains links that let the receiver moderate the entry. Only ADMIN_TOKEN and keys with the scope ' +
      '`moderate` can set this to true; if they omit it, it is true. If a key without this scope changes where events go or what they contain, this becomes false.'
  )

const headers = z
  .record(z.string(), z.string())
  .superRefine((given, context) => {
    const checked = checkHeaders(given)
    for (const { name, fault } of checked.ok ? [] : checked.error)
      context.addIssue({ code: 'custom', path: name ? [name] : [], message: fault })
  })
  .meta({
    description: `Headers to add to each request. Values that look like secrets are returned as "${REDACTED}". Send that text unchanged to keep the stored value.`,
    example: { 'X-Site': 'blog' },
  })

export const endpointIn = bodyOf('EndpointIn', {
  url,
  description: description.default(''),
  event_types: eventTypes.default(['*']),
  books: books.default(null),
  format: format.default('standard'),
  legacy_signature: legacy_signature.default(null),
  headers: headers.default({}),
  rate_limit: rate_limit.default(DEFAULT_RATE),
  digest: digest.default('off'),
  digest_hour: digest_hour.optional(),
  when: when.default(null),
  texts: texts.default({}),
  min_interval_minutes: min_interval_minutes.optional(),
  moderation_links: moderation_links.optional(),
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'If false, no events are sent until you enable the endpoint. Tests and handshakes are sent when you ask for them, and messages can be pulled.'
    ),
  secret: secret.optional(),
})

export const endpointChange = changeOf('EndpointChange', {
  url,
  description,
  event_types: eventTypes,
  books,
  format,
  legacy_signature,
  headers,
  rate_limit,
  min_interval_minutes,
  digest,
  digest_hour,
  when,
  texts,
  moderation_links,
})

export const rotation = bodyOf('Rotation', { grace_seconds: graceSeconds, secret: secret.optional() })

/** Rejects any field, because an ignored field would appear to have an effect. */
export const noFields = bodyOf('NoFields', {})
