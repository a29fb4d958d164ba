import type { Provider, Scheme } from '../scheme'
import { service, timestampedHmac } from './schemes'

/** Twilio signs the URL with or without its port. Its own library also tries both. */
const TWILIO: readonly Scheme[] = ['{url}', '{url-port}', '{url+port}'].map((url) => ({
  kind: 'hmac',
  hash: 'SHA-1',
  signature: { at: 'header:x-twilio-signature' },
  encoding: 'base64',
  signed: `${url}{form}`,
  bodyHash: 'query:bodySHA256',
}))

const HUBSPOT_TIME = { at: 'header:x-hubspot-request-timestamp', unit: 'ms', tolerance: 300 } as const

/** @param prefix the path to the signature fields */
function mailgun(prefix: 'body:' | 'body:signature.'): Scheme {
  const timestamp = { at: `${prefix}timestamp`, unit: 's', tolerance: 43_200 } as const
  const signature = { at: `${prefix}signature` } as const
  return { kind: 'hmac', hash: 'SHA-256', signature, encoding: 'hex', signed: `{timestamp}{${prefix}token}`, timestamp }
}

/** Providers for email, text messages, and marketing. */
export const MAIL: readonly Provider[] = [
  service('twilio', 'Twilio', 'provider', {
    schemes: TWILIO,
    eventType: ['body:MessageStatus', 'body:SmsStatus', 'body:CallStatus', 'body:0.type'],
    deliveryId: ['header:i-twilio-idempotency-token'],
  }),
  service('sendgrid', 'SendGrid', 'provider', {
    schemes: [
      {
        kind: 'ecdsa-p256',
        key: 'spki',
        signature: { at: 'header:x-twilio-email-event-webhook-signature' },
        encoding: 'base64',
        signed: '{timestamp}{body}',
        timestamp: { at: 'header:x-twilio-email-event-webhook-timestamp', unit: 's', tolerance: 86_400 },
      },
    ],
    eventType: ['body:0.event'],
  }),
  service('mailgun', 'Mailgun', 'provider', {
    schemes: [mailgun('body:signature.'), mailgun('body:')],
    eventType: ['body:event-data.event', 'body:event'],
    // Only the timestamp and the token are signed. The token is the event ID, so it cannot be reused for another event.
    deliveryId: ['body:signature.token', 'body:token', 'body:event-data.id'],
  }),
  service('postmark', 'Postmark', 'owner', {
    schemes: [{ kind: 'shared-secret', at: 'header:authorization', format: 'basic' }],
    eventType: ['body:RecordType'],
  }),
  service('hubspot', 'HubSpot', 'provider', {
    // The documentation says that some escapes in the URL are decoded. HubSpot's own library decodes none of them.
    schemes: ['{uri}', '{url}'].map((url) =>
      timestampedHmac('x-hubspot-signature-v3', 'base64', `{method}${url}{body}{timestamp}`, HUBSPOT_TIME)
    ),
    eventType: ['body:0.subscriptionType'],
  }),
]
