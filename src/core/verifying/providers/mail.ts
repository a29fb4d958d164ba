import type { Provider, Scheme } from '../scheme'
import { timestampedHmac } from './schemes'

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
  {
    slug: 'twilio',
    name: 'Twilio',
    secret: { what: 'Auth token', where: 'Console > Account info', by: 'provider' },
    setup: 'Set this exact URL as the webhook or status callback for the number or service, with the method POST.',
    docs: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
    schemes: TWILIO,
    eventType: ['body:MessageStatus', 'body:SmsStatus', 'body:CallStatus', 'body:0.type'],
    deliveryId: ['header:i-twilio-idempotency-token'],
    sample: {
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'i-twilio-idempotency-token': '{uuid}' },
      body: 'SmsStatus=received&Body=Lovely%20page!&From=%2B447700900123&To=%2B442071838750&MessageSid=SM0000&NumMedia=0',
    },
  },
  {
    slug: 'sendgrid',
    name: 'SendGrid',
    secret: {
      what: 'Verification key (MFkw...)',
      where: 'Settings > Mail settings > Event webhooks > Signed event webhook',
      by: 'provider',
    },
    setup:
      'Under Settings > Mail settings > Event webhooks, create a webhook with this URL. Turn on the signed event webhook, save, and copy the verification key here.',
    docs: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
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
    deliveryId: [],
    sample: {
      body: '[{"email":"mira@example.com","timestamp":{now},"event":"delivered","sg_event_id":"{uuid}","response":"250 OK"}]\r\n',
    },
  },
  {
    slug: 'mailgun',
    name: 'Mailgun',
    secret: { what: 'HTTP webhook signing key', where: 'API security', by: 'provider' },
    setup:
      'Under Sending > Webhooks, add this URL for the events that you need. Mailgun signs only a timestamp and a token, so the signature does not protect the content of the event.',
    docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
    schemes: [mailgun('body:signature.'), mailgun('body:')],
    eventType: ['body:event-data.event', 'body:event'],
    // Only the timestamp and the token are signed. The token is the event ID, so it cannot be reused for another event.
    deliveryId: ['body:signature.token', 'body:token', 'body:event-data.id'],
    sample: {
      body: '{"signature":{"token":"{uuid}","timestamp":"{now}","signature":"{signature}"},"event-data":{"id":"{uuid}","event":"delivered","recipient":"mira@example.com"}}',
    },
  },
  {
    slug: 'postmark',
    name: 'Postmark',
    secret: {
      what: 'Username and password, as user:password',
      where: 'Webhooks > Basic auth credentials',
      by: 'owner',
    },
    setup:
      'In the message stream, under Webhooks, add a webhook with this URL. Enter the username and password from the secret as its basic auth credentials.',
    docs: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
    schemes: [{ kind: 'shared-secret', at: 'header:authorization', format: 'basic' }],
    eventType: ['body:RecordType'],
    deliveryId: [],
    sample: {
      body: '{"RecordType":"Delivery","MessageID":"{uuid}","Recipient":"mira@example.com","DeliveredAt":"{iso}"}',
    },
  },
  {
    slug: 'hubspot',
    name: 'HubSpot',
    secret: { what: 'Client secret of the app', where: 'The app > Auth', by: 'provider' },
    setup:
      'On the Webhooks page of your app, set this URL as the target URL and add subscriptions. The client secret is on the Auth page.',
    docs: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
    // The documentation says that some escapes in the URL are decoded. HubSpot's own library decodes none of them.
    schemes: ['{uri}', '{url}'].map((url) =>
      timestampedHmac('x-hubspot-signature-v3', 'base64', `{method}${url}{body}{timestamp}`, HUBSPOT_TIME)
    ),
    eventType: ['body:0.subscriptionType'],
    deliveryId: [],
    sample: {
      body: '[{"eventId":{now},"subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":46987001,"propertyName":"firstname","propertyValue":"Mira"}]',
    },
  },
]
