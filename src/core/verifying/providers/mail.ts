import type { Provider, Scheme } from '../scheme'
import { timedMac } from './schemes'

/** The URL with its port, without it, or as it is: senders differ, and Twilio's own library tries them in turn. */
const TWILIO: readonly Scheme[] = ['{url}', '{url-port}', '{url+port}'].map((url) => ({
  kind: 'hmac',
  hash: 'SHA-1',
  signature: { at: 'header:x-twilio-signature' },
  encoding: 'base64',
  signed: `${url}{form}`,
  bodyHash: 'query:bodySHA256',
}))

const HUBSPOT_TIME = {
  at: 'header:x-hubspot-request-timestamp',
  unit: 'ms',
  tolerance: 300,
} as const

function mailgun(prefix: string): Scheme[] {
  const field = (name: string) => `body:${prefix}${name}` as const
  const timestamp = { at: field('timestamp'), unit: 's', tolerance: 43_200 } as const
  const signed = `{timestamp}{${field('token')}}`
  return [
    {
      kind: 'hmac',
      hash: 'SHA-256',
      signature: { at: field('signature') },
      encoding: 'hex',
      signed,
      timestamp,
    },
  ]
}

/** Mail and messages. */
export const MAIL: readonly Provider[] = [
  {
    slug: 'twilio',
    name: 'Twilio',
    secret: { what: 'Auth token', where: 'Console > Account info', by: 'provider' },
    setup:
      'Set this address, exactly as it is, as the webhook or the status callback of the number or the service, by POST.',
    docs: 'https://www.twilio.com/docs/usage/webhooks/webhooks-security',
    schemes: TWILIO,
    eventType: ['body:MessageStatus', 'body:SmsStatus', 'body:CallStatus', 'body:0.type'],
    deliveryId: ['header:i-twilio-idempotency-token'],
    sample: {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'i-twilio-idempotency-token': '{uuid}',
      },
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
      'Under Mail settings > Event webhooks, create one with this address, enable the signed event webhook, save, and copy the verification key here.',
    docs: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
    schemes: [
      {
        kind: 'ecdsa-p256',
        key: 'spki',
        signature: { at: 'header:x-twilio-email-event-webhook-signature' },
        encoding: 'base64',
        signed: '{timestamp}{body}',
        timestamp: {
          at: 'header:x-twilio-email-event-webhook-timestamp',
          unit: 's',
          tolerance: 86_400,
        },
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
      'Under Sending > Webhooks, add this address for the events that you want. Only a time stamp and a token are signed, not what the event says.',
    docs: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
    schemes: [...mailgun('signature.'), ...mailgun('')],
    eventType: ['body:event-data.event', 'body:event'],
    // The token first: it is what is signed, so one that was caught cannot sign another event.
    deliveryId: ['body:signature.token', 'body:token', 'body:event-data.id'],
    sample: {
      body: '{"signature":{"token":"{uuid}","timestamp":"{now}","signature":"{signature}"},"event-data":{"id":"{uuid}","event":"delivered","recipient":"mira@example.com"}}',
    },
  },
  {
    slug: 'postmark',
    name: 'Postmark',
    secret: {
      what: 'User name and password, as user:password',
      where: 'Webhooks > Basic auth credentials',
      by: 'owner',
    },
    setup:
      'In the message stream, under Webhooks, add one with this address and the user name and password of the secret.',
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
      'On the Webhooks page of your app, set this address as target URL and add subscriptions; the client secret is on its Auth page.',
    docs: 'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
    // Its page decodes some escapes of the URL, its own library none.
    schemes: ['{uri}', '{url}'].map((url) =>
      timedMac('x-hubspot-signature-v3', 'base64', `{method}${url}{body}{timestamp}`, HUBSPOT_TIME)
    ),
    eventType: ['body:0.subscriptionType'],
    deliveryId: [],
    sample: {
      body: '[{"eventId":{now},"subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":46987001,"propertyName":"firstname","propertyValue":"Mira"}]',
    },
  },
]
