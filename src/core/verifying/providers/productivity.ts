import type { Provider } from '../scheme'
import { bodyHmac, listHmac, timestampedHmac } from './schemes'

/** Providers for support, forms, meetings, alerts, accounts, and publishing. */
export const PRODUCTIVITY: readonly Provider[] = [
  {
    slug: 'zendesk',
    name: 'Zendesk',
    secret: {
      what: 'Signing secret',
      where: 'Admin Center > Apps and integrations > Webhooks > the webhook',
      by: 'provider',
    },
    setup:
      'In the Admin Center, under Apps and integrations > Webhooks, create a webhook with this URL. Then reveal its signing secret and copy it here.',
    docs: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
    schemes: [
      timestampedHmac('x-zendesk-webhook-signature', 'base64', '{timestamp}{body}', {
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
    secret: { what: 'Client secret of the app', where: 'Developer Hub > the app > Basic information', by: 'provider' },
    setup: 'In the Developer Hub, on the Webhooks page of your app, enter this URL and select topics.',
    docs: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks',
    schemes: [bodyHmac('x-hub-signature', 'hex', 'sha1=', 'SHA-1')],
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
      'In the form, under Connect > Webhooks, add a webhook with this URL. Edit it to set the secret, then turn it on.',
    docs: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
    schemes: [bodyHmac('typeform-signature', 'base64', 'sha256=')],
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
      where: 'The signing_key field of the request that creates the subscription',
      by: 'owner',
    },
    setup:
      'Create the subscription through the API: POST /webhook_subscriptions with this URL as url and the secret as signing_key.',
    docs: 'https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures',
    schemes: [
      listHmac('calendly-webhook-signature', ['t=', 'v1='], '{timestamp}.{body}', { unit: 's', tolerance: 300 }),
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
    setup: 'Under Settings > Developer > Webhooks, add a webhook with this URL and the secret.',
    docs: 'https://cal.com/docs/developing/guides/automation/webhooks',
    schemes: [bodyHmac('x-cal-signature-256', 'hex')],
    eventType: ['body:triggerEvent'],
    deliveryId: [],
    sample: {
      body: '{"triggerEvent":"BOOKING_CREATED","createdAt":"{iso}","payload":{"title":"Intro call","attendees":[{"name":"Mira"}],"uid":"{uuid}"}}',
    },
  },
  {
    slug: 'pagerduty',
    name: 'PagerDuty',
    secret: { what: 'Webhook secret', where: 'Shown once, when you create the webhook', by: 'provider' },
    setup: 'Under Integrations > Generic webhooks (v3), create a webhook with this URL. Then copy its secret here.',
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
    slug: 'workos',
    name: 'WorkOS',
    secret: { what: 'Signing secret', where: 'Developer > Webhooks > the endpoint', by: 'provider' },
    setup: 'Under Developer > Webhooks, create an endpoint with this URL. Then copy its signing secret here.',
    docs: 'https://workos.com/docs/events/data-syncing/webhooks',
    schemes: [listHmac('workos-signature', ['t=', 'v1='], '{timestamp}.{body}', { unit: 'ms', tolerance: 180 })],
    eventType: ['body:event'],
    deliveryId: ['body:id'],
    sample: {
      body: '{"id":"event_{uuid}","event":"dsync.user.created","created_at":"{iso}","data":{"object":"directory_user","first_name":"Mira"}}',
    },
  },
  {
    slug: 'telnyx',
    name: 'Telnyx',
    secret: { what: 'Public key', where: 'Account settings > Keys & credentials', by: 'provider' },
    setup: "Set this URL as the webhook URL for the profile or application. Then copy the account's public key here.",
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
    secret: { what: 'Secret', where: 'Settings > Integrations > the custom integration > the webhook', by: 'owner' },
    setup:
      'Under Settings > Integrations, add a custom integration. In it, add a webhook with this URL and the secret.',
    docs: 'https://docs.ghost.org/webhooks',
    // Ghost has signed the timestamp since mid-2024. Use custom-hmac for older versions. If this row accepted both, a
    // signature of `{body}{timestamp}` would also be valid for a body that ends with the timestamp.
    schemes: [listHmac('x-ghost-signature', ['t=', 'sha256='], '{body}{timestamp}', { unit: 'ms', tolerance: 300 })],
    eventType: ['body:event', 'key:post', 'key:page', 'key:member', 'key:tag'],
    deliveryId: [],
    sample: {
      body: '{"event":"post.published","post":{"current":{"id":"{uuid}","title":"Hello guestbook","url":"https://blog.example/hello/"}}}',
    },
  },
  {
    slug: 'elevenlabs',
    name: 'ElevenLabs',
    secret: { what: 'Webhook secret', where: 'Settings > Webhooks (shown once)', by: 'provider' },
    setup:
      "In the workspace settings, create a webhook with this URL and copy its secret here. Then select the webhook in the product's settings.",
    docs: 'https://elevenlabs.io/docs/eleven-api/resources/webhooks',
    schemes: [listHmac('elevenlabs-signature', ['t=', 'v0='], '{timestamp}.{body}', { unit: 's', tolerance: 1_800 })],
    eventType: ['body:type'],
    deliveryId: [],
    sample: {
      body: '{"type":"post_call_transcription","event_timestamp":{now},"data":{"agent_id":"agent_01","conversation_id":"conv_{uuid}","status":"done"}}',
    },
  },
]
