import type { Provider, Scheme } from './provider'
import { bodyMac, listMac, standardWebhooks, timedMac } from './schemes'

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

/** Mail, messages, forms, support, accounts. */
export const PEOPLE: readonly Provider[] = [
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
    slug: 'resend',
    name: 'Resend',
    secret: { what: 'Signing secret (whsec_...)', where: 'Webhooks > the webhook', by: 'provider' },
    setup: 'Under Webhooks, add this address, then copy the signing secret here.',
    docs: 'https://resend.com/docs/webhooks/verify-webhooks-requests',
    schemes: standardWebhooks('svix'),
    eventType: ['body:type'],
    deliveryId: ['header:svix-id'],
    sample: {
      headers: { 'svix-id': 'msg_{uuid}' },
      body: '{"type":"email.delivered","created_at":"{iso}","data":{"to":["mira@example.com"],"subject":"Thanks for signing"}}',
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
  {
    slug: 'zendesk',
    name: 'Zendesk',
    secret: {
      what: 'Signing secret',
      where: 'Admin center > Apps and integrations > Webhooks > the webhook',
      by: 'provider',
    },
    setup:
      'In the Admin center, under Apps and integrations > Webhooks, create one with this address, then reveal its signing secret and copy it here.',
    docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
    schemes: [
      timedMac('x-zendesk-webhook-signature', 'base64', '{timestamp}{body}', {
        at: 'header:x-zendesk-webhook-signature-timestamp',
        unit: 'iso',
        tolerance: 300,
      }),
    ],
    eventType: ['body:type'],
    deliveryId: ['body:id', 'header:x-zendesk-webhook-invocation-id'],
    sample: {
      headers: { 'x-zendesk-webhook-invocation-id': '{now_ms}' },
      body: '{"type":"zen:event-type:ticket.created","id":"{uuid}","time":"{iso}","detail":{"id":"35436","subject":"Cannot sign the guestbook"}}',
    },
  },
  {
    slug: 'intercom',
    name: 'Intercom',
    secret: {
      what: 'Client secret of the app',
      where: 'Developer hub > the app > Basic information',
      by: 'provider',
    },
    setup: 'In the Developer hub, under Webhooks of your app, enter this address and the topics.',
    docs: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks',
    schemes: [bodyMac('x-hub-signature', 'hex', 'sha1=', 'SHA-1')],
    eventType: ['body:topic'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"type":"notification_event","id":"notif_{uuid}","topic":"conversation.user.created","data":{"item":{"type":"conversation","title":"A question"}}}',
    },
  },
  {
    slug: 'typeform',
    name: 'Typeform',
    secret: { what: 'Secret', where: 'Form > Connect > Webhooks > Edit', by: 'owner' },
    setup:
      'Under Connect > Webhooks of the form, add this address, edit it to set the secret, then switch it on.',
    docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
    schemes: [bodyMac('typeform-signature', 'base64', 'sha256=')],
    eventType: ['body:event_type'],
    deliveryId: ['body:event_id'],
    sample: {
      body: '{"event_id":"{uuid}","event_type":"form_response","form_response":{"form_id":"gbForm","submitted_at":"{iso}","answers":[{"type":"text","text":"Mira"}]}}',
    },
  },
  {
    slug: 'calendly',
    name: 'Calendly',
    secret: {
      what: 'Signing key',
      where: 'Sent as signing_key when the subscription is created',
      by: 'owner',
    },
    setup:
      'Create the subscription by the API: POST /webhook_subscriptions with this address as url and the secret as signing_key.',
    docs: 'https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures',
    schemes: [
      listMac(
        'calendly-webhook-signature',
        { time: 't=', signature: 'v1=' },
        '{timestamp}.{body}',
        {
          unit: 's',
          tolerance: 300,
        }
      ),
    ],
    eventType: ['body:event'],
    deliveryId: [],
    sample: {
      body: '{"created_at":"{iso}","event":"invitee.created","payload":{"name":"Mira","email":"mira@example.com","scheduled_event":{"name":"Guestbook chat"}}}',
    },
  },
  {
    slug: 'cal-com',
    name: 'Cal.com',
    secret: { what: 'Secret', where: 'Settings > Developer > Webhooks', by: 'owner' },
    setup: 'Under Settings > Developer > Webhooks, add this address and the secret.',
    docs: 'https://cal.com/docs/developing/guides/automation/webhooks',
    schemes: [bodyMac('x-cal-signature-256', 'hex')],
    eventType: ['body:triggerEvent'],
    deliveryId: [],
    sample: {
      body: '{"triggerEvent":"BOOKING_CREATED","createdAt":"{iso}","payload":{"title":"Intro call","attendees":[{"name":"Mira"}],"uid":"{uuid}"}}',
    },
  },
  {
    slug: 'pagerduty',
    name: 'PagerDuty',
    secret: {
      what: 'Webhook secret',
      where: 'Shown once, when the webhook is created',
      by: 'provider',
    },
    setup:
      'Under Integrations > Generic webhooks (v3), create one with this address and copy its secret here.',
    docs: 'https://docs.pagerduty.com/developer/verifying-webhook-signatures',
    schemes: [
      {
        kind: 'hmac',
        hash: 'SHA-256',
        signature: { at: 'header:x-pagerduty-signature', list: ',', prefix: 'v1=' },
        encoding: 'hex',
        signed: '{body}',
      },
    ],
    eventType: ['body:event.event_type'],
    deliveryId: ['body:event.id'],
    sample: {
      body: '{"event":{"id":"{uuid}","event_type":"incident.triggered","occurred_at":"{iso}","data":{"title":"Guestbook queue is stuck","urgency":"high"}}}',
    },
  },
  {
    slug: 'clerk',
    name: 'Clerk',
    secret: {
      what: 'Signing secret (whsec_...)',
      where: 'Configure > Webhooks > the endpoint',
      by: 'provider',
    },
    setup: 'Under Configure > Webhooks, add an endpoint with this address, then copy its secret.',
    docs: 'https://clerk.com/docs/guides/development/webhooks/syncing',
    schemes: standardWebhooks('svix'),
    eventType: ['body:type'],
    deliveryId: ['header:svix-id'],
    sample: {
      headers: { 'svix-id': 'msg_{uuid}' },
      body: '{"object":"event","type":"user.created","timestamp":{now_ms},"data":{"id":"user_2kZ9","first_name":"Mira"}}',
    },
  },
  {
    slug: 'workos',
    name: 'WorkOS',
    secret: {
      what: 'Signing secret',
      where: 'Developer > Webhooks > the endpoint',
      by: 'provider',
    },
    setup: 'Under Webhooks, create an endpoint with this address, then copy its signing secret.',
    docs: 'https://workos.com/docs/events/data-syncing/webhooks',
    schemes: [
      listMac('workos-signature', { time: 't=', signature: 'v1=' }, '{timestamp}.{body}', {
        unit: 'ms',
        tolerance: 180,
      }),
    ],
    eventType: ['body:event'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"id":"event_{uuid}","event":"dsync.user.created","created_at":"{iso}","data":{"object":"directory_user","first_name":"Mira"}}',
    },
  },
  {
    slug: 'telnyx',
    name: 'Telnyx',
    secret: {
      what: 'Public key',
      where: 'Account settings > Keys & credentials',
      by: 'provider',
    },
    setup:
      'Set this address as webhook URL of the profile or the application; the public key of the account goes here.',
    docs: 'https://developers.telnyx.com/docs/development/api-fundamentals/webhooks',
    schemes: [
      {
        kind: 'ed25519',
        key: 'raw',
        signature: { at: 'header:telnyx-signature-ed25519' },
        encoding: 'base64',
        signed: '{timestamp}|{body}',
        timestamp: { at: 'header:telnyx-timestamp', unit: 's', tolerance: 300 },
      },
    ],
    eventType: ['body:data.event_type'],
    deliveryId: ['body:data.id'],
    sample: {
      body: '{"data":{"event_type":"message.received","id":"{uuid}","occurred_at":"{iso}","payload":{"type":"SMS","text":"Lovely page!"}}}',
    },
  },
  {
    slug: 'ghost',
    name: 'Ghost',
    secret: {
      what: 'Secret',
      where: 'Settings > Integrations > the custom integration > the webhook',
      by: 'owner',
    },
    setup:
      'Under Settings > Integrations, add a custom integration and in it a webhook with this address and the secret.',
    docs: 'https://docs.ghost.org/webhooks',
    // Since the middle of 2024. Before, the time was not signed: those can be described as custom-hmac.
    schemes: [
      listMac('x-ghost-signature', { time: 't=', signature: 'sha256=' }, '{body}{timestamp}', {
        unit: 'ms',
        tolerance: 300,
      }),
    ],
    eventType: ['body:event'],
    deliveryId: [],
    sample: {
      body: '{"event":"post.published","post":{"current":{"id":"{uuid}","title":"Hello guestbook","url":"https://blog.example/hello/"}}}',
    },
  },
]
